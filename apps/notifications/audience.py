"""Who is told of something: those whom it concerns, as their rights are at the moment."""

from typing import Final

from apps.accounts.models import Grant, GrantQuerySet, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.archive.models import Study

# Of one practice; of those whose rights reach less than it each is looked up.
MOST: Final = 1000
MOST_NARROW: Final = 200
# A relative, and somebody who was let in for hours, look at what they came for.
COLLEAGUES: Final = (Grant.Origin.HAND, Grant.Origin.REQUEST)


def of_practice(practice_id: int, permission: Permission) -> set[int]:
    """The users who have the permission in the whole practice."""
    grants = _grants().filter(practice=practice_id, scope=Scope.PRACTICE)
    return _held(grants, permission)


def of_site(permission: Permission) -> set[int]:
    """Those who have the permission in the whole of any practice, and the superusers."""
    everywhere = User.objects.filter(is_active=True, is_superuser=True).values_list("pk", flat=True)[:MOST]
    return _held(_grants().filter(scope=Scope.PRACTICE), permission) | set(everywhere)


def of_study(study: Study, permission: Permission) -> set[int]:
    """Those who have the permission for this study, however narrow; not who stored it."""
    whole = of_practice(study.practice_id, permission)
    grants = _grants().filter(practice=study.practice_id).exclude(scope=Scope.PRACTICE)
    narrow = _held(grants, permission) - whole
    users = User.objects.filter(pk__in=sorted(narrow)[:MOST_NARROW])
    seeing = {user.pk for user in users if _sees(user, study, permission)}
    return (whole | seeing) - {study.stored_by_id or 0}


def _sees(user: User, study: Study, permission: Permission) -> bool:
    return Study.objects.visible_to(Principal.of(user), permission).filter(pk=study.pk).exists()


def _grants() -> GrantQuerySet:
    return Grant.objects.current().filter(user__is_active=True, origin__in=COLLEAGUES).order_by()


def _held(grants: GrantQuerySet, permission: Permission) -> set[int]:
    """Whose these grants are, of those that hold the permission."""
    rows = grants.values_list("user", "role__permissions").distinct()[: MOST * len(Permission)]
    return set(sorted({user for user, permissions in rows if permission in permissions})[:MOST])
