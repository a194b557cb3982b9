"""The pages of those who ask: one's own access, an access request, an emergency."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from apps.access import emergencies, people, requests
from apps.access.forms import AskForm, CodeForm, EmergencyForm
from apps.access.models import AccessRequest, Emergency, Invitation
from apps.access.pages import OwnPage, show
from apps.accounts.guards import Guards, Open
from apps.core.errors import FoveaError

NEWEST = 20


class OverviewView(OwnPage):
    """What somebody was let in to, waits for, or may ask for."""

    guards: Guards = {"GET": Open.TO_USERS}
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        return overview(self)


class AskView(OwnPage):
    """A form for an access request."""

    guards: Guards = {"GET": Open.TO_USERS, "POST": Open.TO_USERS}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        return show(request, "ask", form=AskForm()) if people.works_somewhere(self.who) else _back()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AskForm(request.POST)
        if not form.is_valid():
            return show(request, "ask", form=form)
        try:
            requests.ask(self.who, form.asked())
        except FoveaError as error:
            return show(request, "ask", error, form=form)
        done = gettext("Your request waits for an administrator. You see here what becomes of it.")
        messages.success(request, done)
        return _back()


class EmergencyView(OwnPage):
    """A form to declare an emergency."""

    guards: Guards = {"GET": Open.TO_USERS, "POST": Open.TO_USERS}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(EmergencyForm()) if people.works_somewhere(self.who) else _back()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = EmergencyForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        try:
            emergencies.declare(self.who, form.declared())
        except FoveaError as error:
            return self._page(form, error)
        done = gettext("The patient's images are open to you now. End the emergency when it is over.")
        messages.success(request, done)
        return _back()

    def _page(self, form: EmergencyForm, error: FoveaError | None = None) -> HttpResponse:
        return show(self.request, "emergency", error, form=form, hours=emergencies.hours(), is_on=emergencies.is_on())


class EndEmergencyView(OwnPage):
    """The button that ends one's own emergency."""

    guards: Guards = {"POST": Open.TO_USERS}
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            emergencies.end(self.who, pk)
        except FoveaError as error:
            return overview(self, error)
        messages.success(request, gettext("The emergency has ended."))
        return _back()


def overview(page: OwnPage, error: FoveaError | None = None) -> HttpResponse:
    """The page of one's own access."""
    user = page.me
    own = Invitation.objects.filter(user=user).select_related("practice").prefetch_related("studies")
    emergencies_of = Emergency.objects.filter(user=user).select_related("patient")
    return show(
        page.request,
        "overview",
        error,
        invitations=own[:NEWEST],
        requests=AccessRequest.objects.filter(user=user).select_related("decided_by")[:NEWEST],
        emergencies=emergencies_of[:NEWEST],
        code_form=CodeForm(),
        is_colleague=people.works_somewhere(page.who),
        has_emergencies=emergencies.is_on(),
    )


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("access"))
