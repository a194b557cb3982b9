"""Asking again who it is before what can't be undone: a sign-in, or a proof since then, of the last minutes.

A page is asked for it when it is opened; what is sent from it is taken for as long again, so that nobody loses what
they have typed. Nothing of what was sent is kept meanwhile: it may hold a password.
"""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from apps.accounts.obstacles import METHODS
from apps.accounts.principal import Principal
from apps.accounts.sessions import SIGNED_IN_AT
from apps.core.errors import Refused
from apps.core.languages import translated
from apps.saying import say

BY_SESSION: Final = "session"
DELETE_SELECTED: Final = "delete_selected"
AGAIN: Final = say("Nothing was changed, since it has been a while that you signed in. Now you can do it.")


def seconds_since(request: HttpRequest) -> float:
    """How long ago the user of this session last proved who they are."""
    proofs = [record.get("at", 0) for record in request.session.get(METHODS, [])]
    return time.time() - max([request.session.get(SIGNED_IN_AT, 0), *proofs])


def is_recent(request: HttpRequest, *, slack: int = 1) -> bool:
    """Whether that was within the last FOVEA_REAUTHENTICATE_MINUTES, times `slack`."""
    return seconds_since(request) < settings.REAUTHENTICATION_TIMEOUT * slack


def demand(request: HttpRequest, principal: Principal) -> None:
    """For the REST API. Raises Refused for a session that was signed in to too long ago; other ways prove it anew."""
    if principal.via == BY_SESSION and not is_recent(request, slack=2):
        page = reverse("account_reauthenticate")
        raise Refused(
            say(
                "This takes a sign-in of the last minutes: confirm that it is you at {page}, then try again.", page=page
            )
        )


def ask(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks for the password or a second factor, and back; None for who was just asked."""
    is_sent = request.method == "POST"
    if is_recent(request, slack=2 if is_sent else 1):
        return None
    if is_sent:
        messages.warning(request, translated(AGAIN))
    return HttpResponseRedirect(
        f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}"
    )


def required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of the whole stack."""

    def asked_for(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask(request) or view(request, *args, **kwargs)

    return asked_for


class ConfirmedDeleting:
    """Mixin for an admin whose deletions take a recent proof, one by one and as an action on a list."""

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = ask(request) or super().delete_view(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and request.POST.get("action") == DELETE_SELECTED and (way := ask(request)):
            return way
        response: HttpResponse = super().changelist_view(request, *args, **kwargs)  # type: ignore[misc]
        return response


class ConfirmedChanging(ConfirmedDeleting):
    """Mixin for an admin whose every change takes it."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = ask(request) or super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        way = ask(request)
        response: HttpResponse = way or super().user_change_password(request, *args, **kwargs)  # type: ignore[misc]
        return response
