"""The grammar of what fields are filled in with, its words, and how numbers are written."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dicom.sr_tree import Code
from apps.reports.content.filling_words import WORDS
from apps.reports.content.fillings import (
    LONGEST,
    MOST_WORDS,
    Choice,
    Filling,
    WrongFill,
    filling_of,
    parse,
    problems_of,
)
from apps.reports.content.structure import FieldKind
from apps.reports.filling.answering import GROUPS
from apps.reports.filling.units import factor
from apps.reports.filling.wording import iso_date, iso_time, plain_number
from tests.reports.filling.made import LENGTH, MM, field


def test_a_choice_of_words() -> None:
    choice = parse("measurement(SCT:410668003, unit='[hnsf''U]', label='it''s, a b') | study.date | 'none'").choice
    assert choice is not None
    measurement, date, text = choice.options
    assert text == "none"
    assert not isinstance(measurement, str)
    assert not isinstance(date, str)
    assert measurement.codes == {"concept": Code("", "410668003", "SCT")}
    assert measurement.texts == {"unit": "[hnsf'U]", "label": "it's, a b"}
    assert (date.name, date.group, date.detail) == ("study.date", "study", "date")


def test_a_text_with_words() -> None:
    filling = parse("At {series.kvp|'none'}[, {patient.age}] [[___]] {{}}")
    assert [each.name for each in filling.calls()] == ["series.kvp", "patient.age"]
    first, optional, last = filling.parts
    assert (first.pieces[0], first.is_optional, optional.is_optional) == ("At ", False, True)
    assert last.pieces == (" [___] {}",)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("no.such", "There is no word no.such"),
        ("", "Something is missing at the end"),
        ("study.date |", "Something is missing at the end"),
        ("study.date study.time", "not understood from here on: study.time"),
        ("{study.date", "Something is missing at the end"),
        ("{study.date} }", "not understood from here on: }"),
        ("{study.date} ]", "not understood from here on: ]"),
        ("[{study.date} [{study.date}]]", "not understood"),
        ("study.date(x)", "study.date takes no x there"),
        ("series.kvp(modality=CT, modality=MR)", "series.kvp takes no modality there"),
        ("measurement(410668003)", "410668003 is no code"),
        ("measurement(SCT:1, pick=best)", "takes one of newest, largest, smallest, not best"),
        ("calcium.agatston(LADX)", "takes one of TOTAL, LM, LAD, LCX, RCA, CORONARY, not LADX"),
        ("x" * (LONGEST + 1), "at most"),
        (" | ".join(["study.date"] * (MOST_WORDS + 1)), f"{MOST_WORDS} words at most"),
    ],
)
def test_what_is_refused(wrong: str, said: str) -> None:
    with pytest.raises(WrongFill, match=re.escape(said)):
        parse(wrong)


@given(st.text(alphabet="a.|(){}[]',:= studyde", max_size=60))
def test_nothing_else_is_raised(text: str) -> None:
    with suppress(WrongFill):
        assert isinstance(parse(text), Filling)


def test_every_word_has_somebody_to_ask() -> None:
    assert {name.partition(".")[0] for name in WORDS} == set(GROUPS)


@pytest.mark.parametrize(
    ("fill", "kind"),
    [
        ("study.description", FieldKind.NUMBER),
        ("'text'", FieldKind.NUMBER),
        ("{series.kvp}", FieldKind.NUMBER),
        ("prior.comparison", FieldKind.CHOICE),
        ("series.kvp", FieldKind.DATE),
        ("study.date", FieldKind.TIME),
        ("study.date", FieldKind.CHECK),
        ("measurement(unit=mm)", FieldKind.TEXT),
        ("no.such", FieldKind.TEXT),
    ],
)
def test_what_a_kind_of_field_can_not_take(fill: str, kind: FieldKind) -> None:
    assert problems_of(field(fill, kind))


@pytest.mark.parametrize(
    ("fill", "kind"),
    [
        ("series.kvp", FieldKind.NUMBER), ("prior.date", FieldKind.DATE), ("appointment.time", FieldKind.TIME),
        ("calcium.category", FieldKind.CHOICE), ("{series.kvp} | x", FieldKind.TEXT), ("", FieldKind.CHECK),
        ("measurement(site=SCT:1)", FieldKind.NUMBER),
    ],
)  # fmt: skip
def test_what_it_can(fill: str, kind: FieldKind) -> None:
    assert problems_of(field(fill, kind, code=LENGTH, unit=MM)) == ()


def test_a_number_with_code_and_unit_is_the_measurement_of_that() -> None:
    filling = filling_of(field("", FieldKind.NUMBER, code=LENGTH, unit=MM))
    assert filling is not None
    assert isinstance(filling.choice, Choice)
    assert [each.name for each in filling.calls()] == ["measurement"]
    assert filling_of(field("", FieldKind.NUMBER, code=LENGTH)) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.345, "12.35"), (12.0, "12"), (0.5, "0.5"), (0.01234, "0.0123"), (0.0, "0"), (-0.001, "-0.001"),
     (1e6, "1000000"), (-0.0, "0"), (1e-20, "0")],
)  # fmt: skip
def test_numbers_of_fields(value: float, text: str) -> None:
    assert plain_number(value) == text


def test_units_of_a_kind_become_each_other() -> None:
    assert factor("mm", "cm") == pytest.approx(0.1)
    assert factor("mL", "mm3") == pytest.approx(1000)
    assert factor("Gy.m2", "dGy.cm2") == pytest.approx(1e5)
    assert factor("[hnsf'U]", "[hnsf'U]") == 1
    assert factor("mm", "mm2") is None
    assert factor("", "mm") is None


def test_dates_and_times_of_dicom() -> None:
    assert (iso_date("20250310"), iso_date("2025"), iso_date("")) == ("2025-03-10", "", "")
    assert (iso_time("101500.123"), iso_time("10"), iso_time("")) == ("10:15", "", "")
