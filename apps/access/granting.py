"""Rights that are given for a time and a reason: to look, and nothing else."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Grant, Role
from apps.accounts.permissions import Scope

# Its permission is to look; see apps.accounts.permissions.ROLES.
ROLE = "viewer"


def give(  # noqa: PLR0913 - a grant has that many facts, each of them named
    user_id: int,
    practice_id: int,
    scope: Scope,
    subject: str,
    *,
    origin: Grant.Origin,
    until: datetime,
    by: int | None,
    reason: str,
) -> Grant:
    """Let the user look at what the scope reaches (a Study Instance UID, a patient's identity) until then."""
    return Grant.objects.create(
        user_id=user_id,
        practice_id=practice_id,
        role=Role.objects.get(practice=None, name=ROLE),
        scope=scope,
        subject=subject,
        origin=origin,
        valid_until=until,
        granted_by_id=by,
        reason=reason[:250],
    )


def end(grants: QuerySet[Grant]) -> int:
    """End those that still hold; gives how many."""
    now = timezone.now()
    return grants.filter(Q(valid_until=None) | Q(valid_until__gt=now)).update(valid_until=now)
