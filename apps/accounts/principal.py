"""Who acts: the few facts about a signed-in user that every decision on rights needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import Grant, Token, User
from apps.accounts.permissions import ALL, Permission, Scope, read


@dataclass(frozen=True, slots=True)
class Reach:
    """Permissions and what they reach: a scope of a practice, or of all of them (None)."""

    permissions: frozenset[Permission]
    practice_id: int | None
    scope: Scope = Scope.PRACTICE
    role_id: int = 0


@dataclass(frozen=True, slots=True)
class Narrow:
    """What reaches less than a practice, by its kind: the roles that it is given by, and the practices."""

    scope: Scope
    roles: frozenset[int]
    practices: frozenset[int]


@dataclass(frozen=True, slots=True)
class Shared:
    """What a share link opens: a study, or one series of it."""

    study_instance_uid: str
    series_instance_uid: str = ""


EVERYWHERE: Final = (Reach(ALL, None),)


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user as the services see one; cheap to keep in a cache.

    `practice_id` is the active practice, `practice_ids` those in which the user has a grant. `via` tells how they came
    in, such as `session` or the first characters of a token; `on_behalf_of` names who asked for what a worker does.
    Whoever has no reach may do nothing.
    """

    user_id: int
    username: str
    practice_id: int | None
    practice_ids: tuple[int, ...]
    is_superuser: bool = False
    reaches: tuple[Reach, ...] = ()
    shared: Shared | None = None
    via: str = ""
    on_behalf_of: str = ""
    # What has been asked for before: a principal answers the same questions for each of five hundred frames.
    _whole: dict[Permission, frozenset[int] | None] = field(default_factory=dict, repr=False, compare=False)
    _narrow: dict[Permission, "tuple[Narrow, ...]"] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, user: User, token: Token | None = None, via: str = "") -> Self:
        """The principal of a user, within the bounds of the token that was presented; one query for the grants."""
        grants = Grant.objects.current().filter(user=user).order_by()
        kinds = "practice_id", "scope", "role_id", "role__permissions"
        reaches = [
            Reach(read(permissions), practice, Scope(scope), role)
            for practice, scope, role, permissions in grants.values_list(*kinds).distinct()
        ]
        practices = tuple(sorted({reach.practice_id for reach in reaches if reach.practice_id is not None}))
        is_superuser = user.is_active and user.is_superuser
        held = EVERYWHERE if is_superuser else tuple(reaches)
        bound = token.practice_id if token else None
        if token:
            held = tuple(_within(held, token))
        active = bound or (user.practice_id if user.practice_id in practices else next(iter(practices), None))
        return cls(user.pk, user.get_username(), active, practices, is_superuser, held, via=via)

    @classmethod
    def worker(
        cls, practice_id: int, name: str = "worker", permissions: frozenset[Permission] = ALL, on_behalf_of: str = ""
    ) -> Self:
        """A part of the server that acts in one practice."""
        reach = Reach(permissions, practice_id)
        return cls(0, name, practice_id, (practice_id,), reaches=(reach,), on_behalf_of=on_behalf_of)

    @classmethod
    def of_share(
        cls,
        name: str,
        practice_id: int,
        shared: Shared,
        permissions: frozenset[Permission],
        on_behalf_of: str = "",
    ) -> Self:
        """Who holds a share link: it reaches what is shared and nothing else. `on_behalf_of` is who made it."""
        reach = Reach(permissions, practice_id, Scope.STUDY)
        return cls(
            *(0, name, practice_id, (practice_id,)),
            reaches=(reach,),
            shared=shared,
            via="share link",
            on_behalf_of=on_behalf_of,
        )

    def may(self, permission: Permission) -> bool:
        """Whether the principal has this permission for anything at all."""
        return any(permission in reach.permissions for reach in self.reaches)

    def may_in(self, permission: Permission, practice_id: int | None) -> bool:
        """Whether the principal has this permission for anything in the practice."""
        return any(
            permission in reach.permissions and reach.practice_id in (None, practice_id) for reach in self.reaches
        )

    def may_in_all_of(self, permission: Permission, practice_id: int | None) -> bool:
        """Whether the principal has this permission for the whole practice; None stands for what belongs to none."""
        whole = self.whole(permission)
        return whole is None or practice_id in whole

    def whole(self, permission: Permission) -> frozenset[int] | None:
        """The practices in the whole of which this is permitted; None for all there are."""
        if permission not in self._whole:
            reaches = [each for each in self.reaches if permission in each.permissions and each.scope == Scope.PRACTICE]
            everywhere = any(reach.practice_id is None for reach in reaches)
            practices = frozenset(reach.practice_id for reach in reaches if reach.practice_id is not None)
            self._whole[permission] = None if everywhere else practices
        return self._whole[permission]

    def narrow_by_scope(self, permission: Permission) -> tuple[Narrow, ...]:
        """`narrow`, put together by scope."""
        if permission not in self._narrow:
            self._narrow[permission] = tuple(_by_scope(self.narrow(permission)))
        return self._narrow[permission]

    def narrow(self, permission: Permission) -> tuple[Reach, ...]:
        """The reaches of this permission that go less far than a practice in the whole of which it is permitted."""
        whole = self.whole(permission)
        if whole is None:
            return ()
        return tuple(
            reach
            for reach in self.reaches
            if permission in reach.permissions and reach.scope != Scope.PRACTICE and reach.practice_id not in whole
        )


def _by_scope(reaches: Iterable[Reach]) -> Iterator[Narrow]:
    kept = list(reaches)
    for scope in sorted({reach.scope for reach in kept}):
        own = [reach for reach in kept if reach.scope == scope]
        practices = frozenset(reach.practice_id for reach in own if reach.practice_id is not None)
        yield Narrow(scope, frozenset(reach.role_id for reach in own), practices)


def _within(reaches: Iterable[Reach], token: Token) -> Iterable[Reach]:
    """What of these reaches the token lets its bearer use."""
    for reach in reaches:
        if token.practice_id is None or reach.practice_id in (None, token.practice_id):
            practice = token.practice_id or reach.practice_id
            yield Reach(reach.permissions & token.permitted, practice, reach.scope, reach.role_id)


Caller = User | AnonymousUser | Principal | None


def principal_of(who: Caller) -> Principal | None:
    """The principal behind a user of Django's; nobody for an anonymous or deactivated one."""
    if isinstance(who, Principal):
        return who
    return Principal.of(who) if isinstance(who, User) and who.is_active else None
