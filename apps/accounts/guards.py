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

WORDS: Final = {
    Permission.VIEW: "look at studies",
    Permission.DOWNLOAD: "take files away",
    Permission.UPLOAD: "store anything",
    Permission.DELETE: "delete anything",
    Permission.EDIT: "correct data",
    Permission.MERGE: "merge patients or move studies",
    Permission.SHARE: "share studies",
    Permission.AUDIT: "read the record",
    Permission.ADMINISTER: "decide who may do what",
}
NO_PRACTICE: Final = say("You belong to no practice yet, so there is nothing that you may do. Ask an administrator.")


def refused(permission: Permission) -> Refused:
    """The error for somebody who has the permission for nothing."""
    return Refused(f"You may not {WORDS.get(permission, permission.label.lower())}. Ask an administrator.")


def admit(request: HttpRequest, guard: Guard) -> None:
    """Let the caller past. Raises SignInRequired, and Refused for one who has the permission for nothing at all.

    What exactly the permission reaches is for the services to say: they find nothing else.
    """
    if guard is Open.TO_ANYBODY:
        return
    principal = sign_in(request)
    if isinstance(guard, Permission) and not principal.may(guard):
        raise refused(guard) if principal.reaches else Refused(NO_PRACTICE)
