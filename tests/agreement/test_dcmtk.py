"""Metadata in JSON and XML beside what dcmtk's dcm2json and dcm2xml make of the same file.

Files are those that pydicom brings along, and those of the folder that FOVEA_TEST_SAMPLES names, where it is set.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from apps.dicom.errors import Unreadable
from apps.dicom.reader import read
from tests.agreement import dcmtk
from tests.agreement.dcmtk import Comparable
from tests.dicom.oracle import bundled_files
from tests.dicomweb.multiparts import parts_of

ENCAPSULATED: Final = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
# What is said differently on purpose, everywhere.
OURS: Final = {
    "00080005": "all text is handed out in UTF-8, whatever the file says (PS3.18 8.8)",
    "00080016": "in files that have it in the File Meta Information alone, or assigned (PS3.18 10.5.2)",
    "00080018": "the same",
    "0020000D": "assigned where it is missing",
    "0020000E": "assigned where it is missing",
    "00083002": "added for viewers, which tell videos by it (PS3.3 C.12.1)",
}
# What is said differently of single files.
DIFFERENT: Final = {
    "nul-and-control-chars-in-pn.dcm": {"00100010": "dcmtk ends a text at a NUL; here the NUL alone is left out"},
    "tags-out-of-order-and-duplicate.dcm": {"00100010": "of an element that is there twice dcmtk takes the first"},
}
# dcm2json gets no more of a file than this.
AFTER_PIXEL_DATA: Final = "7FE00010"


def samples() -> list[Path]:
    folder = os.environ.get("FOVEA_TEST_SAMPLES")
    more = sorted(path for path in Path(folder).rglob("*") if path.is_file()) if folder else []
    return [path for path in (*bundled_files(), *more) if _is_object(path)]


def _is_object(path: Path) -> bool:
    try:
        return "00041220" not in read(path.read_bytes()).attributes
    except (Unreadable, OSError):
        return False


FILES: Final = samples()
NAMES: Final = [path.name for path in FILES]


@pytest.mark.one_database
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_metadata_is_what_dcmtk_says(path: Path, client: Client, tmp_path: Path) -> None:
    place = _stored(path, client) + "/metadata"
    by_json, by_xml = dcmtk.dcm2json(_without_fragments(path, tmp_path)), dcmtk.dcm2xml(path)
    if by_json is None and by_xml is None:
        pytest.skip("dcmtk can't read this file")
    different = DIFFERENT.get(path.name, {}).keys()
    if by_json is not None:
        assert _differences(_by_json(place, client), by_json).keys() == different
    if by_xml is not None:
        assert _differences(_by_xml(place, client), by_xml).keys() <= different


def _by_json(place: str, client: Client) -> Comparable:
    answer = client.get(place, HTTP_ACCEPT="application/dicom+json")
    return dcmtk.from_json(json.loads(answer.content)[0])


def _by_xml(place: str, client: Client) -> Comparable:
    answer = client.get(place, HTTP_ACCEPT='multipart/related; type="application/dicom+xml"')
    [(_, document)] = parts_of(answer["Content-Type"], answer.getvalue())
    return dcmtk.from_xml(ET.fromstring(document))


def _stored(path: Path, client: Client) -> str:
    """The address of the file's instance, once it is stored."""
    answer = client.post("/dicom-web/studies", path.read_bytes(), "application/dicom")
    if answer.status_code == 409:
        pytest.skip(answer["Warning"])
    place: str = answer.json()["00081199"]["Value"][0]["00081190"]["Value"][0]
    return place.removeprefix("http://testserver")


def _without_fragments(path: Path, folder: Path) -> Path:
    """The file up to its encapsulated pixel data, which dcm2json can't write."""
    data = path.read_bytes()
    end = data.find(ENCAPSULATED)
    if end < 0:
        return path
    shorter = folder / "shorter.dcm"
    shorter.write_bytes(data[:end])
    return shorter


def _differences(ours: Comparable, theirs: Comparable) -> dict[str, object]:
    return dict(_different(ours, theirs, ""))


def _different(ours: Comparable, theirs: Comparable, path: str) -> Iterator[tuple[str, object]]:
    for tag in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(tag), theirs.get(tag)
        if mine == other or tag in OURS or _is_bulk(mine) or _is_bulk(other) or tag > AFTER_PIXEL_DATA:
            continue
        if mine and other and mine[0] == other[0] == "SQ" and len(mine[1]) == len(other[1]):
            for number, (one, two) in enumerate(zip(mine[1], other[1], strict=True), 1):
                yield from _different(one, two, f"{path}{tag}.{number}.")
        else:
            yield path + tag, (mine, other)


def _is_bulk(element: tuple[str, object] | None) -> bool:
    return element is not None and element[0] in dcmtk.BULK
