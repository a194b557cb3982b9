"""What an address asks of whoever calls it. One without a guard is closed to everybody."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from django.http import HttpRequest

from apps.accounts.authentication import sign_in
from apps.accounts.permissions import Permission
from apps.core.errors import Refused
from apps.saying import say


class Open(Enum):
    """What needs no permission."""

    TO_ANYBODY = "anybody"
    TO_USERS = "anybody who is signed in"


Guard = Permission | Open
Guards = Mapping[str, Guard]

REFUSALS: Final = {
    Permission.VIEW: say("You may not look at studies. Ask an administrator."),
    Permission.DOWNLOAD: say("You may not take files away. Ask an administrator."),
    Permission.UPLOAD: say("You may not store anything. Ask an administrator."),
    Permission.ANNOTATE: say("You may not add annotations and measurements. Ask an administrator."),
    Permission.REPORT: say("You may not write reports. Ask an administrator."),
    Permission.SIGN: say("You may not sign reports. Ask an administrator."),
    Permission.SHARE: say("You may not share studies. Ask an administrator."),
    Permission.SEND: say("You may not send studies to other archives. Ask an administrator."),
    Permission.FETCH: say("You may not search other archives and fetch from them. Ask an administrator."),
    Permission.EDIT: say("You may not correct data. Ask an administrator."),
    Permission.ANONYMISE: say("You may not take studies away without identities. Ask an administrator."),
    Permission.MERGE: say("You may not merge patients or move studies. Ask an administrator."),
    Permission.DELETE: say("You may not delete anything. Ask an administrator."),
    Permission.ANALYSE: say("You may not start analyses. Ask an administrator."),
    Permission.AUDIT: say("You may not read the record. Ask an administrator."),
    Permission.ADMINISTER: say("You may not decide who may do what. Ask an administrator."),
}
NO_PRACTICE: Final = say("You belong to no practice yet, so there is nothing that you may do. Ask an administrator.")


def refused(permission: Permission) -> Refused:
    """The error for somebody who has the permission for nothing."""
    return Refused(REFUSALS[permission])


def admit(request: HttpRequest, guard: Guard) -> None:
    """Let the caller past. Raises SignInRequired, and Refused for one who has the permission for nothing at all.

    What exactly the permission reaches is for the services to say: they find nothing else.
    """
    if guard is Open.TO_ANYBODY:
        return
    principal = sign_in(request)
    if isinstance(guard, Permission) and not principal.may(guard):
        raise refused(guard) if principal.reaches else Refused(NO_PRACTICE)
