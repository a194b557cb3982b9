"""Who works in a practice: users with a right that was given by hand. Relatives and guests have none."""

from django.db.models import QuerySet

from apps.accounts.models import Grant, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import NotFound, Refused
from apps.saying import say


def colleagues(practice_id: int) -> QuerySet[User]:
    """The active users who work there now."""
    by_hand = Grant.objects.current().filter(practice=practice_id, origin=Grant.Origin.HAND)
    return User.objects.filter(is_active=True, pk__in=by_hand.order_by().values("user"))


def colleague(practice_id: int, username: str) -> User:
    """The user of that name who works there. Raises NotFound."""
    found = colleagues(practice_id).filter(username=username).first()
    if found is None:
        raise NotFound(say("Nobody of this user name works in the practice."))
    return found


def workplace(who: Principal) -> int:
    """The active practice of somebody who looks at studies there by a right given by hand. Raises Refused."""
    practice_id = who.practice_id
    if practice_id is None or not who.may_in(Permission.VIEW, practice_id) or not _looks(who.user_id, practice_id):
        raise Refused(say("This is for those who work with the practice's images. Ask an administrator."))
    return practice_id


def works_somewhere(who: Principal) -> bool:
    """Whether `workplace` has an answer."""
    return who.practice_id is not None and _looks(who.user_id, who.practice_id)


def _looks(user_id: int, practice_id: int) -> bool:
    by_hand = Grant.objects.current().filter(user=user_id, practice=practice_id, origin=Grant.Origin.HAND)
    roles = by_hand.order_by().values_list("role__permissions", flat=True)
    return any(Permission.VIEW in permissions for permissions in roles)
