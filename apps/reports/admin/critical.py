"""Critical findings in the admin: those that are open first, the page of one, and the form that raises one."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.accounts.models import Grant, User
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, practice_column, principal
from apps.archive.models import TEXT_LENGTH, Study
from apps.archive.templatetags.dicom_text import person_name
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.reports import critical
from apps.reports.critical import Raised
from apps.reports.models import CriticalFinding, Urgency

SOURCE: Final = "admin"
OVERDUE, OPEN, DONE = "overdue", "open", "acknowledged"
STATES: Final = {OVERDUE: _("Nobody has acknowledged it in time"), OPEN: _("Open"), DONE: _("Acknowledged")}
COLOURS: Final = {OVERDUE: "danger", OPEN: "warning", DONE: "success"}
# Of a practice's users, those that the form offers.
MOST_RECIPIENTS: Final = 500


def state_of(row: CriticalFinding) -> str:
    """Whether it is acknowledged, open, or open for longer than it may be."""
    if row.acknowledged_at is not None:
        return DONE
    return OVERDUE if row.escalations or row.due_at <= timezone.now() else OPEN


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(OPEN, STATES[OPEN]), (DONE, STATES[DONE])]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() not in (OPEN, DONE):
            return queryset
        return queryset.filter(acknowledged_at__isnull=self.value() == OPEN)


class StudyPracticeFilter(PracticeFilter):
    path = "study__practice"


class FindingForm(forms.Form):
    """What somebody must know, how soon, and who."""

    urgency = forms.ChoiceField(label=_("How soon"), choices=Urgency.choices, widget=UnfoldAdminSelectWidget())
    text = forms.CharField(label=_("Finding"), max_length=TEXT_LENGTH, widget=UnfoldAdminTextInputWidget())
    recipient = forms.TypedChoiceField(
        label=_("Recipient"), required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget(),
        help_text=_("Empty: everybody who may look at the study."),
    )  # fmt: skip

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["recipient"]
        field.choices = [("", "—"), *_recipients(study)]


def _recipients(study: Study) -> list[tuple[int, str]]:
    """The users with any right in the study's practice; whether they see the study is asked when one is chosen."""
    granted = Grant.objects.current().filter(practice=study.practice_id).order_by().values("user")
    users = User.objects.filter(pk__in=granted, is_active=True).order_by("username")[:MOST_RECIPIENTS]
    return [(user.pk, user.get_full_name() or user.get_username()) for user in users]


@admin.register(CriticalFinding)
class CriticalFindingAdmin(ListOnRecord, ScopedAdmin):
    """Those of studies that the person sees."""

    searched = "critical findings"
    list_display = ("what", "person", "state_badge", "urgency_words", "due", "raised")
    list_display_links = ("what",)
    list_filter = (StateFilter, "urgency", StudyPracticeFilter)
    list_fullwidth = True
    search_fields = ("study__patient_name_key", "=study__patient_identifier", "=study__study_instance_uid")
    search_help_text = _("Patient, Patient ID or Study Instance UID")
    actions = None
    change_form_template = "admin/reports/critical.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[CriticalFinding]:
        rows: QuerySet[CriticalFinding] = super().get_queryset(request)
        people = rows.select_related("study__practice", "recipient", "raised_by", "acknowledged_by")
        return people.defer("study__found", "study__original_found", "study__correction")

    def get_ordering(self, request: HttpRequest) -> Any:
        return [F("acknowledged_at").desc(nulls_first=True), "due_at", "-pk"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display, *practice_column(request)]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("new/<int:study_pk>/", guard(self.new_view), name="reports_criticalfinding_new"),
            path("<int:pk>/acknowledge/", guard(self.acknowledge_view), name="reports_criticalfinding_acknowledge"),
            *super().get_urls(),
        ]

    @display(description=_("Finding"), header=True)
    def what(self, row: CriticalFinding) -> tuple[str, str]:
        return row.text, gettext("No. %(number)s") % {"number": row.pk}

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def person(self, row: CriticalFinding) -> tuple[str, str]:
        return person_name(row.study.patient_name), str(row.study)

    @display(description=_("State"), label=COLOURS)
    def state_badge(self, row: CriticalFinding) -> tuple[str, str]:
        return (state := state_of(row)), str(STATES[state])

    @display(description=_("How soon"), ordering="urgency")
    def urgency_words(self, row: CriticalFinding) -> str:
        return row.get_urgency_display()

    @display(description=_("Due"), ordering="due_at")
    def due(self, row: CriticalFinding) -> str:
        return "—" if row.acknowledged_at else moment(row.due_at)

    @display(description=_("Raised"), ordering="raised_at", header=True)
    def raised(self, row: CriticalFinding) -> tuple[str, str]:
        return moment(row.raised_at), str(row.raised_by or "")

    @display(description=_("Practice"), ordering="study__practice__name")
    def practice(self, row: CriticalFinding) -> str:
        return str(row.study.practice)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            access.note(principal(request), row.study.practice_id, row.study.study_instance_uid, "a critical finding")
            context = {
                "finding": row, "title": gettext("Critical finding"), "state": state_of(row),
                "state_words": STATES[state_of(row)], "steps": row.steps.select_related("by"),
            }  # fmt: skip
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @guarded({"GET": critical.RAISES, "POST": critical.RAISES})
    def new_view(self, request: HttpRequest, study_pk: int) -> HttpResponse:
        """The form that raises a finding of this study."""
        study = _reported(request, study_pk)
        form = FindingForm(study, request.POST or None)
        if form.is_valid() and (row := _raised(request, study, form)) is not None:
            messages.success(request, gettext("The finding is told now, and again until somebody acknowledges it."))
            return HttpResponseRedirect(reverse("admin:reports_criticalfinding_change", args=[row.pk]))
        context = {"title": gettext("Critical finding"), "study": study, "form": form}
        page = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "admin/reports/critical_new.html", page)

    @guarded({"POST": Permission.VIEW})
    def acknowledge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button by which somebody says that who must know does."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            critical.acknowledge(
                acting_in(request, row.study.practice_id), pk, request.POST.get("how", ""), source=SOURCE
            )
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, gettext("The finding is acknowledged. It is told no more."))
        return HttpResponseRedirect(reverse("admin:reports_criticalfinding_change", args=[pk]))


def _reported(request: HttpRequest, study_pk: int) -> Study:
    """Raises Http404 for a study that the person does not write reports of."""
    seen = Study.objects.visible_to(principal(request)).visible_to(principal(request), critical.RAISES)
    study = seen.select_related("practice").defer("found", "original_found").filter(pk=study_pk).first()
    if study is None:
        raise Http404
    return study


def _raised(request: HttpRequest, study: Study, form: FindingForm) -> CriticalFinding | None:
    """The finding; None where the form says now what is wrong."""
    given = form.cleaned_data
    raised = Raised(Urgency(given["urgency"]), given["text"], given["recipient"])
    try:
        return critical.raise_finding(acting_in(request, study.practice_id), study, raised, source=SOURCE)
    except FoveaError as error:
        form.add_error(None, translated(error.detail))
        return None
