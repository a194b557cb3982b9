"""Which user is at a remote: user identity negotiation (PS3.7 D.3.3.7), bound to this site's users and tokens."""

from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest

from apps.accounts import authentication
from apps.accounts.models import TOKEN_PREFIX
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, Reach
from apps.core.errors import Refused, SignInRequired
from apps.dicom.network.pdu import UserIdentity
from apps.remotes.directory import Known
from apps.remotes.models import Service
from apps.saying import say

USERNAME: Final = 1
USERNAME_AND_PASSCODE: Final = 2
JSON_WEB_TOKEN: Final = 5
VIA: Final = "DIMSE"
MOST_VIA: Final = 64

PERMISSIONS: Final = {
    Service.ECHO: frozenset[Permission](),
    Service.STORE: frozenset({Permission.UPLOAD}),
    Service.FIND: frozenset({Permission.VIEW}),
    Service.GET: frozenset({Permission.VIEW, Permission.DOWNLOAD}),
    Service.MOVE: frozenset({Permission.SEND}),
    # Who asks what is planned, and says what was done of it.
    Service.WORKLIST: frozenset({Permission.VIEW, Permission.UPLOAD}),
}


@dataclass(frozen=True, slots=True)
class Identified:
    """Who acts for a remote. `answer` is the server's response (PS3.7 D.3.3.7.2), where one was asked for."""

    principal: Principal
    answer: bytes | None = None


class Unproven(SignInRequired):
    """Nothing was presented that proves who it is; no password or token was wrong."""


class Barred(Refused):
    """The user may not do anything here."""


def identify(known: Known, presented: UserIdentity | None, address: str) -> Identified:
    """Who acts: the user whom the remote names, within what the remote may do; else the remote itself.

    A name without a passcode, and what Kerberos or SAML say, count for nothing. Raises SignInRequired for a passcode
    or a token that is wrong, or where a user is required; Refused for one who may not do anything here;
    TooManyAttempts.
    """
    permitted = permissions_of(known.services)
    user = _user(presented, address) if presented else None
    if user is None:
        if known.requires_user:
            raise Unproven(say("It must say which user is at it: a user name and a passcode, or a token."))
        return Identified(_remote(known, permitted))
    reaches = tuple(_within(user, permitted, known.practice_id))
    if not reaches and permitted:
        raise Barred(say("{username} may do nothing there that this remote may.", username=user.username))
    principal = replace(
        user, practice_id=known.practice_id, reaches=reaches, via=f"{VIA} {known.title} {user.via}"[:MOST_VIA],
        _whole={}, _narrow={},
    )  # fmt: skip
    return Identified(principal, b"" if presented and presented.wants_answer else None)


def permissions_of(services: frozenset[Service]) -> frozenset[Permission]:
    """What the services come to."""
    return frozenset().union(*(PERMISSIONS[service] for service in services))


def _remote(known: Known, permitted: frozenset[Permission]) -> Principal:
    return replace(Principal.worker(known.practice_id, known.title, permitted), via=VIA)


def _user(presented: UserIdentity, address: str) -> Principal | None:
    """The user of an identity; None for a kind that proves nothing."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    name, passcode = _text(presented.primary).strip(), _text(presented.secondary)
    if presented.kind == JSON_WEB_TOKEN or (presented.kind == USERNAME and name.startswith(TOKEN_PREFIX)):
        return authentication.by_token(request, name)
    if presented.kind != USERNAME_AND_PASSCODE:
        return None
    if name.startswith(TOKEN_PREFIX) and not passcode:
        return authentication.by_token(request, name)
    if not passcode.startswith(TOKEN_PREFIX):
        return authentication.by_password(request, name, passcode)
    principal = authentication.by_token(request, passcode)
    if principal.username != name:
        raise Unproven(say("The token is another user's."))
    return principal


def _text(value: bytes) -> str:
    """What PS3.7 D.3.3.7.1 has in UTF-8; some pad it."""
    try:
        text = value.decode().rstrip("\0")
    except UnicodeDecodeError as error:
        raise Unproven(say("The user identity is not in UTF-8.")) from error
    if "\0" in text:
        raise Unproven(say("The user identity has a NUL within it."))
    return text


def _within(user: Principal, permitted: frozenset[Permission], practice_id: int) -> list[Reach]:
    """The user's reaches, cut to the practice and to what is permitted."""
    cut = [
        Reach(reach.permissions & permitted, practice_id, reach.scope, reach.role_id)
        for reach in user.reaches
        if reach.practice_id in (None, practice_id)
    ]
    return [reach for reach in cut if reach.permissions]
