"""Who decides on whom: users, roles and grants as an administrator of a practice finds them.

An administrator has the permission to administer for a whole practice; whoever has it everywhere is a superuser (or
acts with a superuser's token that was given it). Nobody gives what they don't have themselves.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import Permission, Scope, read
from apps.accounts.principal import Principal
from apps.saying import say


def decides_on_all(who: Principal) -> bool:
    """Whether this is a superuser in full: one with a token that leaves this out is none."""
    return who.whole(Permission.ADMINISTER) is None


def administers(who: Principal, practice_id: int | None) -> bool:
    """Whether they decide in the practice; None stands for the whole site."""
    return who.may_in_all_of(Permission.ADMINISTER, practice_id)


def practices(who: Principal) -> QuerySet[Practice]:
    """Those in which they decide."""
    whole = who.whole(Permission.ADMINISTER)
    return Practice.objects.all() if whole is None else Practice.objects.filter(pk__in=whole)


def users(who: Principal) -> QuerySet[User]:
    """Users who have a grant in these practices, or once had."""
    whole = who.whole(Permission.ADMINISTER)
    if whole is None:
        return User.objects.all()
    return User.objects.filter(pk__in=Grant.objects.filter(practice__in=whole).values("user"))


def administrators(practice_id: int) -> QuerySet[User]:
    """Those who administer the whole practice, and have an e-mail address to tell them something."""
    given = Grant.objects.current().filter(practice=practice_id, scope=Scope.PRACTICE).select_related("role")
    deciding = {grant.user_id for grant in given if Permission.ADMINISTER in grant.role.permissions}
    return User.objects.filter(pk__in=deciding, is_active=True).exclude(email="").order_by("pk")


def grants(who: Principal) -> QuerySet[Grant]:
    """All that were ever given in these practices."""
    whole = who.whole(Permission.ADMINISTER)
    return Grant.objects.all() if whole is None else Grant.objects.filter(practice__in=whole)


def roles(who: Principal) -> QuerySet[Role]:
    """The product's, and those of these practices; none for who decides nowhere."""
    whole = who.whole(Permission.ADMINISTER)
    if whole is None:
        return Role.objects.all()
    return Role.objects.filter(Q(practice=None) | Q(practice__in=whole)) if whole else Role.objects.none()


def lacking(who: Principal, practice_id: int | None, names: Iterable[object]) -> list[str]:
    """The permissions among these that they don't have in the whole practice, and so can't give there."""
    return sorted(p.value for p in read(names) if not who.may_in_all_of(p, practice_id))


def why_not_managed(who: Principal, user: User) -> str:
    """Why they may not change this account (its names, its password, whether it is open); empty where they may.

    An account's password opens all that the account may do: that must be no more than they may do themselves.
    """
    if decides_on_all(who):
        return ""
    if user.is_superuser:
        return say("{user} is a superuser: another superuser has to do this.", user=str(user))
    held = list(_lasting(user))
    if not any(administers(who, practice_id) for practice_id, _ in held):
        return say("{user} has no role in your practice any more.", user=str(user))
    if not all(administers(who, practice_id) for practice_id, _ in held):
        return say("{user} works in another practice too: a superuser has to do this.", user=str(user))
    beyond = sorted({name for practice_id, names in held for name in lacking(who, practice_id, names)})
    if beyond:
        return say(
            "{user} may do what you may not ({names}): a superuser has to do this.",
            user=str(user),
            names=", ".join(beyond),
        )
    return ""


def _lasting(user: User) -> QuerySet[Grant, tuple[int, list[str]]]:
    """The practices and permissions of the user's grants that hold now or will hold."""
    ends_later = Q(valid_until=None) | Q(valid_until__gt=timezone.now())
    rows = Grant.objects.filter(ends_later, user=user).order_by()
    return rows.values_list("practice_id", "role__permissions")
