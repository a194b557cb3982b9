"""Matching a data set against an identifier (PS3.4 C.2.2.2)."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import Invalid
from apps.worklist.matching import matches

NAME, ID, UID, STEP = "00100010", "00100020", "0020000D", "00400100"


def key(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def name(text: str) -> dict[str, Any]:
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    return key("PN", {group: part for group, part in groups if part})


def step(**keys: dict[str, Any]) -> dict[str, Any]:
    return {STEP: key("SQ", {tag.lstrip("t"): value for tag, value in keys.items()})}


ITEM = {
    NAME: name("Müller^Jürgen^M=山田^太郎=やまだ^たろう"),
    ID: key("LO", "P-17"),
    "00100030": key("DA", "19800102"),
    "00101030": key("DS", 71.5),
    "00400400": key("LT"),
    UID: key("UI", "1.2.3"),
    "00404005": key("DT", "20240517093000"),
    STEP: key("SQ", {
        "00080060": key("CS", "PX"), "00400001": key("AE", "PANO1", "PANO2"), "00400002": key("DA", "20240517"),
        "00400003": key("TM", "093000"), "00400007": key("LO", "Panoramic, both jaws"),
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {NAME: key("PN")},
        {NAME: key("PN", None)},
        {NAME: name("*")},
        {ID: key("LO", "")},
        {STEP: key("SQ")},
        {STEP: key("SQ", {})},
        {STEP: key("SQ", None)},
        {"00104000": key("LT")},
        {"00080005": key("CS", "ISO_IR 192")},
        {"7FE00010": {"vr": "OW", "InlineBinary": "AAA="}},
    ],
)
def test_universal_keys_match_everything(keys: dict[str, Any]) -> None:
    assert matches(ITEM, keys)
    assert matches({}, keys)


@pytest.mark.parametrize(
    ("keys", "is_matched"),
    [
        ({ID: key("LO", "P-17")}, True),
        ({ID: key("LO", "p-17")}, False),
        ({ID: key("LO", "P-1")}, False),
        ({ID: key("LO", "P-*")}, True),
        ({ID: key("LO", "?-??")}, True),
        ({ID: key("LO", "?-?")}, False),
        ({ID: key("LO", "P.1?")}, False),
        ({ID: key("LO", "X", "P-17")}, True),
        ({UID: key("UI", "1.2.3")}, True),
        ({UID: key("UI", "1.2")}, False),
        ({UID: key("UI", "1.2", "1.2.3")}, True),
        ({"00101030": key("DS", "71.50")}, True),
        ({"00101030": key("DS", 71)}, False),
        ({"00104000": key("LT", "x")}, False),
        ({"00400400": key("LT", "x")}, False),
    ],
)
def test_single_values_wildcards_and_lists(keys: dict[str, Any], is_matched: bool) -> None:
    assert matches(ITEM, keys) is is_matched


@pytest.mark.parametrize(
    ("wanted", "is_matched"),
    [
        ("muller^jurgen", True),
        ("MÜLLER", True),
        ("Müller^*", True),
        ("*jur*", True),
        ("Mull", False),
        ("山田^太郎", True),
        ("=山田", True),
        ("==やまだ*", True),
        ("Muller=山田", True),
        ("Muller=田中", False),
        ("Doe", False),
    ],
)
def test_names_match_in_each_group_without_case_and_accents(wanted: str, is_matched: bool) -> None:
    assert matches(ITEM, {NAME: name(wanted)}) is is_matched


@pytest.mark.parametrize(("wanted", "is_matched"), [("Miller", True), ("Jurgen^Mull", True), ("Schmidt", False)])
def test_names_match_by_likeness_where_asked(wanted: str, is_matched: bool) -> None:
    assert matches(ITEM, {NAME: name(wanted)}, fuzzy=True) is is_matched
    assert not matches(ITEM, {NAME: name(wanted)})


@pytest.mark.parametrize(
    ("day", "time", "is_matched"),
    [
        ("20240517", "", True),
        ("20240516", "", False),
        ("20240510-20240520", "", True),
        ("20240518-", "", False),
        ("-20240517", "", True),
        ("", "0930", True),
        ("", "09", True),
        ("", "0900-0929", False),
        ("", "-10", True),
        ("20240517", "0900-1000", True),
        ("20240517", "1000-1100", False),
    ],
)
def test_dates_and_times(day: str, time: str, is_matched: bool) -> None:
    assert matches(ITEM, step(t00400002=key("DA", day), t00400003=key("TM", time))) is is_matched


def test_two_ranges_of_the_start_are_one_of_moments() -> None:
    """PS3.4 table K.6-1: from the first day's time to the last day's."""
    night = step(t00400002=key("DA", "20240516-20240517"), t00400003=key("TM", "2200-1000"))
    assert matches(ITEM, night)
    assert not matches(ITEM, step(t00400002=key("DA", "20240516-20240517"), t00400003=key("TM", "2200-0900")))


def test_other_dates_and_times_go_together_where_agreed() -> None:
    item = {"00080020": key("DA", "20240517"), "00080030": key("TM", "0930")}
    night = {"00080020": key("DA", "20240516-20240517"), "00080030": key("TM", "2200-1000")}
    assert matches(item, night, combined=True)
    with_no_hour = {"00080020": key("DA", "20240517"), "00080030": key("TM")}
    assert not matches(with_no_hour, night, combined=True)
    assert not matches(item, night)


@pytest.mark.parametrize(
    ("wanted", "is_matched"),
    [
        ("20240517", True),
        ("2024", True),
        ("2023-20240516", False),
        ("20240517093000-", True),
        ("-20240517093000", True),
        ("-2024051709", True),
        ("20240517100000-20240518", False),
        ("20240517000000+0000-20240519", True),
        ("20240510-0500-20240518-0500", True),
    ],
)
def test_date_times(wanted: str, is_matched: bool) -> None:
    assert matches(ITEM, {"00404005": key("DT", wanted)}) is is_matched


def test_moments_are_compared_whatever_their_offset() -> None:
    item = {"00404005": key("DT", "20240517093000+0200")}
    assert matches(item, {"00404005": key("DT", "20240517073000+0000")})
    assert not matches(item, {"00404005": key("DT", "20240517093000+0000")})


@pytest.mark.parametrize(
    ("inside", "is_matched"),
    [
        ({"00080060": key("CS", "PX"), "00400001": key("AE", "PANO2")}, True),
        ({"00080060": key("CS", "CT"), "00400001": key("AE", "PANO2")}, False),
        ({"00400007": key("LO", "*PANORAMIC*")}, True),
        ({"00400009": key("SH", "S1")}, False),
    ],
)
def test_an_item_of_a_sequence_matches_all_keys(inside: dict[str, Any], is_matched: bool) -> None:
    assert matches(ITEM, {STEP: key("SQ", inside)}) is is_matched


def test_keys_of_a_sequence_match_within_one_item() -> None:
    item = {STEP: key("SQ", {ID: key("LO", "1"), UID: key("UI", "1")}, None, {ID: key("LO", "2"), UID: key("UI", "2")})}
    assert matches(item, {STEP: key("SQ", {ID: key("LO", "2"), UID: key("UI", "2")})})
    assert not matches(item, {STEP: key("SQ", {ID: key("LO", "1"), UID: key("UI", "2")})})
    assert not matches({STEP: key("SQ")}, {STEP: key("SQ", {ID: key("LO", "1")})})


def nested(depth: int) -> dict[str, Any]:
    return {STEP: key("SQ", nested(depth - 1))} if depth else {ID: key("LO", "x")}


@pytest.mark.parametrize(
    "keys",
    [
        {UID: key("UI", "1..2")},
        {"00100030": key("DA", "1980-01-02")},
        {"00400003": key("TM", "25")},
        {"00404005": key("DT", "soon")},
        {"00404005": key("DT", "-")},
        {"00101030": key("DS", "heavy")},
        {ID: key("LO", "x" * 1025)},
        {ID: key("LO", "*a" * 9)},
        {ID: key("LO", *["x"] * 1001)},
        {STEP: key("SQ", {}, {})},
        {f"{tag:08X}": key("LO") for tag in range(201)},
        nested(9),
    ],
)
def test_what_cannot_be_matched_is_said(keys: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        matches(ITEM, keys)


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="*?\0\\", exclude_categories=["C", "Z"]), min_size=1, max_size=20
)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(texts, st.data())
def test_a_value_matches_itself_and_any_pattern_made_of_it(text: str, data: st.DataObject) -> None:
    item = {ID: key("LO", text)}
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for wanted in (text, f"{text[:start]}*{text[end:]}", text[:start] + "?" * (end - start) + text[end:]):
        assert matches(item, {ID: key("LO", wanted)})


@given(texts, texts)
def test_a_value_without_wildcards_matches_nothing_else(one: str, other: str) -> None:
    assert matches({ID: key("LO", one)}, {ID: key("LO", other)}) is (one == other)


@given(days, days, days)
def test_a_range_holds_the_days_from_its_start_to_its_end(day: date, low: date, high: date) -> None:
    item = {"00100030": key("DA", f"{day:%Y%m%d}"), "00404005": key("DT", f"{day:%Y%m%d}1200")}
    wanted = f"{low:%Y%m%d}-{high:%Y%m%d}"
    assert matches(item, {"00100030": key("DA", wanted)}) is (low <= day <= high)
    assert matches(item, {"00404005": key("DT", wanted)}) is (low <= day <= high)


@given(days, st.integers(-3, 3), st.times(), st.times())
def test_moments_lie_between_the_ends_of_both_ranges(day: date, off: int, hour: Any, bound: Any) -> None:
    moment = f"{day:%Y%m%d}", f"{hour:%H%M%S}"
    item = step(t00400002=key("DA", moment[0]), t00400003=key("TM", moment[1]))
    low = f"{day + timedelta(off):%Y%m%d}", f"{bound:%H%M%S}"
    keys = step(t00400002=key("DA", f"{low[0]}-21001231"), t00400003=key("TM", f"{low[1]}-235959"))
    assert matches(item, keys) is (low <= moment)


@given(st.dictionaries(st.sampled_from([NAME, ID, UID, "00100030", "00404005", "00101030"]), st.text(max_size=30)))
def test_any_identifier_is_matched_or_refused(values: dict[str, str]) -> None:
    vrs = {NAME: "PN", ID: "LO", UID: "UI", "00100030": "DA", "00404005": "DT", "00101030": "DS"}
    with suppress(Invalid):
        assert matches(ITEM, {tag: key(vrs[tag], text) for tag, text in values.items()}) in (True, False)
