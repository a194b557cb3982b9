"""What devices report of a performed procedure step: which attributes it must have, and what they say (PS3.4 F.7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.timezone import make_aware

from apps.archive.models import TEXT_LENGTH
from apps.core.errors import Invalid
from apps.dicom.values import Element
from apps.saying import say
from apps.worklist.models.performed import PerformedState

Attributes = Mapping[str, Element]

STATUS: Final = "00400252"
STATION_TITLE: Final = "00400241"
PATIENT_ID: Final = "00100020"
SCHEDULED_STEPS: Final = "00400270"
STUDY_UID: Final = "0020000D"
START: Final = ("00400244", "00400245")
END: Final = ("00400250", "00400251")
_REASONS: Final = "00400281"
_TIMEZONE: Final = "00080201"
MOST_REFERENCES: Final = 50
# Type 1 in an N-CREATE (PS3.4 table F.7.2-1).
_REQUIRED: Final = {
    STATUS: "Performed Procedure Step Status",
    SCHEDULED_STEPS: "Scheduled Step Attributes Sequence",
    START[0]: "Performed Procedure Step Start Date",
    START[1]: "Performed Procedure Step Start Time",
    STATION_TITLE: "Performed Station AE Title",
    "00400253": "Performed Procedure Step ID",
    "00080060": "Modality",
}
# What an N-SET does not change (PS3.4 table F.7.2-1).
FIXED: Final = frozenset(_REQUIRED) - {STATUS} | {
    "00100010", PATIENT_ID, "00100030", "00100040", "00081120", "00200010", "00400242", "00400243",
}  # fmt: skip


class MissingAttribute(Invalid):
    """What must be there is not."""


class MissingValue(Invalid):
    """What must have a value has none."""


class InvalidValue(Invalid):
    """A value is none of its attribute's."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An item of the Scheduled Step Attributes Sequence (0040,0270): which scheduled step was performed."""

    step_id: str
    study_instance_uid: str
    accession_number: str
    requested_procedure_id: str


def check_created(attributes: Attributes) -> None:
    """Raises MissingAttribute, MissingValue or InvalidValue for what no performed step begins with."""
    for tag, name in _REQUIRED.items():
        _check_there(attributes, tag, name)
    for item in items(attributes, SCHEDULED_STEPS):
        _check_there(item, STUDY_UID, "Study Instance UID")
    if text(attributes, STATUS) != PerformedState.IN_PROGRESS:
        raise InvalidValue(say("A performed step is created IN PROGRESS."))
    if moment(attributes, START) is None:
        raise InvalidValue(say("The step's start is no date and time."))


def state_of(attributes: Attributes, before: str) -> PerformedState:
    """The state that an N-SET brings the step into; without one, what it is in. Raises InvalidValue."""
    said = text(attributes, STATUS) or before
    if said not in PerformedState.values:
        raise InvalidValue(say("The status is IN PROGRESS, COMPLETED or DISCONTINUED."))
    return PerformedState(said)


def references(attributes: Attributes) -> list[Reference]:
    """The scheduled steps that it names, the first MOST_REFERENCES of them."""
    return [
        Reference(text(item, "00400009"), text(item, STUDY_UID), text(item, "00080050"), text(item, "00401001"))
        for item in items(attributes, SCHEDULED_STEPS)[:MOST_REFERENCES]
    ]


def reason(attributes: Attributes) -> str:
    """Why it was discontinued: the meaning of the code (0040,0281), as far as one is given."""
    meanings = (text(item, "00080104") for item in items(attributes, _REASONS))
    return next(filter(None, meanings), "")[:TEXT_LENGTH]


def moment(attributes: Attributes, tags: tuple[str, str]) -> datetime | None:
    """A date (DA) and a time (TM) together, of this site where no timezone is told; None for what is none."""
    day, clock = (text(attributes, tag).partition(".")[0].replace(":", "") for tag in tags)
    offset = text(attributes, _TIMEZONE)
    try:
        if offset:
            return datetime.strptime(f"{day}{clock:0<6}{offset}", "%Y%m%d%H%M%S%z")
        return make_aware(datetime.strptime(f"{day}{clock:0<6}", "%Y%m%d%H%M%S"))  # noqa: DTZ007 - it is the site's
    except ValueError:
        return None


def text(attributes: Attributes, tag: str) -> str:
    """The first value of an attribute that has texts; empty where there is none."""
    value = next(iter(attributes.get(tag, {}).get("Value") or ()), None)
    return value.strip() if isinstance(value, str) else ""


def items(attributes: Attributes, tag: str) -> list[dict[str, Any]]:
    """The items of a sequence that are not empty."""
    return [item for item in attributes.get(tag, {}).get("Value") or () if isinstance(item, dict) and item]


def differing(attributes: Attributes, before: Attributes) -> Iterator[str]:
    """The tags of what an N-SET gives another value and may not change."""
    for tag in FIXED & attributes.keys():
        given = attributes[tag].get("Value")
        if given and given != before.get(tag, {}).get("Value"):
            yield tag


def _check_there(attributes: Attributes, tag: str, name: str) -> None:
    if tag not in attributes:
        raise MissingAttribute(say("The {name} is missing.", name=name))
    if not (items(attributes, tag) or text(attributes, tag)):
        raise MissingValue(say("The {name} has no value.", name=name))
