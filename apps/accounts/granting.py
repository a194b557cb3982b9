"""Changing people's accounts, roles and grants: each change is checked, stands as a whole, and is on record."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from apps.accounts import people
from apps.accounts.events import Change, Kind, tell
from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.core.errors import Conflict, NotFound, Refused
from apps.saying import say

# What a superuser alone decides about an account.
OF_SUPERUSERS = frozenset({"is_superuser"})


def give(who: Principal, grants: Sequence[Grant]) -> None:
    """Save new grants. Raises NotFound for another's practice, Refused for oneself and for what `who` doesn't have."""
    for grant in grants:
        check_gift(who, grant)
    with transaction.atomic():
        for grant in grants:
            grant.granted_by_id = who.user_id or None
            grant.save()
            _keep_active_practice(grant.user)
        for grant in grants:
            detail = f"given: {described(grant)}"
            tell(Change(Kind.RIGHTS, who, grant.practice_id, detail, grant.reason))


def end(who: Principal, grants: Iterable[Grant], reason: str = "") -> int:
    """End these grants now, as far as they haven't ended; gives how many. Raises NotFound, and Conflict (see below)."""
    lasting = [grant for grant in grants if not has_ended(grant)]
    for grant in lasting:
        if not people.administers(who, grant.practice_id):
            raise NotFound(say("There is no such grant."))
    with in_hands(who, {grant.practice_id for grant in lasting}):
        for grant in lasting:
            grant.valid_until = timezone.now()
            grant.save(update_fields=["valid_until"])
            _keep_active_practice(grant.user)
        for grant in lasting:
            tell(Change(Kind.RIGHTS, who, grant.practice_id, f"ended: {described(grant)}", reason))
    return len(lasting)


def save_role(who: Principal, role: Role) -> None:
    """Save a practice's role. Raises Refused for the product's own, and for permissions that `who` doesn't have."""
    before = Role.objects.filter(pk=role.pk).first()
    if role.practice_id is None or (before and before.practice_id != role.practice_id):
        raise Refused(say("The product's own roles stay as they are, and a role stays in its practice."))
    if not people.administers(who, role.practice_id):
        raise NotFound(say("There is no such practice."))
    added = set(role.permissions) - set(before.permissions if before else ())
    check_lacking(who, role.practice_id, added)
    with in_hands(who, {role.practice_id}):
        role.save()
        names = " ".join(role.permissions)
        tell(Change(Kind.RIGHTS, who, role.practice_id, f"role {role.name}: {names}"))


def remove_role(who: Principal, role: Role) -> None:
    """Delete a practice's role that nobody ever had. Raises Refused, NotFound, Conflict."""
    if role.practice_id is None:
        raise Refused(say("The product's own roles stay."))
    if not people.administers(who, role.practice_id):
        raise NotFound(say("There is no such role."))
    if role.grants.exists():
        raise Conflict(
            say("This role has been given to somebody; what was given stays on file. End its grants instead.")
        )
    with transaction.atomic():
        role.delete()
        tell(Change(Kind.RIGHTS, who, role.practice_id, f"role {role.name} deleted"))


def add_user(who: Principal, user: User, first: Grant | None) -> None:
    """Save a new user with a first grant, which only a superuser may leave out. Raises Refused and NotFound."""
    if user.is_superuser and not people.decides_on_all(who):
        raise Refused(say("Only a superuser makes another one."))
    if first is None and not people.decides_on_all(who):
        raise Refused(say("Give the new user a role in your practice."))
    with transaction.atomic():
        if first is not None:
            check_gift(who, first)
            user.practice_id = first.practice_id
        user.save()
        practice_id = first.practice_id if first else None
        tell(Change(Kind.ACCOUNT, who, practice_id, f"{user.get_username()} made{_rank(user)}"))
        if first is not None:
            first.user = user
            give(who, [first])


def change_user(who: Principal, user: User, fields: Collection[str]) -> None:
    """Save these fields of an account. Raises Refused for accounts and fields that are not for `who` to change."""
    before = User.objects.get(pk=user.pk)
    if why := people.why_not_managed(who, before):
        raise Refused(why)
    if OF_SUPERUSERS & set(fields) and not people.decides_on_all(who):
        raise Refused(say("Only a superuser decides who is one."))
    with in_hands(who, _practices_of(before)):
        user.save(update_fields=list(fields))
        detail = f"{user.get_username()}: {', '.join(sorted(fields))} changed{_rank(user)}"
        tell(Change(Kind.ACCOUNT, who, _of_account(who, user), detail))


def remove_user(who: Principal, user: User) -> None:
    """Delete an account that is no longer wanted, grants and all. Raises Refused for all but superusers."""
    if not people.decides_on_all(who):
        raise Refused(say("Only a superuser deletes an account. Close it instead."))
    with in_hands(who, _practices_of(user)):
        name, practice_id = user.get_username(), _of_account(who, user)
        user.delete()
        tell(Change(Kind.ACCOUNT, who, practice_id, f"{name} deleted"))


def described(grant: Grant) -> str:
    """A grant in the words of the record, which hold no name of a patient."""
    scope = Scope(grant.scope)
    subject = f" {grant.subject}" if scope in {Scope.LABEL, Scope.STUDY} else ""
    where = "" if scope is Scope.PRACTICE else f" for {scope.value}{subject}"
    return f"{grant.role.name} to {grant.user.get_username()}{where}"


def has_ended(grant: Grant) -> bool:
    return grant.valid_until is not None and grant.valid_until <= timezone.now()


@contextmanager
def in_hands(who: Principal, practices: Collection[int]) -> Iterator[None]:
    """A transaction that may leave no practice among these without an administrator, nor the site without a superuser.

    A superuser, who administers all of them, may take a practice's last administrator away. Raises Conflict.
    """
    with transaction.atomic():
        list(Practice.objects.select_for_update().filter(pk__in=practices).order_by("pk"))
        superusers = User.objects.filter(is_superuser=True, is_active=True)
        had_superuser = bool(superusers.select_for_update().order_by("pk"))
        had = {pk for pk in practices if has_administrator(pk)}
        yield
        if had_superuser and not superusers.exists():
            raise Conflict(say("The site would be left without a superuser. Make somebody else one first."))
        if not people.decides_on_all(who) and not all(map(has_administrator, had)):
            raise Conflict(say("The practice would be left without an administrator. Make somebody else one first."))


def has_administrator(practice_id: int) -> bool:
    """Whether somebody may administer the whole practice now."""
    roles = Role.objects.filter(grants__practice=practice_id).distinct()
    deciding = [role.pk for role in roles if Permission.ADMINISTER in role.permissions]
    given = Grant.objects.current().filter(practice=practice_id, role__in=deciding, scope=Scope.PRACTICE)
    return given.filter(user__is_active=True).exists()


def check_gift(who: Principal, grant: Grant) -> None:
    """Raises NotFound for another's practice, Refused for oneself and for what `who` doesn't have."""
    if not people.administers(who, grant.practice_id):
        raise NotFound(say("There is no such practice."))
    if people.decides_on_all(who):
        return
    if grant.user_id == who.user_id:
        raise Refused(say("Nobody gives a role to themselves. Ask another administrator."))
    check_lacking(who, grant.practice_id, grant.role.permissions)


def check_lacking(who: Principal, practice_id: int, permissions: Iterable[str]) -> None:
    """Raises Refused for permissions that they don't have in the whole practice themselves."""
    missing = people.lacking(who, practice_id, permissions)
    if missing:
        raise Refused(
            say("You can't give what you don't have yourself: {names}. A superuser can.", names=", ".join(missing))
        )


def _keep_active_practice(user: User) -> None:
    """What a user uploads goes to a practice that they belong to, or nowhere."""
    belongs = list(user.grants.current().order_by("pk").values_list("practice_id", flat=True))
    if user.practice_id not in belongs:
        user.practice_id = next(iter(belongs), None)
        user.save(update_fields=["practice"])


def _practices_of(user: User) -> set[int]:
    return set(user.grants.current().order_by().values_list("practice_id", flat=True))


def _of_account(who: Principal, user: User) -> int | None:
    """On whose record a change of the account is: of the practice that both belong to, else of the user's own."""
    belongs = sorted(_practices_of(user))
    return who.practice_id if who.practice_id in belongs else next(iter(belongs), None)


def _rank(user: User) -> str:
    """Told with each change of an account that matters more than others."""
    return " (superuser)" if user.is_superuser else ""
