"""What is put on record by listening: signing in and out, and what is refused."""

import re
from typing import Any, Final

from axes.signals import user_locked_out
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from apps.accounts.lockout import BEARER
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.audit import access
from apps.audit.models import Event
from apps.audit.record import tell
from apps.core import requests

Action = Event.Action

SIGNING_IN: Final = "sign-in"
# A named group of a regular expression, or a converter of Django's: <int:pk>.
_VARIABLE: Final = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>")


def connect() -> None:
    """Listen from now on; done again, it changes nothing."""
    user_logged_in.connect(_signed_in, dispatch_uid="apps.audit.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="apps.audit.signed_out")
    user_login_failed.connect(_refused, dispatch_uid="apps.audit.refused")
    user_locked_out.connect(_locked_out, dispatch_uid="apps.audit.locked_out")
    requests.denied.connect(_denied, dispatch_uid="apps.audit.denied")


def _signed_in(*, user: AbstractBaseUser, **_: Any) -> None:
    if isinstance(user, User):
        tell(Action.SIGN_IN, actor=user.get_username(), practice_id=user.practice_id, source=SIGNING_IN)


def _signed_out(*, user: AbstractBaseUser | None, **_: Any) -> None:
    if isinstance(user, User):
        tell(Action.SIGN_OUT, actor=user.get_username(), practice_id=user.practice_id, source=SIGNING_IN)


def _refused(*, credentials: dict[str, Any], **_: Any) -> None:
    """A user name that nobody has is left out: people type their passwords there."""
    presented = str(credentials.get("username") or "")
    user = _known(presented)
    name, practice_id = (user.get_username(), user.practice_id) if user else ("", None)
    detail = "" if user else "no such token" if presented == BEARER else "no such user"
    access.note_refusal(Action.SIGN_IN_REFUSED, name, practice_id=practice_id, source=SIGNING_IN, detail=detail)


def _locked_out(*, username: str, **_: Any) -> None:
    """Too many attempts (PS3.15 A.5.3.11), told once and not for each that is refused after it."""
    user = _known(username)
    name, practice_id = (user.get_username(), user.practice_id) if user else ("", None)
    access.note_refusal(Action.LOCKOUT, name, practice_id=practice_id, source=SIGNING_IN, detail="too many attempts")


def _denied(*, request: HttpRequest, route: str, user: str, **_: Any) -> None:
    principal: Principal | None = getattr(request, "fovea_principal", None)
    known = principal or _known(user)
    practice_id = known.practice_id if known else None
    access.note_refusal(Action.DENIED, user, practice_id=practice_id, source=request.method or "", detail=_plain(route))


def _plain(route: str) -> str:
    """A route's template for people: the names of what varies in braces, without the expressions it is matched by."""
    text = _VARIABLE.sub(lambda found: "{" + (found[1] or found[2]) + "}", route)
    return "/" + text.removeprefix("^").removesuffix("$").removesuffix("/?")


def _known(username: str) -> User | None:
    """The user of that name; PostgreSQL has no texts with a NUL in them, and so nobody has one as a name."""
    return User.objects.filter(username=username).first() if username and "\0" not in username else None
