"""What is said about objects that come in: where from, and what became of each."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from apps.saying import say

# Status codes of a store (PS3.7 C.5.7, PS3.18 Annex I).
DUPLICATE_SOP_INSTANCE: Final = 0x0111
COERCED: Final = 0xB000
# The object is stored as it came, though something in it is not as it should be.
NOT_OF_ITS_SOP_CLASS: Final = 0xB007


class Status(Enum):
    """What became of an object."""

    STORED = "stored"
    KNOWN = "known"
    OVERWRITTEN = "overwritten"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class DuplicatePolicy(Enum):
    """What to do with other bytes under the UID of a stored object."""

    QUARANTINE = "quarantine"
    OVERWRITE = "overwrite"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Origin:
    """How objects come in: the way (such as STOW-RS), for which practice, and who sends them.

    `remote_id` and `calling_title` are the node that they come from, where it is one that is known (apps.remotes).
    """

    way: str
    practice_id: int
    actor: str
    request_id: str = ""
    user_id: int | None = None
    remote_id: int | None = None
    calling_title: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """The UIDs that name an object. An empty one was not to be had."""

    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    sop_class_uid: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, with a code of PS3.18 Annex I and a text for people where the object is not among the images now."""

    status: Status
    failure_reason: int = 0
    reason: str = ""


STORED: Final = Verdict(Status.STORED)
KNOWN: Final = Verdict(Status.KNOWN)
OF_POLICY: Final = {
    DuplicatePolicy.OVERWRITE: Verdict(Status.OVERWRITTEN),
    DuplicatePolicy.QUARANTINE: Verdict(
        Status.QUARANTINED,
        DUPLICATE_SOP_INSTANCE,
        say(
            "Another object with this SOP Instance UID is stored."
            " This one is kept in quarantine until somebody decides."
        ),
    ),
    DuplicatePolicy.REJECT: Verdict(
        Status.REFUSED,
        DUPLICATE_SOP_INSTANCE,
        say("Another object with this SOP Instance UID is stored. This one was not kept."),
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object; a warning has a reason of PS3.18 Annex I, and texts for people."""

    status: Status
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    failure_reason: int = 0
    reason: str = ""
    warning_reason: int = 0
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, identity: Identity, verdict: Verdict, warning_reason: int = 0, warnings: tuple[str, ...] = ()
    ) -> "Outcome":
        return cls(
            verdict.status,
            identity.study_instance_uid,
            identity.series_instance_uid,
            identity.sop_class_uid,
            identity.sop_instance_uid,
            verdict.failure_reason,
            verdict.reason,
            warning_reason,
            warnings,
        )
