"""The pages that a share link leads to: its entrance, and what is said where it opens nothing any more."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from apps.accounts.guards import Guards, Open
from apps.archive.viewing import viewer_url
from apps.core.errors import FoveaError, NotFound, Refused, TooManyAttempts
from apps.sharing import opening
from apps.sharing.models import Share
from apps.sharing.mount import PREFIX, address_of, cookie_of

ENTRANCE: Final = "sharing/entrance.html"
ENDED: Final = "sharing/ended.html"
HEADERS: Final = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}


class EntranceView(View):
    """A link's own address. Looking at it opens nothing: programs that read mail follow links too."""

    guards: Guards = {"GET": Open.TO_ANYBODY, "POST": Open.TO_ANYBODY}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        try:
            share = opening.find(secret)
            is_open = _is_held(request, share)
            if not is_open:
                opening.check_current(share)
        except FoveaError as error:
            return _ended(request, error)
        return _entrance(request, asks=bool(share.password) and not is_open)

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Open it: a link that is open in this browser already is not counted again."""
        try:
            share = opening.find(secret)
            if _is_held(request, share):
                return HttpResponseRedirect(viewer_address(share), headers=HEADERS)
            return _opened(request, share, opening.open_link(share, request.POST.get("password", "")))
        except (Refused, TooManyAttempts) as error:
            return _entrance(request, asks=True, error=error)
        except FoveaError as error:
            return _ended(request, error)


class ReturnView(View):
    """Where a share's addresses begin: on to the images for who has opened it, and for all others the same page."""

    guards: Guards = {"GET": Open.TO_ANYBODY}
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            share = opening.held(request.COOKIES.get(cookie_of(pk), ""), pk)
        except opening.NotOpened as error:
            return _ended(request, NotFound(error.detail))
        except FoveaError as error:
            return _ended(request, error)
        return HttpResponseRedirect(viewer_address(share), headers=HEADERS)


def viewer_address(share: Share) -> str:
    """The viewer, on what is shared."""
    return f"{address_of(share.pk)}{viewer_url(share.study.study_instance_uid)}"


def _is_held(request: HttpRequest, share: Share) -> bool:
    """Whether this browser has opened the share. Raises Ended."""
    try:
        opening.held(request.COOKIES.get(cookie_of(share.pk), ""), share.pk)
    except opening.NotOpened:
        return False
    return True


def _opened(request: HttpRequest, share: Share, held: str) -> HttpResponse:
    response = HttpResponseRedirect(viewer_address(share), headers=HEADERS)
    response.set_cookie(
        cookie_of(share.pk),
        held,
        max_age=opening.OPEN_SECONDS,
        path=PREFIX,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _entrance(request: HttpRequest, *, asks: bool, error: FoveaError | None = None) -> HttpResponse:
    return _page(request, ENTRANCE, error, {"asks_password": asks})


def _ended(request: HttpRequest, error: FoveaError) -> HttpResponse:
    return _page(request, ENDED, error, {})


def _page(request: HttpRequest, template: str, error: FoveaError | None, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, {**context, "error": error}, status=error.status if error else 200)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
