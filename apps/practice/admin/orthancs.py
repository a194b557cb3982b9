"""Orthancs in the admin: added, tested, given a script with their secret, and what they told."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminURLInputWidget,
)

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import required
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.dates import moment
from apps.core.languages import translated
from apps.dicomweb.base import site_url
from apps.practice.models import NoticeState, Orthanc
from apps.practice.orthancs import administering
from apps.practice.orthancs.scripting import scripts

SOURCE: Final = "admin"
MOST_SECRET: Final = 1000
SHOWN: Final = 15
STATES: Final = {
    "fine": _("Answers"),
    "trouble": _("Trouble"),
    "new": _("Not heard of yet"),
    "off": _("Switched off"),
}
STATE_COLOURS: Final = {"fine": "success", "trouble": "danger", "new": "info", "off": "warning"}
COLOURS: Final = {
    NoticeState.DONE: "",
    NoticeState.FAILED: "bad",
    NoticeState.WAITING: "quiet",
    NoticeState.GONE: "quiet",
    NoticeState.CANCELLED: "quiet",
}


class OrthancForm(forms.ModelForm):
    """An Orthanc, with its password as what is never shown."""

    url = forms.URLField(
        label=_("Address"),
        assume_scheme="http",
        widget=UnfoldAdminURLInputWidget,
        help_text=_(
            "Where its own web page is, such as http://192.168.4.30:8042. What it tells of is fetched from here "
            "and nowhere else."
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=MOST_SECRET,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("It is never shown; left empty, it stays as it is."),
    )

    class Meta:
        model = Orthanc
        fields = ("practice", "name", "is_active", "url", "certificate", "username", "networks", "follows")
        widgets = {"certificate": UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"})}

    @property
    def given_password(self) -> str | None:
        """What was typed in; None where it stays as it is."""
        return self.cleaned_data["password"] or None


@admin.register(Orthanc)
class OrthancAdmin(OfPracticeAdmin, ScopedAdmin):
    """The Orthancs of the practices that the person administers."""

    form = OrthancForm
    list_display = ("name", "url", "seen", "answered", "state", "practice")
    list_display_links = ("name",)
    list_filter = ("is_active", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "url")
    search_help_text = _("Name or address")
    ordering = ("name",)
    actions = None
    change_form_outer_before_template = "admin/practice/orthanc_before.html"
    change_form_outer_after_template = "admin/practice/orthanc_after.html"
    fieldsets = (
        (None, {"fields": (("name", "practice"), ("is_active", "follows"))}),
        (_("Where it is asked"), {"fields": ("url", ("username", "password"), "certificate")}),
        (_("From where it calls"), {"fields": ("networks",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Orthanc]:
        return super().get_queryset(request).select_related("practice")

    @display(description=_("Last called"), ordering="seen_at")
    def seen(self, orthanc: Orthanc) -> str:
        return moment(orthanc.seen_at) if orthanc.seen_at else "—"

    @display(description=_("Last answered"), ordering="answered_at")
    def answered(self, orthanc: Orthanc) -> str:
        return moment(orthanc.answered_at) if orthanc.answered_at else "—"

    @display(description=_("State"), label=STATE_COLOURS)
    def state(self, orthanc: Orthanc) -> tuple[str, str]:
        state = _state_of(orthanc)
        return state, str(STATES[state])

    def save_model(self, request: HttpRequest, obj: Orthanc, form: ModelForm, change: bool) -> None:
        password = form.given_password if isinstance(form, OrthancForm) else None
        administering.save(principal(request), obj, source=SOURCE, password=password)

    def delete_model(self, request: HttpRequest, obj: Orthanc) -> None:
        administering.remove(principal(request), obj, source=SOURCE)

    def response_add(self, request: HttpRequest, obj: Orthanc, post_url_continue: str | None = None) -> HttpResponse:
        return self._script(request, obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"notices": self._notices(request, object_id)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        view: Any = self.script_view
        script: Any = guard(required(view))
        script.guards = view.guards
        return [
            path("<int:pk>/test/", guard(self.test_view), name="practice_orthanc_test"),
            path("<int:pk>/script/", script, name="practice_orthanc_script"),
            *super().get_urls(),
        ]

    @guarded({"POST": Permission.ADMINISTER})
    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that asks it who it is."""
        tested = administering.test(principal(request), self._found(request, pk))
        (messages.success if tested.ok else messages.error)(request, translated(tested.message))
        return HttpResponseRedirect(reverse("admin:practice_orthanc_change", args=[pk]))

    @guarded({"POST": Permission.ADMINISTER})
    def script_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that gives it a new secret, in scripts that are ready."""
        return self._script(request, self._found(request, pk))

    def _script(self, request: HttpRequest, orthanc: Orthanc) -> HttpResponse:
        """The scripts in the page itself: a message would keep the secret in a cookie."""
        secret = administering.new_secret(principal(request), orthanc, source=SOURCE)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Put this into the Orthanc"),
            "orthanc": orthanc,
            "ready": scripts(orthanc, secret, site_url(request)),
        }
        response = TemplateResponse(request, "admin/practice/orthanc_script.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _found(self, request: HttpRequest, pk: int) -> Orthanc:
        found: Orthanc | None = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _notices(self, request: HttpRequest, object_id: str) -> list[dict[str, Any]]:
        """What it told last; nothing for who may not see it."""
        if not object_id.isdecimal() or len(object_id) > 18:
            return []
        found = self.get_queryset(request).filter(pk=int(object_id)).first()
        rows = found.notices.select_related("job").order_by("-pk")[:SHOWN] if found else []
        return [{"row": row, "colour": COLOURS[NoticeState(row.state)]} for row in rows]


def _state_of(orthanc: Orthanc) -> str:
    if not orthanc.is_active:
        return "off"
    if orthanc.last_error:
        return "trouble"
    return "fine" if orthanc.answered_at else "new"
