"""What dcmtk's dcm2json and dcm2xml make of a file, in a form that our answers can be compared with.

What is levelled here is said by neither the standard nor the file: how a number is spelled, and how a value that is
handed out apart is named.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

Comparable = dict[str, tuple[str, Any]]

SECONDS: Final = 60
NUMBERS: Final = frozenset({"DS", "IS", "FL", "FD", "US", "UL", "SS", "SL", "SV", "UV"})
# Writers differ in the last digits, dcmtk is off in a double's sixteenth.
DIGITS: Final = {"FL": 5, "FD": 14, "DS": 14}
# Handed out apart where it is long, and compared by its bytes elsewhere. Readers may also know the VR of what was
# written as UN (PS3.5 6.2.2), or leave it.
BULK: Final = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})
NAMESPACE: Final = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"


def dcm2json(path: Path) -> Comparable | None:
    """The data set by dcm2json; None where it can't read or write it."""
    done = subprocess.run(["dcm2json", "-q", "-ee", str(path)], capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        return None
    try:
        text = done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        # It leaves text of many character sets as it is.
        return None
    try:
        return from_json(json.loads(text, strict=False))
    except json.JSONDecodeError:
        return None


def dcm2xml(path: Path) -> Comparable | None:
    """The data set by dcm2xml in the Native DICOM Model (PS3.19 A.1); None where it can't."""
    command = ["dcm2xml", "-q", "-nat", "+U8", "+Ca", "latin-1", str(path)]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        return None
    try:
        return from_xml(ET.fromstring(done.stdout))
    except ET.ParseError:
        return None


def from_json(elements: dict[str, Any]) -> Comparable:
    """DICOM JSON (PS3.18 F) in comparable form, without group 0002 and group lengths."""
    return {tag: (element["vr"], _json_value(element)) for tag, element in elements.items() if _is_compared(tag)}


def from_xml(root: ET.Element) -> Comparable:
    """The Native DICOM Model in the same form, with a namespace or without."""
    found: Comparable = {}
    for element in root:
        tag, vr = _without_block(element.get("tag", "").upper()), element.get("vr", "")
        if _is_compared(tag):
            found[tag] = (vr, _xml_value(element, vr))
    return found


def _without_block(tag: str) -> str:
    """dcm2xml leaves out which block a private attribute is in; its creator is said beside it."""
    return tag[:4] + "00" + tag[6:] if int(tag[:4] or "0", 16) % 2 else tag


def _is_compared(tag: str) -> bool:
    return not tag.startswith("0002") and not tag.endswith("0000")


def _json_value(element: dict[str, Any]) -> list[Any]:
    vr, values = element["vr"], element.get("Value", [])
    if vr in BULK:
        return []
    if vr == "SQ":
        return [from_json(item or {}) for item in values]
    if vr == "PN":
        return _texts([_name(value) if isinstance(value, dict) else "" for value in values])
    return _texts([_text(vr, "" if value is None else value) for value in values])


def _texts(values: list[str]) -> list[str]:
    """Nothing but padding, or but the carets of a name, is no value to some."""
    return values if any(values) else []


def _name(groups: dict[str, str]) -> str:
    """The three groups as one text, without empty components at the ends."""
    alphabetic, ideographic, phonetic = (
        groups.get(kind, "").rstrip("^ ") for kind in ("Alphabetic", "Ideographic", "Phonetic")
    )
    # dcm2xml says the ideographic group again where the phonetic one is empty.
    groups_said = [alphabetic, ideographic, phonetic if phonetic != ideographic else ""]
    return "=".join(groups_said).rstrip("=")


def _xml_value(element: ET.Element, vr: str) -> list[Any]:
    if vr in BULK:
        return []
    if vr == "SQ":
        return [from_xml(item) for item in element if item.tag.removeprefix(NAMESPACE) == "Item"]
    if vr == "PN":
        names = [child for child in element if child.tag.removeprefix(NAMESPACE) == "PersonName"]
        return _texts([_name({group.tag.removeprefix(NAMESPACE): _joined(group) for group in name}) for name in names])
    return _texts([_text(vr, child.text or "") for child in element if child.tag.removeprefix(NAMESPACE) == "Value"])


def _joined(group: ET.Element) -> str:
    order = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
    parts = {part.tag.removeprefix(NAMESPACE): part.text or "" for part in group}
    return "^".join(parts.get(name, "") for name in order).rstrip("^ ")


def _text(vr: str, value: Any) -> Any:
    """Numbers by their value, all else as text without padding."""
    if vr not in NUMBERS:
        return str(value).strip(" \0")
    try:
        number = float(value)
    except ValueError:
        return str(value).strip(" \0")
    # Adding nothing makes zero of minus zero.
    return f"{number + 0.0:.{DIGITS.get(vr, 17)}g}"
