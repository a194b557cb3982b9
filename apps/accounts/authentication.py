"""Signing in to DICOMweb and the API: by session, by HTTP Basic, or by bearer token, looked up in a short-lived cache.

The cache keeps a decision for a few seconds, keyed by a hash of what was presented: a viewer that asks for five hundred
frames is looked up once, and a revoked right or a changed password is felt within `REMEMBERED_SECONDS`.
"""

import base64
import binascii
import hashlib
import time
from collections.abc import Callable
from importlib import import_module
from threading import Lock
from typing import Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, authenticate
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from apps.accounts import lockout, passwords
from apps.accounts.models import Token, User
from apps.accounts.mounted import mount_of
from apps.accounts.obstacles import has_second_factor, obstacle
from apps.accounts.principal import Principal
from apps.core.errors import Refused, SignInRequired
from apps.core.requests import signed_in
from apps.saying import say

REMEMBERED_SECONDS: Final = 5.0
REMEMBERED_COUNT: Final = 4096
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN: Final = frozenset({"cross-site", "same-site"})

_remembered: dict[bytes, tuple[float, Principal]] = {}
_lock = Lock()


def sign_in(request: HttpRequest) -> Principal:
    """Who makes this request.

    Raises SignInRequired for nobody, Refused for a session's unsafe request that comes from another origin.
    """
    known: Principal | None = getattr(request, "fovea_principal", None)
    if known is not None:
        return known
    principal, by_session = _principal_of(request)
    signed_in(principal.username, principal.via)
    if request.method not in SAFE_METHODS and not _may_change(request, by_session=by_session):
        raise Refused(say("A request that changes something must come from this site's own pages."))
    request.fovea_principal = principal  # type: ignore[attr-defined]
    return principal


def _principal_of(request: HttpRequest) -> tuple[Principal, bool]:
    """Who it is, and whether a browser says so by itself."""
    mount = mount_of(request)
    header = "" if mount else request.META.get("HTTP_AUTHORIZATION", "")
    if mount:
        principal = _remember(mount.key, lambda _: mount.look_up(mount.presented))
    elif header:
        principal = _remember(header, lambda presented: _by_header(request, presented))
    elif session_key := request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
        principal = _remember(session_key, _by_session)
    else:
        raise SignInRequired
    return principal, not header


def forget_all() -> None:
    """Empty the cache, for a sign-out and for changes of rights in this process."""
    with _lock:
        _remembered.clear()
    passwords.forget_all()


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a browser says that the request comes from a page of this site (Fetch Metadata, else Origin)."""
    if request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin":
        return True
    origin = request.META.get("HTTP_ORIGIN", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return "HTTP_SEC_FETCH_SITE" not in request.META and origin == f"{request.scheme}://{request.get_host()}"


def _may_change(request: HttpRequest, *, by_session: bool) -> bool:
    """Whether an unsafe request may come from where it comes from.

    A browser adds a cookie, and a password that was typed into its own dialogue, to requests of any page. Programs
    send headers of their own making, and pages of other origins that do so have been let in (FOVEA_CORS_ORIGINS).
    """
    if by_session or request.META.get("HTTP_SEC_FETCH_SITE") in FOREIGN:
        listed = not by_session and request.META.get("HTTP_ORIGIN", "") in settings.CORS_ORIGINS
        return listed or is_same_origin(request)
    return True


def _remember(presented: str, look_up: Callable[[str], Principal]) -> Principal:
    key = hashlib.sha256(presented.encode()).digest()
    now = time.monotonic()
    known = _remembered.get(key)
    if known is not None and known[0] > now:
        return known[1]
    principal = look_up(presented)
    with _lock:
        if len(_remembered) >= REMEMBERED_COUNT:
            _remembered.clear()
        _remembered[key] = (now + REMEMBERED_SECONDS, principal)
    return principal


def _by_header(request: HttpRequest, header: str) -> Principal:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return by_token(request, credentials.strip())
    if scheme.lower() == "basic":
        return by_password(request, *_basic(credentials.strip()))
    raise SignInRequired(say("Sign in by HTTP Basic or with a bearer token."))


def by_token(request: HttpRequest, secret: str) -> Principal:
    """Who presents this token. Raises SignInRequired, TooManyAttempts.

    A right token is let in whatever others tried before; wrong ones count by the address that they come from.
    """
    token = Token.objects.select_related("user").filter(digest=Token.digest_of(secret)).first()
    if token is None or not token.is_current() or not token.user.is_active:
        lockout.check(request, lockout.BEARER)
        user_login_failed.send(__name__, credentials={"username": lockout.BEARER}, request=request)
        raise SignInRequired(say("The token is not valid or has expired."))
    token.note_use()
    return Principal.of(token.user, token, via=f"token {token.hint}")


def _basic(credentials: str) -> tuple[str, str]:
    """User name and password of HTTP Basic (RFC 7617)."""
    try:
        username, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SignInRequired(say("The Authorization header can't be read.")) from error
    return username, password


def by_password(request: HttpRequest, username: str, password: str) -> Principal:
    """Who has this name and password. Raises SignInRequired, TooManyAttempts, and Refused where that is not enough."""
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise SignInRequired(say("The user name or the password is wrong."))
    if has_second_factor(user):
        raise Refused(
            say("This account has two-step verification, which a password alone would get around: use a token.")
        )
    if found := obstacle(user):
        raise Refused(found.detail)
    return Principal.of(user, via="Basic")


def _by_session(session_key: str) -> Principal:
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    expected = user.get_session_auth_hash() if user else ""
    if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), expected):
        raise SignInRequired
    if found := obstacle(user, session):
        raise Refused(found.detail)
    return Principal.of(user, via="session")
