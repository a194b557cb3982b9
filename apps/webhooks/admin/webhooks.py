"""Webhooks in the admin: added with a secret that is shown once, tested, let go on, and what they were told."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import required
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.webhooks import administering, kinds, trying
from apps.webhooks.models import OPEN, Delivery, State, Webhook

SOURCE: Final = "admin"
SHOWN: Final = 15
STATES: Final = {
    "fine": _("Delivers"),
    "trouble": _("Trouble"),
    "paused": _("Pauses"),
    "new": _("Nothing delivered yet"),
    "off": _("Switched off"),
}
STATE_COLOURS: Final = {"fine": "success", "trouble": "danger", "paused": "danger", "new": "info", "off": "warning"}
COLOURS: Final = {
    State.DELIVERED: "",
    State.FAILED: "bad",
    State.GIVEN_UP: "bad",
    State.WAITING: "quiet",
    State.SENDING: "quiet",
}


class WebhookForm(forms.ModelForm):
    """A webhook, with the events as a list to tick."""

    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=lambda: [(kind.name, kind.words) for kind in kinds.chosen()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    class Meta:
        model = Webhook
        fields = ("practice", "name", "is_active", "url", "certificate", "events", "detail")
        widgets = {
            "url": UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "spellcheck": "false"}),
            "certificate": UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        }


@admin.register(Webhook)
class WebhookAdmin(OfPracticeAdmin, ScopedAdmin):
    """The webhooks of the practices that the person administers."""

    form = WebhookForm
    list_display = ("name", "url", "told_of", "last", "standing", "practice")
    list_display_links = ("name",)
    list_filter = ("is_active", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "url")
    search_help_text = _("Name or address")
    ordering = ("name",)
    actions = None
    change_form_outer_before_template = "admin/webhooks/webhook_before.html"
    change_form_outer_after_template = "admin/webhooks/webhook_after.html"
    fieldsets = (
        (None, {"fields": (("name", "practice"), "is_active")}),
        (_("Where it is told"), {"fields": ("url", "certificate")}),
        (_("What it is told"), {"fields": ("events", "detail")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        return super().get_queryset(request).select_related("practice")

    @display(description=_("Events"))
    def told_of(self, webhook: Webhook) -> str:
        return ", ".join(webhook.events)

    @display(description=_("Last delivered"), ordering="last_success_at")
    def last(self, webhook: Webhook) -> str:
        return moment(webhook.last_success_at) if webhook.last_success_at else "—"

    @display(description=_("State"), label=STATE_COLOURS)
    def standing(self, webhook: Webhook) -> tuple[str, str]:
        key = _standing(webhook)
        return key, str(STATES[key])

    def save_model(self, request: HttpRequest, obj: Webhook, form: ModelForm, change: bool) -> None:
        saved = administering.save(principal(request), obj, source=SOURCE)
        request.fovea_secret = saved.secret  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        administering.remove(principal(request), obj, source=SOURCE)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The webhooks alone: what they were told may be tens of thousands of rows."""
        webhooks = list(objs)
        return list(map(str, webhooks)), {gettext("webhooks"): len(webhooks)}, set(), []

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None) -> HttpResponse:
        return self._secret(request, obj, request.fovea_secret)  # type: ignore[attr-defined]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), **self._log(request, object_id)}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        view: Any = self.secret_view
        secret: Any = guard(required(view))
        secret.guards = view.guards
        return [
            path("<int:pk>/test/", guard(self.test_view), name="webhooks_webhook_test"),
            path("<int:pk>/secret/", secret, name="webhooks_webhook_secret"),
            path("<int:pk>/resume/", guard(self.resume_view), name="webhooks_webhook_resume"),
            path("<int:pk>/again/", guard(self.again_view), name="webhooks_webhook_again"),
            *super().get_urls(),
        ]

    @guarded({"POST": Permission.ADMINISTER})
    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that sends it a test."""
        tested = trying.test(principal(request), self._found(request, pk))
        (messages.success if tested.ok else messages.error)(request, translated(tested.message))
        return _back(pk)

    @guarded({"POST": Permission.ADMINISTER})
    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that gives it a new secret; the one before signs as well for a day."""
        webhook = self._found(request, pk)
        secret = administering.new_signing_secret(principal(request), webhook, source=SOURCE)
        return self._secret(request, webhook, secret)

    @guarded({"POST": Permission.ADMINISTER})
    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that ends its pause."""
        try:
            administering.resume(principal(request), self._found(request, pk), source=SOURCE)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, gettext("It goes on, with all that waited."))
        return _back(pk)

    @guarded({"POST": Permission.ADMINISTER})
    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that sends again what failed."""
        webhook = self._found(request, pk)
        count = administering.redeliver_many(principal(request), webhook, source=SOURCE, since=None, everything=False)
        text = ngettext("%(count)s event is sent again.", "%(count)s events are sent again.", count)
        messages.success(request, text % {"count": count})
        return _back(pk)

    def _secret(self, request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
        """The secret in the page itself: a message would keep it in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Put this into the receiver"),
            "webhook": webhook,
            "secret": secret,
        }
        response = TemplateResponse(request, "admin/webhooks/webhook_secret.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _found(self, request: HttpRequest, pk: int) -> Webhook:
        found: Webhook | None = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _log(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """How it stands and what it was told last; nothing for who may not see it."""
        if not object_id.isdecimal() or len(object_id) > 18:
            return {}
        webhook = self.get_queryset(request).filter(pk=int(object_id)).first()
        if webhook is None:
            return {}
        rows: QuerySet[Delivery] = webhook.deliveries.select_related("event").order_by("-pk")
        return {
            "state": STATES[_standing(webhook)],
            "colour": {"fine": "", "new": "quiet", "off": "quiet"}.get(_standing(webhook), "bad"),
            "waiting": rows.filter(state__in=OPEN).count(),
            "given_up": rows.filter(state=State.GIVEN_UP).count(),
            "deliveries": [{"row": row, "colour": COLOURS[State(row.state)]} for row in rows[:SHOWN]],
        }


def _standing(webhook: Webhook) -> str:
    """Its key in STATES."""
    if webhook.paused_at is not None:
        return "paused"
    if not webhook.is_active:
        return "off"
    if webhook.failures:
        return "trouble"
    return "fine" if webhook.last_success_at else "new"


def _back(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:webhooks_webhook_change", args=[pk]))
