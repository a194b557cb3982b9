"""Corrections: which there are, added, changed and removed, each on record."""

from typing import Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.dictation.models import Correction
from apps.saying import say

# Of one practice and language.
MOST: Final = 2000


def corrections_of(practice_id: int, language: str) -> list[tuple[str, str]]:
    """What is heard and what is meant, in a practice and a language."""
    rows = Correction.objects.filter(practice=practice_id, language=language)
    return list(rows.values_list("heard", "meant")[:MOST])


def save(who: Principal, row: Correction, *, source: str) -> Correction:
    """Add a correction, or change one. Raises NotFound, Refused, Invalid, and Conflict for one that there is."""
    _decide(who, row.practice_id)
    row.heard, row.meant = " ".join(row.heard.split()), row.meant.strip()
    if not row.heard:
        raise Invalid(errors=[("heard", say("Say what is heard."))])
    with transaction.atomic():
        same = Correction.objects.select_for_update().filter(practice=row.practice_id, language=row.language)
        if same.filter(heard__iexact=row.heard).exclude(pk=row.pk).exists():
            raise Conflict(say("There is a correction of these words already."))
        if row.pk is None and same.count() >= MOST:
            raise Conflict(say("A practice has at most {most} corrections in each language.", most=MOST))
        _tell(who, row, "changed" if row.pk else "added", source)
        row.save()
    return row


def remove(who: Principal, row: Correction, *, source: str) -> None:
    """Write again what is heard. Raises NotFound and Refused."""
    _decide(who, row.practice_id)
    with transaction.atomic():
        _tell(who, row, "removed", source)
        row.delete()


def _decide(who: Principal, practice_id: int) -> None:
    if not who.may_in(Permission.REPORT, practice_id):
        raise NotFound(say("There is no such practice among yours."))
    if not who.may_in_all_of(Permission.REPORT, practice_id):
        raise Refused(say("Only those who write reports in the whole practice decide on its corrections."))


def _tell(who: Principal, row: Correction, what: str, source: str) -> None:
    detail = f"correction of dictations {what} ({row.language})"
    tell(Action.CONFIGURATION, principal=who, practice_id=row.practice_id, detail=detail, source=source)
