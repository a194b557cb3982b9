"""To whom a practice's signed reports are sent: added, changed, removed, each of it on record."""

from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, Refused
from apps.reports.models import Distribution
from apps.saying import say
from apps.sharing.links import MOST_DAYS

# Of a practice.
MOST: Final = 50


def save(who: Principal, row: Distribution, *, source: str) -> Distribution:
    """Raises Refused, Invalid with what is wrong by its field, Conflict where a practice has MOST."""
    _decide(who, row)
    _check(row)
    with transaction.atomic():
        others = Distribution.objects.select_for_update().filter(practice=row.practice_id).exclude(pk=row.pk)
        if len(others.values_list("pk", flat=True)) >= MOST:
            raise Conflict(say("A practice sends its reports to at most {most} addresses by itself.", most=MOST))
        what = "changed" if row.pk else "added"
        row.save()
        _tell(who, row, what, source)
    return row


def remove(who: Principal, row: Distribution, *, source: str) -> None:
    """They are sent no more reports; the links that they have open for as long as they were made for."""
    _decide(who, row)
    with transaction.atomic():
        _tell(who, row, "removed", source)
        row.delete()


def _check(row: Distribution) -> None:
    if not 1 <= row.days <= MOST_DAYS:
        raise Invalid(errors=[("days", say("A link is good for 1 to {most_days} days.", most_days=MOST_DAYS))])
    try:
        row.full_clean(exclude=["practice"])
    except ValidationError as error:
        raise Invalid(errors=[(name, texts[0]) for name, texts in error.message_dict.items()]) from error


def _decide(who: Principal, row: Distribution) -> None:
    if not who.may_in_all_of(Permission.ADMINISTER, row.practice_id):
        raise Refused(say("You do not administer this practice."))


def _tell(who: Principal, row: Distribution, what: str, source: str) -> None:
    state = f"for {row.days} days" if row.is_active else "switched off"
    of = f" of studies referred by {row.referring_physician}" if row.referring_physician else ""
    tell(
        Action.CONFIGURATION, principal=who, practice_id=row.practice_id, source=source,
        detail=f"reports to {row.email}{of} {what}, {state}",
    )  # fmt: skip
