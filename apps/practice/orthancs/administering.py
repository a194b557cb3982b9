"""Adding, changing and removing Orthancs, their secrets and their test: each of it on record."""

import time
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, FoveaError, Invalid, NotFound, Refused
from apps.core.languages import in_english
from apps.core.sealed import seal
from apps.practice.models import Orthanc
from apps.practice.orthancs import retrying, standing
from apps.practice.orthancs.rest import Site
from apps.remotes.administering import check
from apps.saying import say

MOST: Final = 100
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether an Orthanc answered, in how many milliseconds, and a text for people."""

    ok: bool
    ms: float
    message: str


def save(who: Principal, orthanc: Orthanc, *, source: str, password: str | None = None) -> Orthanc:
    """Add an Orthanc, or change one. `password` is what it asks for, in plain; None leaves it as it is.

    Raises Refused, Invalid with what is wrong, Conflict where a practice has MOST.
    """
    _decide(who, orthanc.practice_id)
    if password is not None:
        orthanc.secret = seal(password)
    check(orthanc)
    with transaction.atomic():
        before = Orthanc.objects.filter(pk=orthanc.pk).first() if orthanc.pk else None
        if before is None and Orthanc.objects.filter(practice=orthanc.practice_id).count() >= MOST:
            raise Conflict(
                say("A practice has at most {most} Orthancs. Remove those that are no longer used.", most=MOST)
            )
        if before is not None and before.practice_id != orthanc.practice_id:
            raise Invalid(say("An Orthanc stays in its practice: add another one there."))
        _write(orthanc, before)
        what = f"changed: {_changes(before, orthanc)}" if before else f"added: {orthanc.url}"
        _tell(who, orthanc, what, source)
    retrying.hasten(orthanc)
    return orthanc


def remove(who: Principal, orthanc: Orthanc, *, source: str) -> None:
    """It is not believed any more, and what it has told and was not fetched is forgotten. Raises Refused."""
    _decide(who, orthanc.practice_id)
    with transaction.atomic():
        _tell(who, orthanc, f"removed: {orthanc.url}", source)
        orthanc.delete()


def new_secret(who: Principal, orthanc: Orthanc, *, source: str) -> str:
    """A new secret to sign by, told this once; the one before is worth nothing from now on. Raises Refused."""
    _decide(who, orthanc.practice_id)
    secret = token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        orthanc.signing_secret = seal(secret)
        orthanc.save(update_fields=["signing_secret"])
        _tell(who, orthanc, "given a new secret", source)
    return secret


def test(who: Principal, orthanc: Orthanc) -> Tested:
    """Ask it who it is, and note what came of it on its row. Raises Refused."""
    _decide(who, orthanc.practice_id)
    began = time.perf_counter()
    try:
        with Site(orthanc) as site:
            version = site.version()
    except FoveaError as error:
        standing.failed(orthanc, error.detail)
        return Tested(False, _since(began), error.detail)
    standing.answered(orthanc)
    retrying.hasten(orthanc)
    ms = _since(began)
    return Tested(
        True, ms, say("{name} answered in {ms} ms: Orthanc {version}.", name=orthanc.name, ms=ms, version=version)
    )


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def _write(orthanc: Orthanc, before: Orthanc | None) -> None:
    """What was entered alone: jobs write on the same row. Another address is read from now on."""
    if before is None:
        orthanc.save(force_insert=True)
        return
    written = [field.name for field in _fields()]
    if before.url != orthanc.url:
        orthanc.last_change = None
        written.append("last_change")
    orthanc.save(update_fields=written)


def _fields() -> list[Any]:
    """What people enter, and the password."""
    fields = Orthanc._meta.concrete_fields  # noqa: SLF001
    return [field for field in fields if (field.editable and not field.primary_key) or field.name == "secret"]


def _changes(before: Orthanc, after: Orthanc) -> str:
    """The names of the fields that differ; not what they hold, which may be a password."""
    differing = [each for each in _fields() if getattr(before, each.attname) != getattr(after, each.attname)]
    return f"{', '.join(in_english(each.verbose_name) for each in differing) or 'nothing'}; now {after.url}"


def _decide(who: Principal, practice_id: int | None) -> None:
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        if practice_id is None or not who.may_in(Permission.ADMINISTER, practice_id):
            raise NotFound(say("There is no such thing in your practices."))
        raise Refused(say("Only those who administer the whole practice decide on its Orthancs."))


def _tell(who: Principal, orthanc: Orthanc, what: str, source: str) -> None:
    detail = f"Orthanc {orthanc.name} {what}"
    tell(Action.CONFIGURATION, principal=who, practice_id=orthanc.practice_id, detail=detail, source=source)
