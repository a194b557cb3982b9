"""Who acts: the few facts about a signed-in user that every decision on rights needs."""

from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user as the services see one; cheap to keep in a cache."""

    user_id: int
    username: str
    practice_id: int | None
    practice_ids: tuple[int, ...]
    is_superuser: bool

    @classmethod
    def of(cls, user: User) -> Self:
        """The principal of a user; one query for the memberships."""
        practices = tuple(user.memberships.order_by("practice_id").values_list("practice_id", flat=True))
        active = user.practice_id if user.practice_id in practices else next(iter(practices), None)
        return cls(user.pk, user.get_username(), active, practices, user.is_active and user.is_superuser)


Caller = User | AnonymousUser | Principal | None


def principal_of(who: Caller) -> Principal | None:
    """The principal behind a user of Django's; nobody for an anonymous or deactivated one."""
    if isinstance(who, Principal):
        return who
    return Principal.of(who) if isinstance(who, User) and who.is_active else None
