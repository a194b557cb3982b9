"""Users by the names with which studies refer to them: such a study assigns its patient to the user."""

from typing import Any, Final

from django.db import IntegrityError, transaction

from apps.access import assignments, people
from apps.access.models import PhysicianName
from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Assignment, Study
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.dicom.names import name_keys
from apps.saying import say

MOST_NAMES: Final = 20
# As the record and the history name it.
WORKER: Final = "referring physicians"
ORIGIN: Final = Assignment.Origin.PHYSICIAN


def add(who: Principal, practice_id: int, user: User, name: str) -> PhysicianName:
    """Let studies of the practice that come from now on refer to the user by this name.

    The name is as DICOM writes it (PS3.5 6.2.1.1); case, accents and what follows a `=` don't count. Raises Refused,
    Invalid for an empty name, Conflict for one that the user has and for one too many.
    """
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        raise Refused(say("You may not decide whom studies refer to. Ask an administrator."))
    key = key_of(name)
    if not key.strip("^"):
        raise Invalid(say("Write the name as studies have it, such as Doe^Jane."))
    known = PhysicianName.objects.filter(practice=practice_id, user=user)
    if not people.colleagues(practice_id).filter(pk=user.pk).exists():
        raise Conflict(say("{user} does not work in this practice. Give them a right in it first.", user=user))
    if known.count() >= MOST_NAMES:
        raise Conflict(
            say(
                "{user} has {most_names} names. Remove those that studies no longer use.",
                user=user,
                most_names=MOST_NAMES,
            )
        )
    try:
        with transaction.atomic():
            row = known.create(practice_id=practice_id, user=user, name=name, key=key, added_by_id=who.user_id)
            _tell(who, row, "is referred to by a name more")
    except IntegrityError as error:
        raise Conflict(say("{user} has this name already.", user=user)) from error
    return row


def remove(who: Principal, pk: int) -> None:
    """Let no study refer to the user by this name any more; assignments stay as they are. Raises NotFound."""
    row = PhysicianName.objects.visible_to(who).select_related("user").filter(pk=pk).first()
    if row is None:
        raise NotFound(say("There is no such name."))
    with transaction.atomic():
        row.delete()
        _tell(who, row, "is referred to by a name less")


def on_settled(*, study: Study, **_: Any) -> None:
    """Assign the study's patient to those whom it refers to. Doing it again changes nothing.

    An assignment that somebody has ended is made again by a newer study alone.
    """
    key = study.referring_physician_key.partition("=")[0]
    if not key:
        return
    named = PhysicianName.objects.filter(practice=study.practice_id, key=key).values("user")
    worker = Principal.worker(study.practice_id, WORKER, frozenset({Permission.ADMINISTER}))
    for user in people.colleagues(study.practice_id).filter(pk__in=named):
        ended = Assignment.objects.filter(patient=study.patient_id, user=user, until__gte=study.received_at)
        if not ended.exists():
            assignments.assign(worker, study.patient, user, origin=ORIGIN)


def key_of(name: str) -> str:
    """The alphabetic group of a name as studies have it to be found by."""
    return name_keys({"Alphabetic": name.partition("=")[0]})[0]


def _tell(who: Principal, row: PhysicianName, what: str) -> None:
    tell(Action.RIGHTS, principal=who, practice_id=row.practice_id, detail=f"{row.user.username} {what}")
