"""The page at which anybody who holds a signed report can check it: its address stands on the paper."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from apps.accounts.guards import Guards, Open
from apps.core.errors import FoveaError, Invalid
from apps.core.requests import address_of
from apps.reports import verifying
from apps.reports.models import Signature
from apps.saying import say

# With no referrer at all a browser would say nothing of where the form comes from, and the form be refused.
HEADERS: Final = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
PAGE: Final = "reports/verification.html"


class VerificationView(View):
    """Open to who has the address: it names who signed and when, and no patient."""

    guards: Guards = {"GET": Open.TO_ANYBODY, "POST": Open.TO_ANYBODY}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        return _answer(request, secret, lambda _: {})

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Compare a file with the PDF that was signed. Nothing of it is kept."""
        return _answer(request, secret, lambda row: {"is_the_file": _compared(request, row)})


def _answer(request: HttpRequest, secret: str, more: Callable[[Signature], dict[str, Any]]) -> HttpResponse:
    context: dict[str, Any] = {}
    status = 200
    try:
        verifying.take_a_look(address_of(request))
        row = verifying.find(secret)
        context["verified"] = verifying.verified(row)
        context |= more(row)
    except FoveaError as error:
        context["error"], status = error, error.status
    response = render(request, PAGE, context, status=status)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _compared(request: HttpRequest, row: Signature) -> bool:
    """Raises Invalid where no file was sent. How large one may be, the middleware says (FOVEA's bound of forms)."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(say("Choose the PDF that you want to compare."))
    return verifying.is_the_file(row, file.chunks())
