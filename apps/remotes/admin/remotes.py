"""Remotes in the admin: added, changed, asked whether they answer."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.dates import moment
from apps.core.languages import translated
from apps.remotes import administering, echoing
from apps.remotes.admin.forms import RemoteForm
from apps.remotes.models import Protocol, Remote, Service
from apps.remotes.pages import QueryPages

SOURCE: Final = "admin"
ANSWERS, SILENT, NOT_ASKED, OFF = "answers", "silent", "not asked", "off"
STATES: Final = {
    ANSWERS: _("Answers"),
    SILENT: _("Does not answer"),
    NOT_ASKED: _("Not asked yet"),
    OFF: _("Switched off"),
}
BY_DIMSE: Final = f"protocol == '{Protocol.DIMSE.value}'"
BY_DICOMWEB: Final = f"protocol == '{Protocol.DICOMWEB.value}'"


@admin.register(Remote)
class RemoteAdmin(QueryPages, OfPracticeAdmin, ScopedAdmin):
    """The devices and archives of the practices that the person administers."""

    form = RemoteForm
    list_display = ("called", "place", "may", "seen", "state", "practice")
    list_display_links = ("called",)
    list_filter = ("is_active", "protocol", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "title", "host", "url")
    search_help_text = _("Name, AE title or host")
    ordering = ("name",)
    actions = None
    change_form_outer_before_template = "admin/remotes/remote_before.html"
    fieldsets = (
        (None, {"fields": (("name", "practice"), ("protocol", "is_active"))}),
        (
            _("Where it is"),
            {"fields": ("title", ("host", "port"), "uses_tls", "url", ("username", "password"))},
        ),
        (
            _("What it may do here, and how it is known"),
            {"fields": ("services", "networks", "certificate", "requires_user")},
        ),
        (_("What is sent, and what comes"), {"fields": ("transfer_syntaxes", "duplicates")}),
    )
    conditional_fields = {
        **dict.fromkeys(
            ("title", "host", "port", "uses_tls", "services", "networks", "requires_user", "duplicates"), BY_DIMSE
        ),
        **dict.fromkeys(("url", "username", "password"), BY_DICOMWEB),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Remote]:
        return super().get_queryset(request).select_related("practice")

    @display(description=_("Remote"), header=True, ordering="name")
    def called(self, remote: Remote) -> tuple[str, str]:
        return remote.name, remote.title or remote.get_protocol_display()

    @display(description=_("Where"))
    def place(self, remote: Remote) -> str:
        if remote.protocol == Protocol.DICOMWEB:
            return remote.url
        return (
            f"{remote.host}:{remote.port}"
            if remote.host
            else gettext("from %(networks)s") % {"networks": remote.networks}
        )

    @display(description=_("May"))
    def may(self, remote: Remote) -> str:
        if remote.protocol == Protocol.DICOMWEB:
            return "—"
        return ", ".join(service.value for service in Service if remote.may(service)) or gettext("nothing")

    @display(description=_("Last seen"), ordering="seen_at")
    def seen(self, remote: Remote) -> str:
        return moment(remote.seen_at) if remote.seen_at else "—"

    @display(
        description=_("Last echo"),
        ordering="echoed_at",
        label={ANSWERS: "success", SILENT: "danger", NOT_ASKED: "info", OFF: "warning"},
    )
    def state(self, remote: Remote) -> tuple[str, str]:
        state = _state_of(remote)
        return state, str(STATES[state])

    def save_model(self, request: HttpRequest, obj: Remote, form: ModelForm, change: bool) -> None:
        secret = form.secret if isinstance(form, RemoteForm) else None
        administering.save_remote(principal(request), obj, source=SOURCE, secret=secret)

    def delete_model(self, request: HttpRequest, obj: Remote) -> None:
        administering.remove_remote(principal(request), obj, source=SOURCE)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_search = principal(request).may(Permission.FETCH)
        context = {"search": f"{reverse('admin:remotes_remote_search')}?remote={object_id}"} if may_search else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern]:
        echo = path("<int:pk>/echo/", self.admin_site.admin_view(self.echo_view), name="remotes_remote_echo")
        return [echo, *super().get_urls()]

    @guarded({"POST": Permission.ADMINISTER})
    def echo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button of a remote's own page."""
        remote = self.get_queryset(request).filter(pk=pk).first()
        if remote is None:
            raise Http404
        answer = echoing.echo(remote)
        (messages.success if answer.ok else messages.error)(request, translated(answer.message))
        return HttpResponseRedirect(reverse("admin:remotes_remote_change", args=[pk]))


def _state_of(remote: Remote) -> str:
    if not remote.is_active:
        return OFF
    if remote.echoed_at is None:
        return NOT_ASKED
    return SILENT if remote.echo_error else ANSWERS
