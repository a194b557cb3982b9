"""Identifiers: what is written reads as the same, by us and by pydicom, and nothing else gets through."""

import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.identifiers import LIMITS, character_sets, decode, encode
from apps.dicom.syntax import EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN

DEFLATED = "1.2.840.10008.1.2.1.99"
SYNTAXES = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN, DEFLATED)
CHARSET = "00080005"
JAPANESE = ("", "ISO 2022 IR 87")

letters = st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\\^=")
words = st.text(letters, min_size=1, max_size=12)
names = st.fixed_dictionaries({}, optional=dict.fromkeys(("Alphabetic", "Ideographic", "Phonetic"), words))
VALUES: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("00080020", "DA"): st.sampled_from(["20260101", "20260101-20260131", "-20260131"]),
    ("00080052", "CS"): st.sampled_from(["STUDY", "SERIES"]),
    ("00081030", "LO"): words,
    ("00100010", "PN"): names.filter(bool),
    ("00104000", "LT"): words,
    ("0020000D", "UI"): st.from_regex(r"1(\.[1-9][0-9]{0,3}){1,5}", fullmatch=True),
    ("00200013", "IS"): st.integers(-(2**31), 2**31 - 1),
    ("00280009", "AT"): st.sampled_from(["00181063", "00181065"]),
    ("00280010", "US"): st.integers(0, 65535),
    ("00281054", "LO"): words,
    ("00189322", "FD"): st.floats(allow_nan=False, allow_infinity=False),
}


def elements(key: tuple[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    most = 1 if key[1] == "LT" else 3
    values = st.lists(VALUES[key], min_size=1, max_size=most).map(lambda found: {"vr": key[1], "Value": found})
    return st.one_of(st.just({"vr": key[1]}), values)


flat = st.fixed_dictionaries({}, optional={key[0]: elements(key) for key in VALUES})
items = st.one_of(st.just({"vr": "SQ"}), st.lists(flat, min_size=1, max_size=3).map(lambda v: {"vr": "SQ", "Value": v}))
data_sets = st.builds(lambda one, inner: one | {"00400275": inner}, flat, items)
charsets = st.sampled_from(
    [
        *[(), ("ISO_IR 100",), ("ISO_IR 144",), ("ISO_IR 192",), ("GB18030",), ("ISO_IR 13",), ("nonsense",), JAPANESE],
        *[("ISO_IR 13", "ISO 2022 IR 87"), ("", "ISO 2022 IR 149"), ("ISO 2022 IR 100", "ISO 2022 IR 126")],
    ]
)


def without_charset(attributes: dict[str, Any]) -> dict[str, Any]:
    return {tag: element for tag, element in attributes.items() if tag != CHARSET}


@settings(deadline=None)
@given(attributes=data_sets, syntax=st.sampled_from(SYNTAXES), sets=charsets)
def test_what_is_encoded_decodes_as_the_same(attributes: dict[str, Any], syntax: str, sets: tuple[str, ...]) -> None:
    data = encode(attributes, syntax, sets)
    found = decode(data, syntax)
    assert without_charset(found) == dict(sorted(attributes.items()))
    assert list(found) == sorted(found)
    assert not len(data) % 2


@settings(deadline=None)
@given(attributes=data_sets, syntax=st.sampled_from(SYNTAXES[:3]))
def test_pydicom_reads_the_same(attributes: dict[str, Any], syntax: str) -> None:
    found = read_by_pydicom(encode(attributes, syntax), syntax)
    expected = Dataset.from_json(attributes)
    assert without_charset(found.to_json_dict()) == expected.to_json_dict()


def read_by_pydicom(data: bytes, syntax: str) -> Dataset:
    explicit, little = syntax != IMPLICIT_VR_LITTLE_ENDIAN, syntax != EXPLICIT_VR_BIG_ENDIAN
    found = read_dataset(BytesIO(data), not explicit, little)
    found.decode()
    return found


def written_by_pydicom(syntax: str, **attributes: Any) -> bytes:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = syntax == IMPLICIT_VR_LITTLE_ENDIAN, syntax != EXPLICIT_VR_BIG_ENDIAN
    write_dataset(file, dataset)
    return file.getvalue()


@pytest.mark.parametrize("syntax", SYNTAXES[:3])
def test_what_pydicom_writes_is_read(syntax: str) -> None:
    request = Dataset()
    request.AccessionNumber = "A1"
    data = written_by_pydicom(
        syntax, SpecificCharacterSet=list(JAPANESE), QueryRetrieveLevel="STUDY", PatientName="*=山田*", PatientID="",
        StudyInstanceUID=["1.2.3", "1.2.4"], RequestAttributesSequence=[request], SeriesNumber=None,
    )  # fmt: skip
    found = decode(data, syntax)
    assert found["00100010"]["Value"] == [{"Alphabetic": "*", "Ideographic": "山田*"}]
    assert found["00100020"] == {"vr": "LO"}
    assert found["00200011"] == {"vr": "IS"}
    assert found["0020000D"]["Value"] == ["1.2.3", "1.2.4"]
    assert found["00400275"]["Value"] == [{"00080050": {"vr": "SH", "Value": ["A1"]}}]
    assert character_sets(found) == JAPANESE


def test_a_sequence_keeps_its_empty_item() -> None:
    for syntax in SYNTAXES:
        data = encode({"00400275": {"vr": "SQ", "Value": [{}]}}, syntax)
        assert decode(data, syntax) == {"00400275": {"vr": "SQ", "Value": [{}]}}


NAMES = [
    ("Doe^Jane", ("ISO_IR 100",), ()),
    ("Müller^Jörg", (), ("ISO_IR 192",)),
    ("Müller^Jörg", ("ISO_IR 100",), ("ISO_IR 100",)),
    ("Łukasz^Żółć", ("ISO_IR 100",), ("ISO_IR 192",)),
    ("Łukasz^Żółć", ("ISO_IR 101",), ("ISO_IR 101",)),
    ("Иванов^Иван", ("ISO_IR 144",), ("ISO_IR 144",)),
    ("Yamada^Tarou=山田^太郎=やまだ^たろう", JAPANESE, JAPANESE),
    ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", ("ISO_IR 13", "ISO 2022 IR 87"), ("ISO_IR 13", "ISO 2022 IR 87")),
    ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", ("ISO 2022 IR 13", "ISO 2022 IR 87"), ("ISO 2022 IR 13", "ISO 2022 IR 87")),
    ("Yamada^Tarou=山田^太郎", ("ISO_IR 100",), ("ISO_IR 192",)),
    ("Yamada^Tarou=山田^太郎", ("ISO_IR 13",), ("ISO_IR 192",)),
    ("Hong^Gildong=洪^吉洞=홍^길동", ("", "ISO 2022 IR 149"), ("", "ISO 2022 IR 149")),
    ("Wang^XiaoDong=王^小东", ("GB18030",), ("GB18030",)),
    ("Müller^Ελένη", ("ISO 2022 IR 100", "ISO 2022 IR 126"), ("ISO 2022 IR 100", "ISO 2022 IR 126")),
    ("Müller^Ελένη", ("nonsense",), ("ISO_IR 192",)),
]


@pytest.mark.parametrize(("name", "asked", "answered"), NAMES)
def test_no_name_is_lost(name: str, asked: tuple[str, ...], answered: tuple[str, ...]) -> None:
    """By pydicom's reading: the requestor's character sets where they can carry the name, else UTF-8."""
    groups = dict(zip(("Alphabetic", "Ideographic", "Phonetic"), name.split("="), strict=False))
    data = encode({"00100010": {"vr": "PN", "Value": [groups]}}, EXPLICIT_VR_LITTLE_ENDIAN, asked)
    assert character_sets(decode(data, EXPLICIT_VR_LITTLE_ENDIAN)) == answered
    assert decode(data, EXPLICIT_VR_LITTLE_ENDIAN)["00100010"]["Value"] == [groups]
    assert str(read_by_pydicom(data, EXPLICIT_VR_LITTLE_ENDIAN).PatientName) == name


def test_the_escapes_are_those_of_the_standard() -> None:
    """The examples of PS3.5 H.3.1, I.2 and K.3."""
    japanese = {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}
    data = encode({"00100010": {"vr": "PN", "Value": [japanese]}}, IMPLICIT_VR_LITTLE_ENDIAN, JAPANESE)
    assert b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B" in data
    korean = {"Alphabetic": "Hong^Gildong", "Ideographic": "洪^吉洞", "Phonetic": "홍^길동"}
    data = encode({"00100010": {"vr": "PN", "Value": [korean]}}, IMPLICIT_VR_LITTLE_ENDIAN, ("", "ISO 2022 IR 149"))
    assert b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf" in data
    chinese = {"Alphabetic": "Zhang^XiaoDong", "Ideographic": "张^小东"}
    data = encode({"00100010": {"vr": "PN", "Value": [chinese]}}, IMPLICIT_VR_LITTLE_ENDIAN, ("", "ISO 2022 IR 58"))
    assert b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab" in data


def test_a_name_of_several_scripts_in_an_item_is_not_lost() -> None:
    item = {"00401001": {"vr": "SH", "Value": ["Röntgen 山田"]}}
    for sets in (JAPANESE, ("ISO_IR 100",), ("ISO 2022 IR 100", "ISO 2022 IR 87")):
        found = decode(encode({"00400275": {"vr": "SQ", "Value": [item]}}, SYNTAXES[1], sets), SYNTAXES[1])
        assert found["00400275"]["Value"] == [item]


def test_a_long_text_becomes_unknown_in_explicit_vr() -> None:
    data = encode({"00081030": {"vr": "LO", "Value": ["x" * 70_000]}}, EXPLICIT_VR_LITTLE_ENDIAN)
    assert data[4:6] == b"UN"


@settings(deadline=None)
@given(data=st.binary(max_size=200), syntax=st.sampled_from(SYNTAXES))
def test_any_bytes_are_read_or_refused(data: bytes, syntax: str) -> None:
    try:
        decode(data, syntax)
    except Unreadable:
        return


@settings(deadline=None)
@given(attributes=data_sets, syntax=st.sampled_from(SYNTAXES), place=st.floats(0, 1), piece=st.binary(max_size=8))
def test_damaged_bytes_are_read_or_refused(attributes: dict[str, Any], syntax: str, place: float, piece: bytes) -> None:
    data = bytearray(encode(attributes, syntax))
    start = int(len(data) * place)
    data[start : start + len(piece)] = piece
    try:
        decode(bytes(data), syntax)
    except Unreadable:
        return


def test_bounds_on_size_depth_and_count() -> None:
    with pytest.raises(LimitExceeded):
        decode(bytes(LIMITS.header_bytes + 1), IMPLICIT_VR_LITTLE_ENDIAN)
    bomb = zlib.compressobj(wbits=-15)
    with pytest.raises(LimitExceeded):
        decode(bomb.compress(bytes(64 << 20)) + bomb.flush(), DEFLATED)
    nested: dict[str, Any] = {}
    for _ in range(LIMITS.depth + 1):
        nested = {"00400275": {"vr": "SQ", "Value": [nested]}}
    with pytest.raises(LimitExceeded):
        decode(encode(nested, IMPLICIT_VR_LITTLE_ENDIAN), IMPLICIT_VR_LITTLE_ENDIAN)
    many = {"00400275": {"vr": "SQ", "Value": [{}] * LIMITS.elements}}
    with pytest.raises(LimitExceeded):
        decode(encode(many, IMPLICIT_VR_LITTLE_ENDIAN), IMPLICIT_VR_LITTLE_ENDIAN)


def test_pixels_in_an_identifier_come_without_their_bytes() -> None:
    data = encode({"7FE00010": {"vr": "OW", "InlineBinary": "AAAA"}}, EXPLICIT_VR_LITTLE_ENDIAN)
    assert decode(data, EXPLICIT_VR_LITTLE_ENDIAN) == {"7FE00010": {"vr": "OW"}}


@pytest.mark.parametrize(
    "element", [{"vr": "LO", "Value": "text"}, {"Value": ["x"]}, {"vr": "XX", "Value": [1]}, {"vr": "SQ", "Value": [3]}]
)
def test_what_is_not_in_the_model_is_refused_without_its_value(element: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="0008103"):
        encode({"00081030": element}, IMPLICIT_VR_LITTLE_ENDIAN)
