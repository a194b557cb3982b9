"""What acting on a message needs to know, and how services' refusals become errors of the message."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError, Invalid, NotFound, Unavailable
from apps.hl7.directory import Known
from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.hl7.v2.head import Head
from apps.hl7.v2.message import Message

VIA: Final = "HL7"
# What a sender may do in its practice: keep its leads, appointments and worklist.
PERMISSIONS: Final = frozenset({Permission.VIEW, Permission.UPLOAD})
# Where what a service names is said in a message.
_PLACES: Final = {
    "externalId": Place("PID", 3),
    "identifiers": Place("PID", 3),
    "healthNumber": Place("PID", 3),
    "familyName": Place("PID", 5),
    "givenName": Place("PID", 5),
    "middleName": Place("PID", 5),
    "prefix": Place("PID", 5),
    "suffix": Place("PID", 5),
    "otherNames": Place("PID", 5),
    "birthDate": Place("PID", 7),
    "sex": Place("PID", 8),
    "addresses": Place("PID", 11),
    "phones": Place("PID", 13),
    "emails": Place("PID", 13),
    "preferredLanguage": Place("PID", 15),
    "startAt": Place("SCH", 11),
}


@dataclass(frozen=True, slots=True)
class Context:
    """One message of a sender, and who acts on it."""

    sender: Known
    head: Head
    message: Message
    by: Principal

    @property
    def practice_id(self) -> int:
        return self.sender.practice_id

    @property
    def source(self) -> str:
        """As leads, steps and the record name it."""
        return f"{VIA} {self.sender.name}"[:60]


def principal_of(sender: Known, on_behalf_of: str = "") -> Principal:
    """The sender as one who acts in its practice; `on_behalf_of` has asked for a message to be tried again."""
    made = Principal.worker(sender.practice_id, sender.name, PERMISSIONS, on_behalf_of=on_behalf_of)
    return replace(made, via=VIA)


@contextmanager
def as_faults(place: Place | None = None) -> Iterator[None]:
    """Let what a service refuses be a fault of the message, at that place unless the service names one."""
    try:
        yield
    except FoveaError as error:
        raise Faulty(
            _condition(error), error.detail if not _errors(error) else _errors(error)[0][1],
            _place(error) or place, is_rejection=isinstance(error, Unavailable),
        ) from error  # fmt: skip


def _condition(error: FoveaError) -> Condition:
    if isinstance(error, NotFound):
        return Condition.UNKNOWN_KEY
    return Condition.DATA_TYPE if isinstance(error, Invalid) else Condition.INTERNAL


def _errors(error: FoveaError) -> tuple[tuple[str, str], ...]:
    return error.errors if isinstance(error, Invalid) else ()


def _place(error: FoveaError) -> Place | None:
    return next((_PLACES.get(name.partition(".")[0]) for name, _ in _errors(error)), None)
