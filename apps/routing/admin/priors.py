"""What became of the priors of those who are expected, in the admin."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.archive.attributes import identity_of
from apps.archive.templatetags.dicom_text import dicom_date, person_name
from apps.audit import access
from apps.audit.patients import pseudonym
from apps.core.dates import day
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.routing.prefetch import administering
from apps.routing.prefetch.models import UNFINISHED, Outcome, Prefetch

SOURCE: Final = "admin"
WAITS, FAILED, HERE, NOTHING = "under way", "failed", "fetched", "nothing"
STATES: Final = {
    WAITS: _("Under way"),
    FAILED: _("Failed"),
    HERE: _("Fetched"),
    NOTHING: _("Nothing to fetch"),
}


@admin.register(Prefetch)
class PrefetchAdmin(ScopedAdmin):
    """A patient and day a line, the latest day first."""

    asks = {"view": Permission.FETCH}
    list_display = ("patient", "expected", "planned", "state", "came", "button")
    list_display_links = ("patient",)
    list_filter = ("day", "answers__outcome", PracticeFilter)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("=patient_id", "patient_name")
    search_help_text = _("Patient ID or name")
    ordering = ("-day", "-pk")
    date_hierarchy = "day"
    actions = None
    fields = ()
    change_form_template = "admin/routing/priors.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prefetch]:
        rows = super().get_queryset(request).select_related("practice", "step")
        return rows.prefetch_related("answers__source__remote", "answers__job")

    @display(description=_("Patient"), ordering="patient_name", header=True)
    def patient(self, row: Prefetch) -> tuple[str, str]:
        return person_name(row.patient_name) or gettext("Unnamed"), row.patient_id

    @display(description=_("Expected"), ordering="day", header=True)
    def expected(self, row: Prefetch) -> tuple[str, str]:
        return day(row.day), row.get_occasion_display()

    @display(description=_("For"))
    def planned(self, row: Prefetch) -> str:
        return row.modalities

    @display(description=_("Priors"), label={WAITS: "info", FAILED: "danger", HERE: "success", NOTHING: "info"})
    def state(self, row: Prefetch) -> tuple[str, str]:
        state = state_of({answer.outcome for answer in row.answers.all()})
        return state, str(STATES[state])

    @display(description=_("Fetched"))
    def came(self, row: Prefetch) -> str:
        fetched = sum(len(each.studies) for each in row.answers.all() if each.outcome == Outcome.FETCHED)
        return ngettext("%(count)s study", "%(count)s studies", fetched) % {"count": fetched}

    @display(description="")
    def button(self, row: Prefetch) -> SafeString:
        """It sends the list's own form, which has the token against forgery, to an address of its own."""
        again = reverse("admin:routing_prefetch_again", args=[row.pk])
        return format_html('<button class="fovea-button" formaction="{}">{}</button>', again, gettext("Fetch again"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.again_view)
        return [path("<int:pk>/again/", view, name="routing_prefetch_again"), *super().get_urls()]

    @guarded({"POST": Permission.FETCH})
    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the archives once more."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            count = administering.again(principal(request), row, source=SOURCE)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            text = ngettext("%(count)s archive will be asked again.", "%(count)s archives will be asked again.", count)
            messages.success(request, text % {"count": count})
        return HttpResponseRedirect(reverse("admin:routing_prefetch_change", args=[pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            patient = pseudonym(row.practice_id, identity_of(row.issuer, row.patient_id))
            access.note(principal(request), row.practice_id, "", "priors", patient=patient)
            context = {"row": row, "answers": row.answers.all(), "born": dicom_date(row.patient_birth_date)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})


def state_of(outcomes: set[str]) -> str:
    """What the archives' outcomes come to: what is under way first, then what failed."""
    if outcomes & set(UNFINISHED):
        return WAITS
    if Outcome.FAILED in outcomes:
        return FAILED
    return HERE if Outcome.FETCHED in outcomes else NOTHING
