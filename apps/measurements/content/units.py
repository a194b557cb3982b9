"""The units of pixels' values (PS3.3 C.11.1.1.2, C.8.9.1.1.3) as codes of UCUM (PS3.16 CID 84, 7181)."""

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


def unit_of(rescale_type: str) -> Code:
    """The code of Rescale Type (0028,1054), or of PET's Units (0054,1001); no unit for any other, and for none."""
    return _UNITS.get(rescale_type.strip().upper(), NO_UNIT)
