"""One's own notifications outside the administration: what one is told of, when and where; and being told no more."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.access.pages import OwnPage
from apps.accounts.guards import Guards, Open
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.notifications import mailing, personal, reading, services
from apps.notifications.forms import ContactForm, HabitsForm, chosen
from apps.notifications.kinds import Channel
from apps.notifications.models import Contact

SOURCE: Final = "account"
NEWEST: Final = 10


class SettingsView(OwnPage):
    """What one is told of by which channel, when, and what one was told lately."""

    guards: Guards = {"GET": Open.TO_USERS, "POST": Open.TO_USERS}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(HabitsForm(instance=personal.habits(self.me.pk)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = HabitsForm(request.POST, instance=personal.habits(self.me.pk))
        if not form.is_valid():
            return self._page(form)
        try:
            personal.keep_habits(form.instance)
        except FoveaError as error:
            return self._page(form, error)
        personal.choose(self.me.pk, chosen(request.POST.getlist("wanted"), personal.kinds_for(self.who)))
        messages.success(request, gettext("Your choices are kept."))
        return _back()

    def _page(self, form: HabitsForm, error: FoveaError | None = None) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "error": error, "rows": self._rows(), "channels": list(Channel)}
        context["contacts"] = Contact.objects.visible_to(self.who)
        context["contact_form"], context["services"] = ContactForm(), sorted(services.allowed())
        context["shown"] = reading.shown(reading.own(self.who)[:NEWEST], self.who)
        return render(self.request, "notifications/settings.html", context, status=error.status if error else 200)

    def _rows(self) -> list[tuple[Any, list[tuple[str, Any, bool]]]]:
        """For each kind, its boxes: what they send, which channel they are for, whether they are ticked."""
        wanted = personal.choices(self.me.pk)
        return [
            (kind, [(f"{kind}.{channel}", channel, wanted[kind, channel]) for channel in Channel])
            for kind in personal.kinds_for(self.who)
        ]


class AddContactView(OwnPage):
    guards: Guards = {"POST": Open.TO_USERS}
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ContactForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
            return _back()
        try:
            made = personal.add_contact(self.who, form.cleaned_data["name"], form.cleaned_data["url"], source=SOURCE)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, gettext("%(name)s is added. Have it tried.") % {"name": made.name})
        return _back()


class RemoveContactView(OwnPage):
    guards: Guards = {"POST": Open.TO_USERS}
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        personal.remove_contact(self.who, pk, source=SOURCE)
        messages.success(request, gettext("The contact is removed."))
        return _back()


class TestContactView(OwnPage):
    guards: Guards = {"POST": Open.TO_USERS}
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        personal.test_contact(self.who, pk)
        messages.success(request, gettext("A message is on its way. What came of it is shown here in a moment."))
        return _back()


@method_decorator(csrf_exempt, name="dispatch")
class StopView(View):
    """No more e-mail, for whoever has the link of one (RFC 8058: programs send it as a form, without a cookie)."""

    guards: Guards = {"GET": Open.TO_ANYBODY, "POST": Open.TO_ANYBODY}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        mailing.whose(token)
        return render(request, "notifications/stop.html", {"is_done": False})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        mailing.stop_email(token)
        return render(request, "notifications/stop.html", {"is_done": True})


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("notifications"))
