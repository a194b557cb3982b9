"""Files built of metadata, and metadata read from JSON and XML: what goes in comes out, whatever it is."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.dicom.building import file_pieces
from apps.dicom.encapsulation import Bulk, encapsulated, offset_tables
from apps.dicom.errors import Unreadable
from apps.dicom.json_reading import data_set_spans, load_data_set
from apps.dicom.reader import read
from apps.dicom.xml_model import native_model
from apps.dicom.xml_reading import read_native_model
from tests import dicoms

NAMED = {
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"]},
    "00080018": {"vr": "UI", "Value": ["1.2.3"]},
}
# Neither padding, which goes, nor the delimiter of values, nor what XML has no place for.
LETTERS = st.characters(exclude_categories=("C", "Z"), exclude_characters="\\^=")
TEXT = st.text(LETTERS, min_size=1, max_size=20)
PLAIN = st.text("ABC0123_", min_size=1, max_size=16)
NAMES = st.fixed_dictionaries({}, optional=dict.fromkeys(("Alphabetic", "Ideographic", "Phonetic"), TEXT)).filter(bool)
VALUES = {
    "00100010": ("PN", NAMES),
    "00080060": ("CS", PLAIN),
    "00081030": ("LO", TEXT),
    "00200013": ("IS", st.integers(-(2**31), 2**31 - 1)),
    "00180050": ("DS", st.integers(-(10**9), 10**9).map(lambda number: number / 1000)),
    "00189073": ("FD", st.floats(allow_nan=False, allow_infinity=False)),
    "00280009": ("AT", st.integers(0, 2**32 - 1).map("{:08X}".format)),
    "00280010": ("US", st.integers(0, 65535)),
    "00186020": ("SL", st.integers(-(2**31), 2**31 - 1)),
    "00420013": ("UV", st.integers(0, 2**53)),
}


def elements(tag: str) -> st.SearchStrategy[dict[str, Any]]:
    vr, values = VALUES[tag]
    several = st.lists(values, min_size=1, max_size=4)
    return several.map(lambda found: {"vr": vr, "Value": found}) | st.just({"vr": vr})


DATA_SETS = st.fixed_dictionaries({}, optional={tag: elements(tag) for tag in VALUES})
NESTED = st.builds(
    lambda root, items: root | {"00081140": {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}},
    DATA_SETS,
    st.lists(DATA_SETS, max_size=3),
)


def bulk_of(*contents: bytes, syntax: str = "") -> Sequence[Bulk]:
    def pieces(content: bytes, start: int, end: int) -> Iterator[bytes]:
        yield content[start:end]

    return [Bulk(len(each), lambda start, end, each=each: pieces(each, start, end), syntax) for each in contents]  # type: ignore[misc]


def built(attributes: dict[str, Any], bulk: Sequence[Bulk] = ()) -> bytes:
    pieces = file_pieces(attributes, lambda _: bulk, implementation_class_uid="1.2", implementation_version_name="T")
    return b"".join(pieces)


def known(attributes: dict[str, Any]) -> dict[str, Any]:
    return {tag: element for tag, element in attributes.items() if tag not in (*NAMED, "00080005")}


@given(NESTED)
def test_a_built_file_says_what_its_metadata_does(attributes: dict[str, Any]) -> None:
    assert known(read(built(NAMED | attributes)).attributes) == attributes


@given(NESTED)
def test_metadata_in_xml_says_what_it_does_in_json(attributes: dict[str, Any]) -> None:
    found = read_native_model([native_model(attributes)])
    assert known(read(built(NAMED | found)).attributes) == attributes


@given(st.lists(NESTED, max_size=4), st.sampled_from([None, orjson.OPT_INDENT_2]))
def test_an_array_is_taken_apart_into_its_data_sets(data_sets: list[dict[str, Any]], option: int | None) -> None:
    array = orjson.dumps(data_sets, option=option)
    assert [load_data_set(array, span) for span in data_set_spans(array)] == data_sets


@given(st.text('[]{},:"\\ \\n1a', max_size=40))
@settings(max_examples=400)
def test_an_array_is_whole_or_refused(text: str) -> None:
    """Whatever is taken for an array of objects by JSON itself is taken so here, and nothing else is."""
    source = text.encode()
    try:
        expected = orjson.loads(source)
    except orjson.JSONDecodeError:
        expected = None
    try:
        found = [load_data_set(source, span) for span in data_set_spans(source)]
    except Unreadable:
        found = None
    is_array = isinstance(expected, list) and all(isinstance(each, dict) for each in expected)
    assert found == (expected if is_array else [expected] if isinstance(expected, dict) else None)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_unreadable(data: bytes) -> None:
    for document in (data, native_model(NAMED)[: len(data)] + data):
        try:
            read_native_model([document])
        except Unreadable:
            continue


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=4))
def test_frames_come_out_of_their_items(frames: list[bytes]) -> None:
    found = bulk_of(*frames, syntax="1.2.840.10008.1.2.5")
    tables = offset_tables(found, extended=False)
    value = b"".join(encapsulated(found, tables.basic))
    first = 8 + len(tables.basic)
    for number, frame in enumerate(frames):
        at = first + int.from_bytes(tables.basic[4 * number : 4 * number + 4], "little")
        assert value[at : at + 4] == b"\xfe\xff\x00\xe0"
        assert value[at + 8 :].startswith(frame)


def test_an_extended_offset_table_stays_one() -> None:
    """PS3.3 C.7.6.3.1.8."""
    data = dicoms.encapsulated([dicoms.jpeg_like(40), dicoms.jpeg_like(60)], offset_table="extended")
    attributes = read(data).attributes
    again = read(
        built(attributes, bulk_of(dicoms.jpeg_like(40), dicoms.jpeg_like(60), syntax="1.2.840.10008.1.2.4.50"))
    )
    for tag in ("7FE00001", "7FE00002"):
        assert again.attributes[tag] == attributes[tag]


@pytest.mark.parametrize("depth", [32, 33])
def test_nesting_is_bounded(depth: int) -> None:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"00081140": {"vr": "SQ", "Value": [nested]}}
    if depth == 32:
        assert read(built(NAMED | nested)).attributes["00081140"]
    else:
        with pytest.raises(Unreadable, match="nested more than 32"):
            built(NAMED | nested)
