"""The pages of a person who was invited: the link, the account, the code."""

from typing import Final

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views import View

from apps.access import answering
from apps.access.forms import AccountForm, CodeForm
from apps.access.models import Invitation
from apps.access.pages import OwnPage, show
from apps.access.views import overview
from apps.accounts.guards import Guards, Open
from apps.accounts.models import User
from apps.core.errors import FoveaError, NotFound

BACKEND: Final = "apps.accounts.passwords.BoundedBackend"


class InvitationView(View):
    """What a link leads to. Looking at it opens nothing: programs that read mail follow links too."""

    guards: Guards = {"GET": Open.TO_ANYBODY, "POST": Open.TO_ANYBODY}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest, link: str) -> HttpResponse:
        try:
            return _page(request, answering.find(link), AccountForm())
        except NotFound as error:
            return show(request, "gone", error)

    def post(self, request: HttpRequest, link: str) -> HttpResponse:
        """Open it: with the account that is signed in, else with one that is made."""
        try:
            if isinstance(request.user, User):
                answering.claim(link, request.user)
                return _opened(request)
            return _signed_up(request, link)
        except NotFound as error:
            return show(request, "gone", error)


class CodeView(OwnPage):
    """The code, entered on the page of one's own access."""

    guards: Guards = {"POST": Open.TO_USERS}
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = CodeForm(request.POST)
        try:
            answering.enter_code(self.me, pk, form.cleaned_data["code"] if form.is_valid() else "")
        except FoveaError as error:
            return overview(self, error)
        done = gettext("Thank you. The practice looks at it now; you see the images once it has agreed.")
        messages.success(request, done)
        return HttpResponseRedirect(reverse("access"))


def _signed_up(request: HttpRequest, link: str) -> HttpResponse:
    invitation = answering.find(link)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _page(request, invitation, form)
    try:
        user = answering.sign_up(link, form.cleaned_data["username"], form.cleaned_data["password"])
    except NotFound:
        raise
    except FoveaError as error:
        return _page(request, invitation, form, error)
    login(request, user, backend=BACKEND)
    return _opened(request)


def _opened(request: HttpRequest) -> HttpResponse:
    messages.success(request, gettext("Your account is ready. Now enter the code that the practice gives you."))
    return HttpResponseRedirect(reverse("access"))


def _page(
    request: HttpRequest, invitation: Invitation, form: AccountForm, error: FoveaError | None = None
) -> HttpResponse:
    return show(request, "invitation", error, invitation=invitation, form=form)
