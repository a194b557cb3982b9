"""How images were made, from their header (PS3.3 C.8), by the words of templates."""

from collections.abc import Mapping
from typing import Final

from apps.dicom.attributes import Attributes, items, text
from apps.dicom.spoken import spoken_name
from apps.reports.filling.headers import coded, number_of, value_of
from apps.reports.filling.wording import listed

# By word: the attributes that have it, the unit (UCUM) it is told in, and what the attribute's number is multiplied by.
NUMBERS: Final[Mapping[str, tuple[tuple[str, ...], str, float]]] = {
    "kvp": (("00180060",), "kV", 1),
    "tubeCurrent": (("00181151", "00189330"), "mA", 1),
    "exposure": (("00181152", "00189332"), "mA.s", 1),
    "exposureTime": (("00181150", "00189328"), "ms", 1),
    "sliceThickness": (("00180050",), "mm", 1),
    "sliceSpacing": (("00180088",), "mm", 1),
    "pixelSpacing": (("00280030", "00181164"), "mm", 1),
    "contrastVolume": (("00181041",), "mL", 1),
    "pitch": (("00189311",), "1", 1),
    "fieldStrength": (("00180087",), "T", 1),
    "repetitionTime": (("00180080",), "ms", 1),
    "echoTime": (("00180081", "00189082"), "ms", 1),
    "inversionTime": (("00180082", "00189079"), "ms", 1),
    "flipAngle": (("00181314",), "deg", 1),
    "compressionForce": (("001811A2",), "N", 1),
    "bodyPartThickness": (("001811A0",), "mm", 1),
    "activity": (("00181074",), "MBq", 1e-6),
}
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "protocol": ("00181030",), "laterality": ("00200060", "00200062", "00209072"), "view": ("00185101",),
    "position": ("00185100",), "manufacturer": ("00080070",), "model": ("00081090",), "kernel": ("00181210",),
    "sequence": ("00180024", "00189005"), "contrastRoute": ("00181040",), "contrastAgent": ("00180010",),
    "radiopharmaceutical": ("00180031",),
}  # fmt: skip
_NAMES: Final[Mapping[str, str]] = {"operator": "00081070", "performingPhysician": "00081050"}
# The same as codes.
_CODES: Final[Mapping[str, str]] = {
    "contrastAgent": "00180012", "view": "00540220", "radiopharmaceutical": "00540304",
}  # fmt: skip
# Radiopharmaceutical Information Sequence, which alone has what of it is told (PS3.3 C.8.9.2).
_RADIOPHARMACEUTICAL: Final = "00540016"
# No magnet has as many tesla (0018,0087): older devices write gauss.
MOST_TESLA: Final = 100.0
TESLA_OF_A_GAUSS: Final = 1e-4


def number_in(header: Attributes, name: str) -> tuple[float, str] | None:
    """A number by its word, with its unit; None where the header has none."""
    tags, unit, times = NUMBERS[name]
    place = _place(header) if name == "activity" else header
    found = next((value for value in (number_of(place, tag) for tag in tags) if value is not None), None)
    if found is None:
        return None
    is_gauss = name == "fieldStrength" and found > MOST_TESLA
    return found * (TESLA_OF_A_GAUSS if is_gauss else times), unit


def text_in(header: Attributes, name: str) -> str:
    """A text by its word; empty where the header says nothing."""
    if name == "device":
        return listed((value_of(header, "00080070"), value_of(header, "00081090")), " ")
    if name in _NAMES:
        return spoken_name(text(header, _NAMES[name]))
    place = _place(header) if name == "radiopharmaceutical" else header
    found = next(filter(None, (value_of(place, tag) for tag in _TEXTS[name])), "")
    return found or (coded(place, _CODES[name]) if name in _CODES else "")


def _place(header: Attributes) -> Attributes:
    return next(items(header, _RADIOPHARMACEUTICAL), header)
