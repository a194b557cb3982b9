"""The one door to what belongs to a practice: closed by default, the same for the ORM and for plain SQL."""

from typing import Any, Self, TypeVar

from django.db import models

from apps.accounts.principal import Caller, Principal, principal_of

Row = TypeVar("Row", bound=models.Model)


class ScopedQuerySet(models.QuerySet[Row]):
    """Rows of one practice or another. Edges read them through `visible_to` and no other way."""

    practice_path = "practice"

    def visible_to(self, who: Caller) -> Self:
        """The rows that `who` may see: those of their practices; all for a superuser; none for nobody."""
        principal = principal_of(who)
        if principal is None:
            return self.none()
        if principal.is_superuser:
            return self.all()
        return self.filter(**{f"{self.practice_path}_id__in": principal.practice_ids})


def visible_sql(principal: Principal | None, column: str) -> tuple[str, list[Any]]:
    """`visible_to` for hand-written queries: a condition on the column that holds the practice, and its parameters."""
    if principal is None or not (principal.is_superuser or principal.practice_ids):
        return "1 = 0", []
    if principal.is_superuser:
        return "1 = 1", []
    marks = ", ".join(["%s"] * len(principal.practice_ids))
    return f"{column} IN ({marks})", list(principal.practice_ids)
