"""What waits for a person: told by a number in the admin's menu and on its first page."""

from collections import Counter
from typing import Any, Final

from django.db.models import Count, QuerySet, Value
from django.http import HttpRequest

from apps.access.models import AccessRequest, Emergency, Invitation, State
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal

FAMILY: Final = "family"
REQUESTS: Final = "requests"
EMERGENCIES: Final = "emergencies"


def counts(request: HttpRequest) -> Counter[str]:
    """How much waits for whoever looks at this page; asked for once a request, in one query at most."""
    known: Counter[str] | None = getattr(request, "fovea_access_waiting", None)
    if known is None:
        known = _count(principal(request))
        request.fovea_access_waiting = known  # type: ignore[attr-defined]
    return known


def _count(who: Principal) -> Counter[str]:
    rows: list[QuerySet[Any, Any]] = []
    if who.may(Permission.SHARE):
        rows.append(_counted(FAMILY, Invitation.objects.visible_to(who).filter(state=State.VERIFIED)))
    if who.may(Permission.ADMINISTER):
        rows.append(_counted(REQUESTS, AccessRequest.objects.visible_to(who).filter(state=AccessRequest.State.WAITING)))
        rows.append(_counted(EMERGENCIES, Emergency.objects.visible_to(who).filter(reviewed_at=None)))
    if not rows:
        return Counter()
    first, *others = rows
    return Counter(dict(first.union(*others, all=True)))


def _counted(name: str, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return (
        rows.order_by().annotate(what=Value(name)).values("what").annotate(rows=Count("pk")).values_list("what", "rows")
    )
