"""The record in the admin: to be read, never written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from xml.etree.ElementTree import indent, tostring

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, practice_column, principal
from apps.audit import access, searching
from apps.audit.codes import code_of
from apps.audit.exporting import ExportForm, answer
from apps.audit.filters import ActionFilter, PatientFilter, PeriodFilter, StudyFilter, UserFilter
from apps.audit.messages import element
from apps.audit.models import Event

Action = Event.Action

_COLOURS: Final = {
    "success": (Action.IMPORT, Action.SIGN_IN, Action.UNMERGE),
    "info": (Action.QUARANTINE, Action.EXPORT, Action.SEND, Action.SHARE, Action.RIGHTS, Action.ACCOUNT),
    "warning": (Action.REFUSE, Action.SIGN_IN_REFUSED, Action.DENIED, Action.OUTSIDE, Action.EDIT, Action.MERGE),
    "danger": (Action.DELETE, Action.LOCKOUT, Action.EMERGENCY_START),
}
COLOURS: Final = dict.fromkeys(Action.values, "") | {
    action.value: colour for colour, actions in _COLOURS.items() for action in actions
}
# Names of filters that may be repeated; what was sought stays out of the record.
_OTHERS: Final = frozenset({"p", "o", "all", "e", "_changelist_filters"})


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    """Who did what, the newest first."""

    asks: Mapping[str, Guard] = {"view": Permission.AUDIT}
    list_display = ("when", "what", "who", "touched", "how_many", "how", "outcome_and_reason", "practice")
    list_filter = (
        UserFilter,
        PatientFilter,
        StudyFilter,
        ("at", PeriodFilter),
        ActionFilter,
        "outcome",
        PracticeFilter,
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("practice",)
    list_per_page = 100
    # The record only grows: counting it all for every page would cost more than the page.
    paginator = InfinitePaginator
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("actor",)
    search_help_text = _("User, Patient ID, Study Instance UID, address or request id")
    actions = None
    fields = ()
    change_list_template = "admin/audit/list.html"
    change_form_template = "admin/audit/event.html"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display[:-1], *practice_column(request)]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(searching.about(search_term)), False

    @display(description=_("When"))
    def when(self, event: Event) -> str:
        return _to_the_second(event.at)

    @display(description=_("What"), label=COLOURS)
    def what(self, event: Event) -> tuple[str, str]:
        return event.action, event.get_action_display()

    @display(description=_("Who"), header=True)
    def who(self, event: Event) -> tuple[str, str]:
        for_whom = gettext("for %(name)s") % {"name": event.on_behalf_of} if event.on_behalf_of else ""
        return event.actor or gettext("unknown"), " · ".join(filter(None, (for_whom, event.address, event.via)))

    @display(description=_("Study and patient"), header=True)
    def touched(self, event: Event) -> tuple[str, str]:
        return event.study_instance_uid, event.patient and gettext("patient %(pseudonym)s…") % {
            "pseudonym": event.patient[:8]
        }

    @display(description=_("Count"))
    def how_many(self, event: Event) -> int:
        return event.count

    @display(description=_("How"), header=True)
    def how(self, event: Event) -> tuple[str, str]:
        return event.source, event.detail

    @display(description=_("Outcome"), header=True)
    def outcome_and_reason(self, event: Event) -> tuple[str, str]:
        return event.get_outcome_display(), event.reason

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        names = " ".join(sorted(name for name in request.GET if name not in _OTHERS))
        access.note_use(principal(request), "admin", names)
        return super().changelist_view(request, {**(extra_context or {}), "title": gettext("The record")})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        event = self.get_object(request, object_id)
        context = _page(event) if isinstance(event, Event) else {}
        access.note_use(principal(request), "admin", "one event")
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="audit_event_export"), *super().get_urls()]

    @guarded({"GET": Permission.AUDIT, "POST": Permission.AUDIT})
    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """A form, and the file that it asks for."""
        events = Event.objects.visible_to(principal(request))
        form = ExportForm(events, request.POST or None)
        if form.is_valid():
            return answer(form, principal(request))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Export the record"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/audit/export.html", context)


def _page(event: Event) -> dict[str, Any]:
    """What an event's own page shows."""
    told = element(event)
    indent(told)
    return {
        "event": event,
        "title": event.get_action_display(),
        "code": code_of(event.action),
        "when": _span(event),
        "xml": tostring(told, encoding="unicode"),
    }


def _span(event: Event) -> str:
    """When it happened; of several that are counted together, from the first to the last."""
    if event.until is None:
        return _to_the_second(event.at)
    ends = f"{localtime(event.until):%H:%M:%S}"
    return gettext("%(began)s until %(ended)s") % {"began": _to_the_second(event.at), "ended": ends}


def _to_the_second(moment: datetime) -> str:
    """No language's own way of writing a moment tells the seconds."""
    moment = localtime(moment)
    return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {moment:%H:%M:%S}"
