"""What type of X-ray a stored object is: by its modality and class, then by what its device wrote about it."""

import re
from typing import Final

from apps.dicom.attributes import Attributes, items, number, text, values
from apps.dicom.names import fold
from apps.practice.models.xrays import XrayType
from apps.practice.xrays import teeth
from apps.practice.xrays.kinds import HAND, HEAD_AND_NECK, JOINT, KINDS, MOUTH, OCCLUSAL_VIEW, SKULL, TEETH

# X-Ray 3D Craniofacial Image Storage.
CRANIOFACIAL_3D: Final = "1.2.840.10008.5.1.4.1.1.13.1.2"
# Image Storage of one projection or photograph each. All else with pixels is a volume, or a run: one for a series.
SINGLE: Final = frozenset({"PX", "IO", "DX", "CR", "RG", "MG", "XC", "ES", "GM", "HC", "DG", "OT", "SC", "OPV", ""})
# Modalities of what refers to images and is none to look at.
NO_PICTURES: Final = frozenset(
    ("SR", "PR", "KO", "SEG", "DOC", "REG", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "RWV", "FID", "PLAN", "AU",
     "ECG", "HD", "EPS", "M3D", "STAIN", "ANN")
)  # fmt: skip
_TEXTS: Final = ("0008103E", "00081030", "00181030", "00204000", "00181400", "00180015")
_REGION, _STRUCTURES, _VIEW, _CODE_VALUE, _MEANING = "00082218", "00082228", "00540220", "00080100", "00080104"
_MAKERS: Final = re.compile(
    r"planmeca|sirona|vatech|kavo|carestream dental|newtom|morita|instrumentarium|i-?cat|imaging sciences|soredex|"
    r"acteon|owandy|prexion|genoray|pointnix|rayscan|ray co|myray|cefla|quantitative radiology|asahi roentgen|"
    r"hdx|durr dental|dentsply|trophy|gendex|villa sistemi|yoshida|fona|de gotzen"
)
# PS3.6: Reconstruction Diameter, Data Collection Diameter; Slice Thickness; mm.
_DIAMETERS: Final = ("00181100", "00180090")
_SLICE_THICKNESS: Final = "00180050"
_SMALL_FIELD, _FINE_SLICES = 250.0, 0.5
_HEAD_PARTS: Final = frozenset({"JAW", "HEAD", "SKULL", "TEETH", "MAXILLA", "MANDIBLE", "TMJ", "FACE", "HEADNECK"})
_IN_WORDS: Final = (
    XrayType.CEPHALOMETRIC, XrayType.TMJ, XrayType.PANORAMIC, XrayType.FULL_MOUTH, XrayType.BITEWING,
    XrayType.PERIAPICAL, XrayType.OCCLUSAL, XrayType.HAND_WRIST,
)  # fmt: skip
_BY_REGION: Final = {
    SKULL.value: XrayType.CEPHALOMETRIC,
    JOINT.value: XrayType.TMJ,
    HAND.value: XrayType.HAND_WRIST,
}
_BY_BODY_PART: Final = {
    "JAW": XrayType.PANORAMIC,
    "TMJ": XrayType.TMJ,
    "HAND": XrayType.HAND_WRIST,
    "WRIST": XrayType.HAND_WRIST,
}
_POSITIONER_TYPE, _CEPHALOSTAT = "00181508", "CEPHALOSTAT"


def is_single(modality: str) -> bool:
    """Whether each instance is one of its own; else its series is."""
    return modality in SINGLE


def kind_of(header: Attributes) -> XrayType:
    """The type of an object with this header (DICOM JSON); OTHER where nothing tells."""
    modality = text(header, "00080060")
    if modality == "CT":
        return XrayType.CBCT if _is_cone_beam(header) else XrayType.OTHER
    if modality in ("XC", "ES", "GM"):
        return _photograph(header)
    if modality not in ("PX", "IO", "DX", "CR", "RG", "OT", "SC", "RF", "DG"):
        return XrayType.OTHER
    return _in_words(header, _IN_WORDS) or _by_codes(header, modality)


def _by_codes(header: Attributes, modality: str) -> XrayType:
    """By the codes of region, structures and view, and what the modality alone makes likely."""
    if modality == "IO":
        return _intra_oral(header)
    if text(header, _POSITIONER_TYPE) == _CEPHALOSTAT:
        return XrayType.CEPHALOMETRIC
    if modality == "PX":
        return XrayType.PANORAMIC
    by_region = next((kind for code in _codes(header, _REGION) if (kind := _BY_REGION.get(code))), None)
    return by_region or _BY_BODY_PART.get(text(header, "00180015").upper(), XrayType.OTHER)


def _intra_oral(header: Attributes) -> XrayType:
    if OCCLUSAL_VIEW.value in _codes(header, _VIEW):
        return XrayType.OCCLUSAL
    shown = tuple(number for code in _codes(header, _STRUCTURES) if (number := teeth.NUMBERS.get(code)))
    return XrayType.BITEWING if teeth.is_of_both_jaws(shown) else XrayType.PERIAPICAL


def _photograph(header: Attributes) -> XrayType:
    regions = _codes(header, _REGION)
    if MOUTH.value in regions or TEETH.value in regions:
        return XrayType.PHOTO_INTRAORAL
    if HEAD_AND_NECK.value in regions:
        return XrayType.PHOTO_EXTRAORAL
    return _in_words(header, (XrayType.PHOTO_INTRAORAL, XrayType.PHOTO_EXTRAORAL)) or XrayType.PHOTO


def _is_cone_beam(header: Attributes) -> bool:
    """Whether a CT is one of the jaws: by its words, its maker, or a small field of the head in fine slices."""
    if text(header, "00080016") == CRANIOFACIAL_3D or _in_words(header, (XrayType.CBCT,)):
        return True
    if _MAKERS.search(fold(f"{text(header, '00080070')} {text(header, '00081090')}")):
        return True
    diameter = next((found for tag in _DIAMETERS if (found := number(header, tag))), None)
    thickness = number(header, _SLICE_THICKNESS)
    is_fine = thickness is not None and 0 < thickness <= _FINE_SLICES
    is_head = text(header, "00180015").upper() in _HEAD_PARTS
    return is_fine and is_head and diameter is not None and diameter <= _SMALL_FIELD


def _in_words(header: Attributes, kinds: tuple[XrayType, ...]) -> XrayType | None:
    """The first of the types whose words begin a word of what the device wrote."""
    written = fold(" ".join(" ".join(map(str, values(header, tag))) for tag in _TEXTS))
    written += " " + fold(" ".join(_meanings(header)))
    for kind in kinds:
        if any(re.search(rf"(?<![a-z]){re.escape(word)}", written) for word in KINDS[kind].words):
            return kind
    return None


def _meanings(header: Attributes) -> list[str]:
    return [text(item, _MEANING) for item in items(header, _VIEW)]


def _codes(header: Attributes, tag: str) -> list[str]:
    return [text(item, _CODE_VALUE) for item in items(header, tag)]
