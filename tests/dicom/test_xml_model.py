"""The Native DICOM Model in XML (PS3.19 A.1), as other programs read it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from apps.dicom.reader import read
from apps.dicom.xml_model import NAMESPACE, native_model

ALL = f"{{{NAMESPACE}}}"


def written(**elements: Any) -> ET.Element:
    """The root of the document that these elements make; a keyword `x00100010` stands for its tag."""
    return ET.fromstring(native_model({name[1:]: element for name, element in elements.items()}))


def attribute(root: ET.Element, tag: str) -> ET.Element:
    found = root.find(f"{ALL}DicomAttribute[@tag='{tag}']")
    assert found is not None
    return found


def test_an_element_has_its_tag_vr_keyword_and_numbered_values() -> None:
    root = written(x00080060={"vr": "CS", "Value": ["CT"]}, x00080008={"vr": "CS", "Value": ["A", None, "B"]})
    assert root.tag == f"{ALL}NativeDicomModel"
    assert root[0].attrib == {"tag": "00080008", "vr": "CS", "keyword": "ImageType"}
    assert [(value.get("number"), value.text) for value in root[0]] == [("1", "A"), ("2", None), ("3", "B")]


def test_only_the_groups_of_a_person_name_that_are_not_empty_are_written() -> None:
    """PS3.19 A.1.5.2."""
    value = {"Alphabetic": "Yamada^Tarou^^Dr.^PhD", "Phonetic": "やまだ"}
    name = attribute(written(x00100010={"vr": "PN", "Value": [value]}), "00100010")[0]
    assert [group.tag.removeprefix(ALL) for group in name] == ["Alphabetic", "Phonetic"]
    alphabetic = {part.tag.removeprefix(ALL): part.text for part in name[0]}
    assert alphabetic == {"FamilyName": "Yamada", "GivenName": "Tarou", "NamePrefix": "Dr.", "NameSuffix": "PhD"}


def test_an_empty_element_has_no_content() -> None:
    """PS3.19 A.1.5.2."""
    assert not list(attribute(written(x00100030={"vr": "DA"}), "00100030"))


def test_a_private_element_names_its_creator_and_not_its_block() -> None:
    """PS3.19 A.1.5.2."""
    root = written(
        x00091110={"vr": "LO", "Value": ["value"]}, x00090011={"vr": "LO", "Value": ['A & "B"']}, x00091210={"vr": "UN"}
    )
    assert attribute(root, "00090010").get("privateCreator") == 'A & "B"'
    assert attribute(root, "00090011").get("privateCreator") is None
    assert attribute(root, "00091210").get("privateCreator") is None


def test_items_are_numbered_and_hold_elements_and_bulk_data_has_its_address() -> None:
    item = {"54001010": {"vr": "OW", "BulkDataURI": "https://x/a?b&c"}}
    root = written(x54000100={"vr": "SQ", "Value": [item, {}]}, x00282000={"vr": "OB", "InlineBinary": "AAAA"})
    items = list(attribute(root, "54000100"))
    assert [(each.tag.removeprefix(ALL), each.get("number"), len(each)) for each in items] == [
        ("Item", "1", 1),
        ("Item", "2", 0),
    ]
    assert items[0][0][0].attrib == {"uri": "https://x/a?b&c"}
    assert attribute(root, "00282000")[0].text == "AAAA"


@given(st.text())
def test_any_text_makes_a_well_formed_document_and_comes_back(text: str) -> None:
    """XML 1.0 2.2: what no document may hold becomes the replacement character."""
    root = written(
        x00100020={"vr": "LO", "Value": [text]}, x00110010={"vr": "LO", "Value": [text]}, x00111001={"vr": "UN"}
    )
    expected = "".join(
        letter if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff") else "\ufffd"
        for letter in text
    )
    assert (attribute(root, "00100020")[0].text or "") == expected
    assert attribute(root, "00110001").get("privateCreator") == expected


def names_and_values(element: ET.Element) -> list[tuple[Any, ...]]:
    """What a document says, without its keywords, spaces, bytes and the spelling of numbers."""
    return [
        (
            part.tag.rpartition("}")[2],
            *(part.get(name) for name in ("tag", "vr", "privateCreator", "number")),
            names_and_values(part) or _value(part.text),
        )
        for part in element
        if part.tag.rpartition("}")[2] not in ("BulkData", "InlineBinary")
    ]


def _value(text: str | None) -> str:
    try:
        return f"{float(text or ''):.6g}"
    except ValueError:
        return (text or "").strip()


@pytest.mark.parametrize("name", ["CT_small.dcm", "rtplan.dcm", "test-SR.dcm", "examples_overlay.dcm"])
def test_dcmtk_writes_the_same_document(name: str) -> None:
    """But for what it leaves out (retired keywords, bytes) and rewrites (the character set)."""
    if not shutil.which("dcm2xml"):
        pytest.skip("dcmtk is not installed")
    path = Path(get_testdata_file(name))
    theirs = ET.fromstring(subprocess.run(["dcm2xml", "--native-format", path], capture_output=True, check=True).stdout)
    ours = ET.fromstring(native_model(read(path.read_bytes()).attributes))
    for root in (theirs, ours):
        for element in root.findall("./*[@tag='00080005']"):
            root.remove(element)
    assert names_and_values(ours) == names_and_values(theirs)
