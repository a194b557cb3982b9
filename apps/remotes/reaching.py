"""Which remotes somebody may use, and for what: to search them and fetch from them, or to send to them."""

from dataclasses import replace
from typing import Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, Reach
from apps.core.errors import NotFound, Refused
from apps.remotes.models import Remote
from apps.saying import say

NO_SUCH: Final = say("There is no such remote.")
_DENIALS: Final = {
    Permission.FETCH: say("You may not search other archives or fetch from them."),
    Permission.SEND: say("You may not send studies to other archives."),
}


def usable(principal: Principal, pk: int, permission: Permission) -> Remote:
    """The remote, for whoever has the permission (FETCH or SEND) in its practice.

    Raises NotFound, and Refused for who may use it for other things.
    """
    remote = Remote.objects.select_related("practice").filter(pk=pk).first()
    known = (Permission.FETCH, Permission.SEND, Permission.ADMINISTER)
    if remote is None or not any(_may(principal, each, remote) for each in known):
        raise NotFound(NO_SUCH)
    if not _may(principal, permission, remote):
        raise Refused(_DENIALS[permission])
    if not remote.is_active:
        raise Refused(say("{name} is switched off here.", name=remote.name))
    return remote


def within(principal: Principal, practice_id: int) -> Principal:
    """The same person, reaching what they reach in this practice alone, and acting there."""
    reaches = tuple(
        Reach(each.permissions, practice_id, each.scope, each.role_id)
        for each in principal.reaches
        if each.practice_id in (None, practice_id)
    )
    return replace(
        principal, practice_id=practice_id, practice_ids=(practice_id,), reaches=reaches, _whole={}, _narrow={}
    )


def _may(principal: Principal, permission: Permission, remote: Remote) -> bool:
    """Fetching is of whole practices; who may send some studies may send those."""
    if permission is Permission.SEND:
        return principal.may_in(permission, remote.practice_id)
    return principal.may_in_all_of(permission, remote.practice_id)
