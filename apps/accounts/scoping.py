"""The one door to what belongs to a practice: closed by default, the same for the ORM and for plain SQL."""

from typing import Any, Self, TypeVar

from django.db import models

from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, Principal, principal_of

Row = TypeVar("Row", bound=models.Model)


class ScopedQuerySet(models.QuerySet[Row]):
    """Rows of one practice or another. Edges read them through `visible_to` and no other way."""

    practice_path = "practice"
    permission = Permission.VIEW

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        """The rows of practices in the whole of which `who` has the permission; none for nobody."""
        principal = principal_of(who)
        whole = principal.whole(permission or self.permission) if principal else frozenset[int]()
        if whole is None:
            return self.all()
        return self.filter(**{f"{self.practice_path}_id__in": whole}) if whole else self.none()


def practice_sql(principal: Principal | None, permission: Permission, column: str) -> tuple[str, list[Any]]:
    """`visible_to` for hand-written queries: a condition on the column that holds the practice, and its parameters."""
    whole = principal.whole(permission) if principal else frozenset[int]()
    return ("1 = 1", []) if whole is None else among(column, whole)


def among(column: str, numbers: frozenset[int]) -> tuple[str, list[Any]]:
    """The condition that the column has one of these numbers; none has where there are none."""
    if not numbers:
        return "1 = 0", []
    return f"{column} IN ({', '.join(['%s'] * len(numbers))})", sorted(numbers)
