"""Deciding which archives are asked for priors, and asking again: on record."""

from typing import Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.core.languages import in_english
from apps.remotes.administering import check
from apps.routing.prefetch import planning
from apps.routing.prefetch.models import Prefetch, PrefetchSource, When
from apps.saying import say

MOST_SOURCES: Final = 20


def save_source(who: Principal, row: PrefetchSource, *, source: str) -> PrefetchSource:
    """Have an archive asked for priors, or otherwise than before. It belongs to the practice of its remote.

    Raises Refused, NotFound, Invalid with what is wrong, Conflict where a practice has MOST_SOURCES.
    """
    _decide(who, row.remote.practice_id)
    if row.pk and row.practice_id != row.remote.practice_id:
        raise Invalid(say("A source of priors stays in its practice: add another one there."))
    row.practice_id = row.remote.practice_id
    check(row)
    with transaction.atomic():
        is_new = row.pk is None
        if is_new and PrefetchSource.objects.filter(practice=row.practice_id).count() >= MOST_SOURCES:
            raise Conflict(say("A practice has at most {most_sources} sources of priors.", most_sources=MOST_SOURCES))
        row.failures, row.rests_until = 0, None
        row.save()
        _tell(who, row, f"{'added' if is_new else 'changed'}: {described(row)}", source)
    return row


def remove_source(who: Principal, row: PrefetchSource, *, source: str) -> None:
    """It is no longer asked, and what it was asked is forgotten; what has come stays. Raises Refused, NotFound."""
    _decide(who, row.practice_id)
    with transaction.atomic():
        _tell(who, row, "removed", source)
        row.delete()


def again(who: Principal, prefetch: Prefetch, *, source: str) -> int:
    """Ask the archives once more; returns how many. Raises Refused, and Conflict where there is none to ask."""
    if not who.may_in_all_of(Permission.FETCH, prefetch.practice_id):
        raise Refused(say("You may not fetch from other archives."))
    with transaction.atomic():
        count = planning.again(prefetch)
        if not count:
            raise Conflict(say("No archive is there to be asked, or all of them are being asked already."))
        tell(
            Action.QUERY,
            principal=who,
            practice_id=prefetch.practice_id,
            patient=pseudonym(prefetch.practice_id, identity_of(prefetch.issuer, prefetch.patient_id)),
            detail=f"priors asked for again at {count} archives",
            source=source,
        )
    return count


def described(row: PrefetchSource) -> str:
    """A source in a line, for the record."""
    only = f", only {row.modalities}" if row.modalities else ""
    off = "" if row.is_active else ", switched off"
    bounds = f"{row.most_studies} studies of {row.years} years"
    when = in_english(When(row.when).label).lower()
    return f"{when}, at most {bounds}{only}{off}"


def _decide(who: Principal, practice_id: int) -> None:
    if who.may_in_all_of(Permission.ADMINISTER, practice_id):
        return
    if not who.may_in(Permission.ADMINISTER, practice_id):
        raise NotFound(say("There is no such thing in your practices."))
    raise Refused(say("Only those who administer the whole practice decide on where priors come from."))


def _tell(who: Principal, row: PrefetchSource, what: str, source: str) -> None:
    detail = f"priors from {row.remote.name} {what}"
    tell(Action.CONFIGURATION, principal=who, practice_id=row.practice_id, detail=detail, source=source)
