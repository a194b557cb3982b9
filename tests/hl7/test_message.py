"""Messages read: any of them gives what was written, or a refusal in the reader's own words."""

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.hl7.v2.escapes import escaped, unescaped
from apps.hl7.v2.faults import Faulty
from apps.hl7.v2.head import Head
from apps.hl7.v2.message import (
    MOST_FIELDS,
    MOST_REPETITIONS,
    MOST_SEGMENTS,
    Delimiters,
    Message,
    Segment,
    parse,
)
from tests.hl7 import texts

HEAD = "MSH|^~\\&|PMS|NORTH|||2030||ADT^A04|C-1|P|2.5.1"
plain = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=30)
signs = st.permutations("|^~\\&#$%*!@+=:;").map(lambda mixed: "".join(mixed[:5]))


def segment(line: str, marks: Delimiters | None = None) -> Segment:
    return Segment(line, marks or Delimiters(), "utf_8")


@given(plain, signs)
def test_what_is_escaped_is_read_again_whatever_the_delimiters(text: str, marks: str) -> None:
    chosen = Delimiters(*marks)
    line = f"PID{chosen.field}{escaped(text, chosen)}{chosen.field}next"
    read = segment(line, chosen)
    assert read.value(1) == text.strip()
    assert read.value(2) == "next"


@given(st.lists(st.lists(plain, min_size=1, max_size=4), min_size=1, max_size=6))
def test_fields_and_components_are_those_that_were_written(fields: list[list[str]]) -> None:
    marks = Delimiters()
    line = "|".join("^".join(escaped(part, marks) for part in parts) for parts in fields)
    read = segment(f"ZZZ|{line}")
    for place, parts in enumerate(fields, start=1):
        assert [read.value(place, number) for number in range(1, len(parts) + 1)] == [part.strip() for part in parts]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        Head.of(data)
        message = parse(data.decode("latin-1"))
    except Faulty:
        return
    assert message.segments[0].name == "MSH"


@given(st.lists(st.text('|^~\\&ABCXZ"0123 .\r\n', max_size=60), max_size=6))
def test_any_segments_are_read_or_refused(lines: list[str]) -> None:
    try:
        message = parse("\r".join([HEAD, *lines]))
        read_all(message)
    except Faulty:
        return
    assert message.needed("MSH").value(9, 2) == "A04"


def read_all(message: Message) -> None:
    for each in message.segments:
        for field in range(1, 8):
            assert isinstance(each.value(field, 2, 2), str)
            assert len(each.repetitions(field)) <= MOST_REPETITIONS


def test_the_hl7_package_reads_the_same() -> None:
    text = texts.order()
    ours, theirs = parse(text), hl7.parse(text)
    for name, field, component in (("PID", 5, 2), ("PID", 3, 4), ("OBR", 4, 2), ("ORC", 7, 4), ("MSH", 9, 2)):
        found = ours.first(name)
        assert found is not None
        assert found.value(field, component) == str(theirs.segment(name)(field)(1)(component)), (name, field)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"),
        ("one\\.br\\two", "one\ntwo"),
        ("\\H\\loud\\N\\ and \\Zmine\\quiet", "loud and quiet"),
        ("M\\XC3BC\\ller", "Müller"),
        ("C:\\temp", "C:\\temp"),
        ("50\\% of \\Q\\", "50\\% of \\Q\\"),
        ('""', ""),
    ],
)
def test_escape_sequences(written: str, meant: str) -> None:
    assert segment(f"NTE|{written}").value(1) == meant


def test_hexadecimal_characters_are_of_the_messages_own_character_set() -> None:
    assert unescaped("M\\XFC\\ller", Delimiters(), "iso8859_1") == "Müller"


def test_delimiters_are_the_messages_own() -> None:
    message = parse("MSH*:?!%*PMS\rPID***P-1:::CLINIC*\r")
    pid = message.needed("PID")
    assert (pid.value(3), pid.value(3, 4)) == ("P-1", "CLINIC")
    assert message.needed("MSH").value(3) == "PMS"


@pytest.mark.parametrize("text", ["", "PID|1", "MSH", "MSH|", "MSH||||", "MSHA^~\\&|x", "MSH|^^~\\&|x", "BHS|^~\\&|"])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(Faulty):
        parse(text)


@pytest.mark.parametrize(
    "bomb",
    [
        HEAD + "\rZZZ|1" * (MOST_SEGMENTS + 1),
        HEAD + "\r" * (MOST_SEGMENTS + 10),
        HEAD + "\rPID" + "|" * (MOST_FIELDS + 2),
        HEAD + "\rPID||" + "~" * (MOST_REPETITIONS + 2),
    ],
)
def test_bombs_are_refused(bomb: str) -> None:
    with pytest.raises(Faulty, match="at most"):
        read_all(parse(bomb))


def test_components_beyond_what_anything_has_are_not_looked_at() -> None:
    assert segment("PID|" + "^" * 100_000).value(1, 2) == ""


def test_line_feeds_end_segments_too() -> None:
    for end in ("\n", "\r\n"):
        assert [each.name for each in parse(f"{HEAD}{end}PID|1{end}PV1|1").segments] == ["MSH", "PID", "PV1"]


def test_a_line_that_goes_on_is_refused_with_its_number() -> None:
    with pytest.raises(Faulty, match="Line 3"):
        parse(f"{HEAD}\rNTE|1||one\ntwo")
