"""Callers that nobody knows, in the admin: let in with a click, or taken off the list."""

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
from apps.core.errors import FoveaError, Invalid
from apps.core.languages import translated
from apps.remotes import administering
from apps.remotes.admin.forms import AllowForm, chosen
from apps.remotes.models import UnknownCaller
from apps.saying import say

SOURCE: Final = "admin"
DECIDES: Final = {"GET": Permission.ADMINISTER, "POST": Permission.ADMINISTER}


@admin.register(UnknownCaller)
class UnknownCallerAdmin(ScopedAdmin):
    """Who was refused, the last first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("caller", "where_to", "why", "how_often", "buttons")
    list_display_links = ("caller",)
    list_filter = (PracticeFilter,)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("calling", "called", "=address")
    search_help_text = _("AE title or address")
    ordering = ("-last_at",)
    actions = None
    fields = ()
    change_form_template = "admin/remotes/caller.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnknownCaller]:
        return super().get_queryset(request).select_related("practice")

    @display(description=_("Caller"), header=True, ordering="calling")
    def caller(self, row: UnknownCaller) -> tuple[str, str]:
        return row.calling or gettext("(no AE title)"), row.address

    @display(description=_("Called"), header=True, ordering="called")
    def where_to(self, row: UnknownCaller) -> tuple[str, str]:
        return row.called or gettext("(no AE title)"), str(row.practice or gettext("no practice"))

    @display(description=_("Why it was refused"))
    def why(self, row: UnknownCaller) -> SafeString:
        return format_html('<span class="fovea-wrap">{}</span>', translated(row.reason))

    @display(description=_("Calls"), header=True, ordering="last_at")
    def how_often(self, row: UnknownCaller) -> tuple[str, str]:
        return str(row.calls), gettext("last %(at)s") % {"at": moment(row.last_at)}

    @display(description="")
    def buttons(self, row: UnknownCaller) -> SafeString:
        """They send the list's own form, which has the token against forgery, to an address of their own."""
        dismiss = format_html(
            '<button class="fovea-button" formaction="{}">{}</button>',
            reverse("admin:remotes_unknowncaller_dismiss", args=[row.pk]),
            gettext("Dismiss"),
        )
        if row.practice_id is None:
            return format_html('<span class="fovea-actions">{}</span>', dismiss)
        return format_html(
            '<span class="fovea-actions"><button class="fovea-button primary" formaction="{}"'
            ' title="{}">{}</button>{}</span>',
            reverse("admin:remotes_unknowncaller_allow", args=[row.pk]),
            gettext("It may ask whether this server answers, and send objects here."),
            gettext("Allow"),
            dismiss,
        )

    def get_urls(self) -> list[URLPattern]:
        allow, dismiss = self._deciding(self.allow_view), self._deciding(self.dismiss_view)
        return [
            path("<int:pk>/allow/", allow, name="remotes_unknowncaller_allow"),
            path("<int:pk>/dismiss/", dismiss, name="remotes_unknowncaller_dismiss"),
            *super().get_urls(),
        ]

    @guarded(DECIDES)
    def allow_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let it in: as the form on its page says, or, from the list, as a device that sends objects."""
        caller = self._caller(request, pk)
        if request.method != "POST":
            return self._to_page(caller)
        try:
            remote = administering.allow(principal(request), caller, source=SOURCE, **_wanted(request))
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return self._to_page(caller)
        text = gettext("%(name)s may call from now on. Here is what it may do.")
        messages.success(request, text % {"name": remote.name})
        return HttpResponseRedirect(reverse("admin:remotes_remote_change", args=[remote.pk]))

    @guarded(DECIDES)
    def dismiss_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it off the list."""
        caller = self._caller(request, pk)
        if request.method != "POST":
            return self._to_page(caller)
        administering.dismiss(principal(request), caller, source=SOURCE)
        text = gettext("%(name)s is off the list. If it calls again, it is listed again.")
        messages.success(request, text % {"name": caller})
        return HttpResponseRedirect(reverse("admin:remotes_unknowncaller_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        caller = self.get_object(request, object_id)
        context: dict[str, Any] = {"caller": caller}
        if caller is not None and caller.practice_id:
            first = {"name": caller.calling, "services": [each.value for each in administering.OF_A_DEVICE]}
            context["form"] = AllowForm(initial=first)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _deciding(self, view: Any) -> Any:
        made: Any = self.admin_site.admin_view(required(view))
        made.guards = view.guards
        return made

    def _caller(self, request: HttpRequest, pk: int) -> UnknownCaller:
        caller: UnknownCaller | None = self.get_queryset(request).filter(pk=pk).first()
        if caller is None:
            raise Http404
        return caller

    def _to_page(self, caller: UnknownCaller) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:remotes_unknowncaller_change", args=[caller.pk]))


def _wanted(request: HttpRequest) -> dict[str, Any]:
    """What the form of a caller's own page says; nothing where the list's button was pressed. Raises Invalid."""
    if "name" not in request.POST:
        return {}
    form = AllowForm(request.POST)
    if not form.is_valid():
        raise Invalid(say("Give it a name of at most 60 characters."))
    return {"name": form.cleaned_data["name"], "services": chosen(form.cleaned_data["services"])}
