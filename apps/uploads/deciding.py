"""Where somebody may store files that they bring: in practices in the whole of which they may."""

from typing import Final

from apps.accounts import whole
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.saying import say

NOWHERE: Final = say("You may not store in this practice: that is for those who may store in all of it.")


def decide(principal: Principal, practice_id: int) -> None:
    """Raises Refused for who may not store in all of the practice, NotFound for who has nothing to do with it."""
    whole.decide(principal, Permission.UPLOAD, practice_id, NOWHERE)
