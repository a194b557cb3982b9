"""Making, renewing and revoking bearer tokens: on record, and never by a token."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.accounts import people, permissions
from apps.accounts.events import Change, Kind, tell
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import NEVER_BY_DEFAULT, Permission
from apps.accounts.principal import Principal
from apps.core.errors import Conflict, NotFound, Refused
from apps.saying import say

MOST_TOKENS: Final = 50
# How long a token is good for, unless somebody says otherwise.
GOOD_FOR: Final = timedelta(days=90)
BY_TOKEN: Final = "token "  # noqa: S105 - how a principal says that it came in by one


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made. Without `permissions` it may do what its owner may, deleting and administering excepted."""

    name: str
    expires_at: datetime | None
    practice: Practice | None = None
    permissions: Collection[str] | None = None


def issue(who: Principal, owner: User, wanted: Wanted) -> tuple[Token, str]:
    """A new token of the owner's, and its secret, which can't be had again.

    Raises Refused for a token that asks for one, and for what the owner may not do; NotFound for a practice that the
    owner doesn't belong to; Conflict where there are MOST_TOKENS.
    """
    _check(who, owner.pk)
    reach = Principal.of(owner)
    if wanted.practice and not any(reach.may_in(permission, wanted.practice.pk) for permission in Permission):
        raise NotFound(say("There is no such practice."))
    permitted = _permitted(reach, wanted)
    with transaction.atomic():
        if owner.tokens.count() >= MOST_TOKENS:
            raise Conflict(
                say("You have {most_tokens} tokens. Revoke those that are no longer used.", most_tokens=MOST_TOKENS)
            )
        made = Token.issue(owner, wanted.name, wanted.expires_at, practice=wanted.practice, permissions=permitted)
        _tell(who, made[0], f"made, for {' '.join(permitted) or 'nothing'}")
    return made


def rotate(who: Principal, token: Token) -> str:
    """A new secret for the token, which can't be had again; the old one is worth nothing. Raises Refused."""
    _check(who, token.user_id)
    with transaction.atomic():
        secret = token.rotate()
        _tell(who, token, "given a new secret")
    return secret


def revoke(who: Principal, token: Token) -> None:
    """Let nobody in with it any more. Raises Refused."""
    _check(who, token.user_id)
    with transaction.atomic():
        _tell(who, token, "revoked")
        token.delete()


def in_time() -> datetime:
    """When a token that is made now ends, unless somebody says otherwise."""
    return timezone.now() + GOOD_FOR


def default_permissions(reach: Principal) -> list[str]:
    """What a token may do unless it is told otherwise."""
    return [each.value for each in Permission if each not in NEVER_BY_DEFAULT and reach.may(each)]


def _check(who: Principal, owner_id: int) -> None:
    if who.via.startswith(BY_TOKEN):
        raise Refused(say("A token can't make, renew or revoke one: sign in with a user name and password."))
    if owner_id != who.user_id and not people.decides_on_all(who):
        raise Refused(say("These are another's tokens."))


def _permitted(reach: Principal, wanted: Wanted) -> list[str]:
    if wanted.permissions is None:
        return default_permissions(reach)
    asked = permissions.read(wanted.permissions)
    beyond = [each.value for each in asked if not reach.may(each)]
    if beyond:
        raise Refused(say("A token can't do what its user may not: {names}.", names=", ".join(sorted(beyond))))
    return [each.value for each in Permission if each in asked]


def _tell(who: Principal, token: Token, what: str) -> None:
    practice_id = token.practice_id or token.user.practice_id
    detail = f"token {token.hint} of {token.user.get_username()} {what}"
    tell(Change(Kind.ACCOUNT, who, practice_id, detail))
