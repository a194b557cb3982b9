"""Who may open a channel: asked as DICOMweb asks, and once more while the channel is open."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port

from apps.accounts.authentication import is_same_origin, sign_in
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit import access
from apps.core.errors import FoveaError, NotFound, Refused
from apps.core.requests import Exchange, address_of, at_work
from apps.saying import say
from apps.worklist.workitems.subscribing import check_title

OPENED: Final = "UPS-RS events"
_PATH: Final = re.compile(r"(?:/[\w.~-]+)*/subscribers/([^/]{1,48})/?")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose events: an AE title of a practice."""

    practice_id: int
    subscriber: str


@dataclass(frozen=True, slots=True)
class Opening:
    """A request to open a channel, as the process hears it."""

    path: str
    headers: tuple[tuple[str, str], ...]
    peer: str

    @classmethod
    def of(cls, path: str, headers: Iterable[tuple[str, str]], peer: str) -> Self:
        return cls(path, tuple(headers), peer)


def admit(opening: Opening) -> Mailbox:
    """Whose events the caller gets: those of the AE title in the path, in the caller's active practice.

    Raises NotFound for another path, SignInRequired, Refused for who may not look at all of the practice, and for a
    page of another site that has the browser say who its user is.
    """
    match = _PATH.fullmatch(urlsplit(opening.path).path)
    if match is None:
        raise NotFound(say("Channels are at /dicom-web/subscribers/ and an AE title."))
    subscriber = unquote(match[1])
    check_title(subscriber)
    request = _request(opening)
    with at_work(Exchange(token_hex(8), perf_counter(), address_of(request))):
        principal = _signed_in(request)
        access.note_search(principal, OPENED, (subscriber,), 0)
    if principal.practice_id is None:
        raise Refused(say("You belong to no practice yet, so there is nothing to tell you."))
    return Mailbox(principal.practice_id, subscriber)


def is_still_admitted(opening: Opening, mailbox: Mailbox) -> bool:
    """Whether the same request would open the same channel now: rights end, and tokens expire."""
    request = _request(opening)
    try:
        with at_work(Exchange(token_hex(8), perf_counter(), address_of(request))):
            return _signed_in(request).practice_id == mailbox.practice_id
    except FoveaError:
        return False


def _signed_in(request: HttpRequest) -> Principal:
    principal = sign_in(request)
    if not request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer ") and not _is_of_site(request):
        raise Refused(say("A page of another site can't listen to this one's events."))
    if not principal.may_in_all_of(Permission.VIEW, principal.practice_id):
        raise Refused(say("You may not look at the whole worklist of this practice. Ask an administrator."))
    return principal


def _is_of_site(request: HttpRequest) -> bool:
    """Whether no page asks, or one of this site: a browser lets every page open a WebSocket, with its user's cookie.

    The site's pages may come by another port than this process has.
    """
    origin = request.META.get("HTTP_ORIGIN", "")
    if not origin or is_same_origin(request):
        return True
    host = split_domain_port(request.get_host())[0]
    return origin == f"http://{host}:{settings.HTTP_PORT}"


def _request(opening: Opening) -> HttpRequest:
    """The request as Django has one, for those who ask who makes it."""
    request = HttpRequest()
    request.method = "GET"
    request.META = {"REMOTE_ADDR": opening.peer, "SERVER_NAME": settings.EVENTS_HOST, "SERVER_PORT": "80"}
    for name, value in opening.headers:
        request.META[f"HTTP_{name.upper().replace('-', '_')}"] = value
    request.COOKIES = parse_cookie(request.META.get("HTTP_COOKIE", ""))
    return request
