"""When an image was taken, by its header."""

from datetime import datetime
from typing import Final

from apps.dicom.attributes import Attributes, text
from apps.practice.xrays.facts import FIRST_YEAR, LAST_YEAR
from apps.worklist.moments import moment

_ACQUISITION_DATETIME: Final = "0008002A"
# Acquisition, Content, Series and Study, the nearest to the moment first.
_PAIRS: Final = (("00080022", "00080032"), ("00080023", "00080033"), ("00080021", "00080031"), ("00080020", "00080030"))
_OFFSET: Final = "00080201"


def taken_at(header: Attributes) -> datetime | None:
    """The moment by the header (DICOM JSON); None where it has no date that could be."""
    offset = text(header, _OFFSET)
    told = [text(header, _ACQUISITION_DATETIME)]
    told += [text(header, day) + text(header, time) for day, time in _PAIRS if text(header, day)]
    told += [text(header, day) for day, _ in _PAIRS]
    for written in filter(None, told):
        found = moment(written + offset) or moment(written)
        if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
    return None
