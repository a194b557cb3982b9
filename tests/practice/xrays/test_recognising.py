"""What type an object is by its header."""

from typing import Any

import pytest

from apps.practice.models import XrayType
from apps.practice.xrays.elements import coded, sequence
from apps.practice.xrays.kinds import HEAD_AND_NECK, MOUTH, OCCLUSAL_VIEW
from apps.practice.xrays.recognising import kind_of
from apps.practice.xrays.teeth import CODES


def header(modality: str, **facts: Any) -> dict[str, Any]:
    tags = {"series": "0008103E", "study": "00081030", "part": "00180015", "maker": "00080070", "model": "00081090",
            "positioner": "00181508", "thickness": "00180050", "diameter": "00181100", "cls": "00080016"}  # fmt: skip
    plain = {tags[name]: {"vr": "LO", "Value": [value]} for name, value in facts.items()}
    return {"00080060": {"vr": "CS", "Value": [modality]}, **plain}


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        (header("PX"), XrayType.PANORAMIC),
        (header("PX", series="TMJ open"), XrayType.TMJ),
        (header("PX", series="Cephalo lateral"), XrayType.CEPHALOMETRIC),
        (header("IO"), XrayType.PERIAPICAL),
        (header("IO", series="Bissflügel rechts"), XrayType.BITEWING),
        (header("IO", series="Rétro-alvéolaire 16"), XrayType.PERIAPICAL),
        (header("IO", study="FMX 18 films"), XrayType.FULL_MOUTH),
        (header("IO") | {"00082228": sequence(coded(CODES["16"]), coded(CODES["46"]))}, XrayType.BITEWING),
        (header("IO") | {"00540220": sequence(coded(OCCLUSAL_VIEW))}, XrayType.OCCLUSAL),
        (header("DX", positioner="CEPHALOSTAT"), XrayType.CEPHALOMETRIC),
        (header("DX", series="Fernröntgen seitlich"), XrayType.CEPHALOMETRIC),
        (header("CR", part="JAW"), XrayType.PANORAMIC),
        (header("DX", part="HAND"), XrayType.HAND_WRIST),
        (header("DX", part="CHEST", series="Thorax pa"), XrayType.OTHER),
        (header("DX", series="Japan study"), XrayType.OTHER),
        (header("CT", series="CBCT"), XrayType.CBCT),
        (header("CT", maker="Planmeca"), XrayType.CBCT),
        (header("CT", part="HEAD", thickness="0.2", diameter="160"), XrayType.CBCT),
        (header("CT", part="HEAD", thickness="5", diameter="240"), XrayType.OTHER),
        (header("CT", maker="SIEMENS", part="CHEST"), XrayType.OTHER),
        (header("CT", cls="1.2.840.10008.5.1.4.1.1.13.1.2"), XrayType.CBCT),
        (header("XC"), XrayType.PHOTO),
        (header("XC") | {"00082218": sequence(coded(MOUTH))}, XrayType.PHOTO_INTRAORAL),
        (header("XC") | {"00082218": sequence(coded(HEAD_AND_NECK))}, XrayType.PHOTO_EXTRAORAL),
        (header("MR", series="Pano of the brain"), XrayType.OTHER),
        ({}, XrayType.OTHER),
    ],
)
def test_kinds(attributes: dict[str, Any], kind: XrayType) -> None:
    assert kind_of(attributes) == kind
