"""What may be entered, what is missing, what becomes of a change, how it reads: without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reports.content import changing, checking
from apps.reports.content.changing import Change, EntryChange
from apps.reports.content.comparing import MOST_WORDS, What, compared, differences
from apps.reports.content.composing import Facts, document, with_unit
from apps.reports.content.document import Document, Examination, Person
from apps.reports.content.entries import Content, Entry, Source, SourceKind
from apps.reports.content.structure import Field, FieldKind, Note, Section
from tests.reports.drafts.made import DENSE, MILLIMETRE, STRUCTURE

FACTS = Facts("draft", "North", "Ray^Xavier", Person("Doe^Jane", "P1"), Examination("1.2.3"))
MACHINE = Source(SourceKind.MEASUREMENT, "measured", "12")
ARABIC = "\u202bمريم\u202c <b>&amp;</b>"


def content(**values: Any) -> Content:
    return Content({key: Entry(value) for key, value in values.items()})


def of(**values: Any) -> Document:
    return document(STRUCTURE, content(**values), FACTS)


@pytest.mark.parametrize(
    ("key", "value", "is_right"),
    [
        ("why", "Cough", True),
        ("why", "two\nlines", False),
        ("text", "two\nlines", True),
        ("text", ARABIC, True),
        ("size", "12.5", True),
        ("size", "-3", True),
        ("size", "12,5", False),
        ("size", "1e9", False),
        ("size", "\u0661\u0662", False),
        ("size", "", True),
        ("kind", "d", True),
        ("kind", "dense", False),
        ("kind", ("d",), False),
        ("sides", ("r", "l"), True),
        ("sides", ("r", "r"), False),
        ("sides", ("x",), False),
        ("sides", "l", False),
        ("sides", (), True),
        ("contrast", checking.CHECKED, True),
        ("contrast", "yes", False),
        ("seen", "2026-03-01", True),
        ("seen", "2026-02-30", False),
        ("at", "14:30", True),
        ("at", "25:00", False),
    ],
)
def test_a_field_takes_what_its_kind_says(key: str, value: Any, is_right: bool):
    field = STRUCTURE.field(key)
    assert field is not None
    assert (checking.problem(field, value) is None) is is_right


def test_a_text_is_bounded():
    field = STRUCTURE.field("text")
    assert field is not None
    assert checking.problem(field, "x" * checking.MOST_CHARACTERS) is None
    assert "100000" in str(checking.problem(field, "x" * (checking.MOST_CHARACTERS + 1)))


@given(st.text())
def test_cleaning_takes_away_control_characters_alone(text: str):
    kept = checking.cleaned(text)
    assert checking.cleaned(kept) == kept
    shown = [each for each in text.replace("\r\n", "\n").replace("\r", "\n") if each in "\n\t" or each not in kept]
    assert not any(each.isprintable() for each in shown if each not in kept)
    str(kept).encode()
    assert "\0" not in kept


def test_what_is_missing_unconfirmed_or_out_of_range_keeps_a_report_from_being_signed():
    assert checking.missing(STRUCTURE, content()) == ("text", "impression")
    assert checking.missing(STRUCTURE, content(text=" ", impression="Fine.")) == ("text",)
    entries = {
        "text": Entry("Clear.", is_confirmed=False), "size": Entry("100"), "impression": Entry("Fine."),
        "kind": Entry("", is_confirmed=False),
    }  # fmt: skip
    reasons = dict(checking.unready(STRUCTURE, Content(entries)))
    assert set(reasons) == {"text", "size"}
    assert reasons["size"] == "Nodule: from 1 to 99."
    assert checking.unready(STRUCTURE, content(text="Clear.", impression="Fine.", size="99")) == ()


def test_a_change_leaves_what_it_does_not_say():
    before = Content({"size": Entry("12", MACHINE, is_confirmed=False), "why": Entry("Cough")}, (1, 2))
    change = Change({"size": EntryChange("13"), "why": None, "text": EntryChange("a\r\nb\0")}, measurements=(3, 3, 4))
    after = changing.changed(before, change)
    assert after.entries == {"size": Entry("13", MACHINE, is_confirmed=False), "text": Entry("a\nb")}
    assert after.entries["size"].is_edited
    assert after.measurements == (3, 4)
    typed = changing.changed(before, Change({"size": EntryChange(has_source=True, is_confirmed=True)}))
    assert typed.entries["size"] == Entry("12")


def test_what_can_not_be_kept_is_told_by_its_field():
    change = Change({"size": EntryChange("big"), "other": EntryChange("x"), "gone": None, "why": EntryChange("Cough")})
    told = dict(changing.problems(STRUCTURE, changing.changed(Content(), change), change))
    assert set(told) == {"entries.size", "entries.other"}
    many = Change(measurements=tuple(range(checking.MOST_MEASUREMENTS + 1)))
    assert dict(changing.problems(STRUCTURE, changing.changed(Content(), many), many)).keys() == {"measurements"}


def test_empty_fields_and_sections_are_left_out():
    assert of().passages == ()
    (findings,) = of(size="12.5").passages
    assert (findings.title, findings.code.value) == ("Findings", "121070")
    note, size = findings.statements
    assert (note.label, note.text) == ("", "Compared with earlier images.")
    assert (size.label, size.text, size.number, size.unit) == ("Nodule", "12.5 mm", 12.5, MILLIMETRE)
    assert findings.passages == ()


def test_what_is_chosen_is_printed_by_its_label_with_its_code():
    (findings,) = of(kind="d", sides=("r", "l"), contrast=checking.CHECKED, seen="2026-03-01").passages
    (more,) = findings.passages
    kind, sides, contrast, seen = more.statements
    assert (kind.text, kind.codes) == ("dense", (DENSE,))
    assert (sides.text, sides.codes) == ("left, right", ())
    assert (contrast.label, contrast.text) == ("", "Contrast agent was given")
    assert seen.text == "2026-03-01"


def test_a_note_alone_stands():
    structure = STRUCTURE.__class__("i", "t", "en", (Section("s", "Notice", items=(Note("Not certified."),)),))
    (passage,) = document(structure, Content(), FACTS).passages
    assert passage.statements[0].text == "Not certified."


def test_markup_and_turned_names_stay_as_they_are():
    made = of(text=ARABIC)
    assert next(each.text for each in made.statements() if each.label == "Lungs") == ARABIC
    assert Document.from_json(made.as_json()) == made


def test_units_are_printed_as_people_write_them():
    field = Field("a", FieldKind.NUMBER, "Angle", unit=MILLIMETRE)
    assert with_unit("45", field.unit) == "45 mm"
    assert with_unit("45", MILLIMETRE.__class__("degree", "deg", "UCUM")) == "45°"
    assert with_unit("3", MILLIMETRE.__class__()) == "3"


@given(st.text(alphabet="ab \n"), st.text(alphabet="ab \n"))
def test_a_difference_reads_as_before_and_as_after(before: str, after: str):
    parts = compared(before, after)
    assert "".join(part.text for part in parts if part.what != What.INSERTED) == before
    assert "".join(part.text for part in parts if part.what != What.DELETED) == after
    assert all(part.text for part in parts)


def test_words_are_compared():
    parts = compared("No nodule is seen.", "No large nodule is seen.")
    assert [(part.what.value, part.text) for part in parts] == [
        ("same", "No"), ("inserted", " large"), ("same", " nodule is seen."),
    ]  # fmt: skip


def test_a_long_stretch_goes_and_comes_as_a_whole():
    before, after = ("word " * MOST_WORDS).strip(), ("other " * MOST_WORDS).strip()
    assert [part.what for part in compared(before, after)] == [What.DELETED, What.INSERTED]


def test_differences_name_the_fields():
    found = differences(STRUCTURE, content(kind="d", why="Cough", old="x"), content(kind="g", why="Cough"))
    assert [each.key for each in found] == ["kind", "old"]
    assert [part.text for part in found[0].parts] == ["dense", "ground glass"]
    assert found[1].field is None


def test_a_label_that_says_what_its_heading_says_is_left_out():
    (impression,) = of(impression="Fine.").passages
    assert [(each.label, each.text) for each in impression.statements] == [("", "Fine.")]
