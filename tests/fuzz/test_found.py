"""What the fuzzer found once, by the least that shows it."""

import io
import zipfile

import pytest

from apps.dicom.errors import Unreadable
from apps.dicom.xml_reading import read_native_model
from apps.uploads import zips
from apps.uploads.dicomdir import referenced_files
from apps.uploads.entries import Place, Problem
from apps.uploads.sources import Budget, Source
from tests.fuzz.readers import read_json, read_xml
from tests.uploads import media

PRIVATE = '<DicomAttribute tag="00090001" vr="LO" privateCreator="A"><Value number="1">x</Value></DicomAttribute>'


def document(inside: str, encoding: str = "UTF-8") -> bytes:
    name = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
    model = f'<NativeDicomModel xmlns="{name}">{inside}</NativeDicomModel>'
    return f'<?xml version="1.0" encoding="{encoding}"?>{model}'.encode()


def names(archive: bytes) -> list[str]:
    budget = Budget(len(archive))
    found = zips.members(Source(io.BytesIO(archive)), archive[:132], Place("a.zip", b"", 0, 0, 0), budget)
    return [each.label if isinstance(each, Problem) else each.place.label for each in found]


def test_a_sequence_where_a_private_creator_should_be() -> None:
    sequence = '<DicomAttribute tag="00090010" vr="SQ"><Item number="1"></Item></DicomAttribute>'
    found = read_native_model([document(sequence + PRIVATE)])
    assert found["00091101"]["Value"] == ["x"]


def test_a_character_set_without_a_representation() -> None:
    uid = '{"vr": "UI", "Value": ["1.2"]}'
    read_json(f'[{{"00080005": {{}}, "00080016": {uid}, "00080018": {uid}}}]'.encode())


@pytest.mark.parametrize("encoding", ["UTV-8", "shift_jis"])
def test_an_encoding_that_the_parser_does_not_know(encoding: str) -> None:
    with pytest.raises(Unreadable, match="send it in UTF-8"):
        read_xml(document("", encoding))


def test_records_of_a_dicomdir_that_are_no_items() -> None:
    written = media.dicomdir("A", "B")
    sequence = written.index(b"\x04\x00\x20\x12SQ")
    assert referenced_files(written[: sequence + 4] + b"LO\x05\x00IMAGE") == set()


def test_a_member_without_a_name() -> None:
    nameless = io.BytesIO()
    with zipfile.ZipFile(nameless, "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"x")
    assert names(nameless.getvalue()) == ["a.zip > "]


def test_a_member_before_the_start_of_the_archive() -> None:
    archive = bytearray(media.zipped({"a": b"x"}))
    place_of_directory = archive.rindex(b"PK\x05\x06") + 16
    # The directory claims to lie further behind than it does, so that its members begin before the first byte.
    archive[place_of_directory : place_of_directory + 4] = (1000).to_bytes(4, "little")
    assert names(bytes(archive)) == ["a.zip > a"]
