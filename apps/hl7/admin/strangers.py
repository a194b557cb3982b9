"""Senders that nobody knows, in the admin: let in with a click, or taken off the list."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import required
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.hl7 import administering
from apps.hl7.models import Stranger

SOURCE: Final = "admin"


@admin.register(Stranger)
class StrangerAdmin(ScopedAdmin):
    """Who was refused, the last first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("called", "wrote_to", "why", "how_often", "buttons")
    list_display_links = ("called",)
    list_filter = (PracticeFilter,)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("application", "facility", "=address")
    search_help_text = _("What it calls itself, or address")
    ordering = ("-last_at",)
    actions = None
    fields = ()
    change_form_template = "admin/hl7/stranger.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stranger]:
        return super().get_queryset(request).select_related("practice")

    @display(description=_("Sender"), header=True, ordering="application")
    def called(self, row: Stranger) -> tuple[str, str]:
        return ", ".join(filter(None, (row.application, row.facility))) or gettext("(no name)"), row.address

    @display(description=_("Wrote to"))
    def wrote_to(self, row: Stranger) -> str:
        return str(row.practice or gettext("no practice"))

    @display(description=_("Why it was refused"))
    def why(self, row: Stranger) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', translated(row.reason))

    @display(description=_("Messages"), header=True, ordering="last_at")
    def how_often(self, row: Stranger) -> tuple[str, str]:
        return str(row.calls), moment(row.last_at)

    @display(description="")
    def buttons(self, row: Stranger) -> SafeString:
        """They send the list's own form, which has the token against forgery, to an address of their own."""
        dismiss = format_html(
            '<button class="fovea-button" formaction="{}">{}</button>',
            *(reverse("admin:hl7_stranger_dismiss", args=[row.pk]), gettext("Dismiss")),
        )
        if row.practice_id is None:
            return format_html('<span class="fovea-actions">{}</span>', dismiss)
        return format_html(
            '<span class="fovea-actions"><button class="fovea-button primary" formaction="{}">{}</button>{}</span>',
            *(reverse("admin:hl7_stranger_allow", args=[row.pk]), gettext("Allow"), dismiss),
        )

    def get_urls(self) -> list[URLPattern]:
        allow, dismiss = self._deciding(self.allow_view), self._deciding(self.dismiss_view)
        return [
            path("<int:pk>/allow/", allow, name="hl7_stranger_allow"),
            path("<int:pk>/dismiss/", dismiss, name="hl7_stranger_dismiss"),
            *super().get_urls(),
        ]

    @guarded({"POST": Permission.ADMINISTER})
    def allow_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let it in, from its address and by what it calls itself."""
        row = self._row(request, pk)
        try:
            sender = administering.allow(principal(request), row, source=SOURCE)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return HttpResponseRedirect(reverse("admin:hl7_stranger_change", args=[pk]))
        told = gettext("Messages of %(name)s are taken from now on. Here is how they are understood.")
        messages.success(request, told % {"name": sender.name})
        return HttpResponseRedirect(reverse("admin:hl7_sender_change", args=[sender.pk]))

    @guarded({"POST": Permission.ADMINISTER})
    def dismiss_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it off the list."""
        row = self._row(request, pk)
        administering.dismiss(principal(request), row, source=SOURCE)
        told = gettext("%(sender)s is off the list. If it sends again, it is listed again.")
        messages.success(request, told % {"sender": row})
        return HttpResponseRedirect(reverse("admin:hl7_stranger_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"row": self.get_object(request, object_id)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _deciding(self, view: Any) -> Any:
        made: Any = self.admin_site.admin_view(required(view))
        made.guards = view.guards
        return made

    def _row(self, request: HttpRequest, pk: int) -> Stranger:
        row: Stranger | None = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row
