"""Whether somebody may do a thing in all of a practice, as what concerns more than single studies asks for."""

from typing import Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import NotFound, Refused
from apps.saying import Sentence, say

NO_SUCH: Final = say("There is no such practice among yours.")


def decide(who: Principal, permission: Permission, practice_id: int, refusal: Sentence) -> None:
    """Raises Refused with this text for who may not in all of it, NotFound for who has nothing to do with it."""
    if who.may_in_all_of(permission, practice_id):
        return
    if not (who.may_in(permission, practice_id) or who.may_in(Permission.VIEW, practice_id)):
        raise NotFound(NO_SUCH)
    raise Refused(refusal)
