"""The units of pixels' values (PS3.3 C.11.1.1.2, C.8.9.1.1.3) as codes of UCUM (PS3.16 CID 84, 7181), and what these
are for people."""

from typing import Final

from apps.dicom.sr_tree import Code
from apps.measurements.content.concepts import HOUNSFIELD, NO_UNIT

_UNITS: Final = {
    "HU": HOUNSFIELD,
    "PCT": Code("Percent", "%", "UCUM"),
    "MGML": Code("mg/ml", "mg/ml", "UCUM"),
    "BQML": Code("Becquerels/milliliter", "Bq/ml", "UCUM"),
    "CNTS": Code("Counts", "{counts}", "UCUM"),
    "CPS": Code("Counts per second", "{counts}/s", "UCUM"),
    "GML": Code("Standardized Uptake Value body weight", "g/ml{SUVbw}", "UCUM"),
}
# What UCUM's codes are for people, where that is something else.
_WORDS: Final = {
    "mm2": "mm²", "mm3": "mm³", "cm2": "cm²", "cm3": "cm³", "deg": "°", "[hnsf'U]": "HU", "1": "", "{no units}": "",
    "Cel": "°C", "mA.s": "mAs", "mGy.cm": "mGy·cm", "dGy.cm2": "dGy·cm²",
}  # fmt: skip


def unit_words(ucum: str) -> str:
    """A unit as it is printed behind a number, such as mm²; empty for what has none."""
    return _WORDS.get(ucum, ucum)


def unit_of(rescale_type: str) -> Code:
    """The code of Rescale Type (0028,1054), or of PET's Units (0054,1001); no unit for any other, and for none."""
    return _UNITS.get(rescale_type.strip().upper(), NO_UNIT)
