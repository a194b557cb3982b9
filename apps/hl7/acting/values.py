"""Single values of messages in the practice's terms: names, dates, codes, durations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.hl7.v2.faults import Condition, Faulty
from apps.hl7.v2.message import Segment
from apps.saying import say
from apps.worklist.models.scheduled import DAY
from apps.worklist.moments import moment

_DAY_DIGITS: Final = 8
# Durations in minutes, by the units that senders write (HL7 v2.9, 6.2 and UCUM).
_UNITS: Final = {"S": 1 / 60, "SEC": 1 / 60, "M": 1, "MIN": 1, "MINUTES": 1, "": 1, "H": 60, "HR": 60, "HOURS": 60}


@dataclass(frozen=True, slots=True)
class When:
    """A moment as it was said; without a time, it is any of its day."""

    at: datetime
    has_time: bool


def when(segment: Segment, field: int, component: int = 1) -> When | None:
    """A date-time (DTM, HL7 v2.9, 2.A.22), in the site's time zone unless it has one of its own; None for nothing.

    Raises Faulty for what is no day.
    """
    text = segment.value(field, component)
    if not text:
        return None
    at = moment(text)
    digits = text.partition("+")[0].partition("-")[0]
    if at is None or len(digits) < _DAY_DIGITS:
        detail = say("This is no date and time. Write YYYYMMDDHHMM.")
        raise Faulty(Condition.DATA_TYPE, detail, segment.place(field, component))
    return When(at, len(digits) > _DAY_DIGITS)


def minutes(amount: str, unit: str) -> int | None:
    """A duration in whole minutes, of a day at most; None for what says none."""
    factor = _UNITS.get(unit.upper().strip())
    try:
        found = round(float(amount) * factor) if factor else 0
    except (ValueError, OverflowError):
        return None
    return found if 1 <= found <= DAY else None


def name_of(segment: Segment, field: int) -> str:
    """A person of an XCN (2.A.86) as PN (PS3.5 6.2.1); empty for none."""
    family, given, middle, suffix, prefix = (segment.value(field, component) for component in range(2, 7))
    return _pn(family, given, middle, prefix, suffix)


def technician_of(segment: Segment, field: int) -> str:
    """A person of an NDL (2.A.47), whose first component has one as a CNN: ID, family, given and middle name."""
    family, given, middle = (segment.value(field, 1, part) for part in range(2, 5))
    return _pn(family, given, middle)


def spoken(segment: Segment, field: int) -> str:
    """A person of an XCN as `Doe, Jane`."""
    return ", ".join(filter(None, (segment.value(field, 2), segment.value(field, 3))))


def first_of(*texts: str) -> str:
    """The first that says anything."""
    return next(filter(None, texts), "")


def line(text: str, most: int) -> str:
    """A description as one line of at most so many characters, without what separates values in DICOM."""
    return " ".join(text.replace("\\", "/").split())[:most].strip()


def _pn(*parts: str) -> str:
    return "^".join(line(part.replace("^", " ").replace("=", " "), 64) for part in parts).rstrip("^")
