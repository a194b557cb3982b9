"""Leads in the admin: the list, a person's page, and what is done with them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ReadersChange, guarded, practice_column, practices_of, principal
from apps.archive.models import Study
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import day, moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.dicom.spoken import unturned
from apps.practice.admin.lead_forms import EraseForm, LeadForm
from apps.practice.admin.lead_imports import LeadImportPages
from apps.practice.leads import finding, people
from apps.practice.leads.erasing import ERASING, erase
from apps.practice.models import Lead, MatchState
from apps.practice.models.leads import KEEPING

SOURCE: Final = "admin"
MOST_STUDIES: Final = 50
MOST_APPOINTMENTS: Final = 20
_CHOSEN_BY: Final = frozenset({"q", "status__exact", "deleted", "practice"})


class DeletedFilter(SimpleListFilter):
    """The living, unless the deleted ones are asked for."""

    title = _("deleted")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", gettext("Deleted"))]

    def choices(self, changelist: Any) -> Any:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice | ({"display": gettext("Not deleted")} if number == 0 else {})

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


@admin.register(Lead)
class LeadAdmin(ListOnRecord, LeadImportPages, ReadersChange):
    """The leads of the practices that the person sees, by name."""

    searched = "leads"
    chosen_by = _CHOSEN_BY
    asks: Mapping[str, Guard] = {"view": Permission.VIEW, "add": KEEPING, "change": KEEPING}
    list_display = ("person", "born", "reached_by", "numbers", "status_shown", "changed")
    list_display_links = ("person",)
    list_filter = (DeletedFilter, "status", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name_key",)
    search_help_text = _("Name, birth date (1980-01-31), ID, telephone or e-mail")
    ordering = ("name_key", "pk")
    actions = None
    change_list_template = "admin/practice/leads.html"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        return super().get_queryset(request).select_related("practice")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (finding.search(queryset, search_term) if search_term.strip() else queryset), False

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/edit/", guard(self.edit_view), name="practice_lead_edit"),
            path("<int:pk>/remove/", guard(self.remove_view), name="practice_lead_remove"),
            path("<int:pk>/restore/", guard(self.restore_view), name="practice_lead_restore"),
            path("<int:pk>/erase/", guard(self.erase_view), name="practice_lead_erase"),
            *super().get_urls(),
        ]

    @display(description=_("Person"), ordering="name_key", header=True)
    def person(self, lead: Lead) -> tuple[str, str]:
        return unturned(str(lead)), lead.external_id

    @display(description=_("Born"), ordering="birth_date", header=True)
    def born(self, lead: Lead) -> tuple[str, str]:
        return day(lead.birth_date) if lead.birth_date else "", lead.get_sex_display()

    @display(description=_("Reached by"), header=True)
    def reached_by(self, lead: Lead) -> tuple[str, str]:
        return lead.phones[0] if lead.phones else "", unturned(lead.emails[0]) if lead.emails else ""

    @display(description=_("Patient ID"), ordering="patient_id", header=True)
    def numbers(self, lead: Lead) -> tuple[str, str]:
        return lead.dicom_patient_id, f"{lead.health_number_system} {lead.health_number}".strip()

    @display(description=_("Status"), ordering="status")
    def status_shown(self, lead: Lead) -> SafeString:
        return format_html('<span class="fovea-lead {}">{}</span>', lead.status, lead.get_status_display())

    @display(description=_("Changed"), ordering="changed_at")
    def changed(self, lead: Lead) -> str:
        return moment(lead.changed_at)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The empty form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        known = {"practice": principal(request).practice_id, "status": "lead"}
        form = LeadForm(request.POST or None, lead=None, practices=kept(request), initial=known)
        if form.is_valid() and (lead := self._saved(request, form)):
            messages.success(request, gettext("Added."))
            return to_lead(lead)
        return self.page(request, "lead_edit", {"title": gettext("Add a lead"), "form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A person's page, to be read."""
        lead = self.get_object(request, object_id)
        if lead is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            return cast(HttpResponse, self.edit_view(request, lead.pk))
        access.note_search(principal(request), "a lead", ["lead"], 1)
        return self.page(request, "lead", {"title": unturned(str(lead)), "lead": lead, **self._facts(request, lead)})

    @guarded({"GET": KEEPING, "POST": KEEPING})
    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form to change what is known of a lead."""
        lead = self.lead_of(request, pk, KEEPING)
        form = LeadForm(request.POST or None, lead=lead, practices=kept(request))
        if form.is_valid() and self._saved(request, form):
            messages.success(request, gettext("Changed."))
            return to_lead(lead)
        access.note_search(principal(request), "a lead", ["lead"], 1)
        return self.page(request, "lead_edit", {"title": unturned(str(lead)), "form": form, "lead": lead})

    @guarded({"POST": KEEPING})
    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that takes a lead off the lists."""
        lead = self.lead_of(request, pk, KEEPING)
        return self._done(request, lead, lambda who: people.remove(who, lead, source=SOURCE), gettext("Deleted."))

    @guarded({"POST": KEEPING})
    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button of a deleted lead."""
        lead = self.lead_of(request, pk, KEEPING)
        return self._done(request, lead, lambda who: people.restore(who, lead, source=SOURCE), gettext("Restored."))

    @guarded({"GET": ERASING, "POST": ERASING})
    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks to be sure, and erases."""
        lead = self.lead_of(request, pk, ERASING)
        form = EraseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._done(request, lead, lambda who: erase(who, lead, source=SOURCE), gettext("Erased."))
        return self.page(
            request,
            "lead_erase",
            {"title": gettext("Erase %(name)s") % {"name": unturned(str(lead))}, "form": form, "lead": lead},
        )

    def lead_of(self, request: HttpRequest, pk: int, permission: Permission) -> Lead:
        """A lead that the person sees and may do this with. Raises Http404, PermissionDenied."""
        lead: Lead | None = self.get_object(request, str(pk))
        if lead is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not principal(request).may_in_all_of(permission, lead.practice_id):
            raise PermissionDenied
        return lead

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """A page of our own in the admin's frame."""
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/practice/{template}.html", known)

    def _saved(self, request: HttpRequest, form: LeadForm) -> Lead | None:
        """The lead that was added or changed; None where that is refused, which the form then says."""
        who = principal(request)
        try:
            if form.lead is None:
                return people.create(who, form.practice_id, form.facts, source=SOURCE)
            return people.change(who, form.lead, form.facts, source=SOURCE)
        except FoveaError as error:
            form.tell(error)
            return None

    def _done(self, request: HttpRequest, lead: Lead, do: Callable[[Any], Lead], said: str) -> HttpResponse:
        try:
            do(principal(request))
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, said)
        return to_lead(lead)

    def _facts(self, request: HttpRequest, lead: Lead) -> dict[str, Any]:
        who = principal(request)
        may_keep = who.may_in_all_of(KEEPING, lead.practice_id)
        return {
            "studies": _studies(request, lead),
            "appointments": _appointments(lead),
            "may_edit": may_keep and not lead.deleted_at,
            "may_restore": bool(may_keep and lead.deleted_at and not lead.erased_at),
            "may_erase": who.may_in_all_of(ERASING, lead.practice_id) and not lead.erased_at,
            "is_empty": bool(lead.erased_at),
        }


def kept(request: HttpRequest) -> QuerySet[Any]:
    """The practices whose leads the person keeps."""
    whole = principal(request).whole(KEEPING)
    return practices_of(request) if whole is None else practices_of(request).filter(pk__in=whole)


def to_lead(lead: Lead) -> HttpResponse:
    """The page of the lead."""
    return HttpResponseRedirect(reverse("admin:practice_lead_change", args=[lead.pk]))


def _studies(request: HttpRequest, lead: Lead) -> list[Study]:
    """The studies that are the lead's, the last first."""
    seen = Study.objects.visible_to(principal(request), Permission.VIEW)
    mine = seen.filter(match__lead=lead, match__state=MatchState.LINKED).select_related("match")
    return list(mine.order_by("-study_date", "-pk")[:MOST_STUDIES])


def _appointments(lead: Lead) -> list[Any]:
    return list(lead.appointments.order_by("-start_at", "-pk")[:MOST_APPOINTMENTS])
