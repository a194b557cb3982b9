"""Studies in the admin: the list, and the page of one with its series."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, acting_in, practice_column, principal
from apps.archive import labels, lifecycle
from apps.archive.admin import correcting, searching
from apps.archive.admin.deleting import DeletingAdmin
from apps.archive.admin.filters import LabelFilter, ModalityFilter, StudyDateFilter
from apps.archive.admin.forms import LabelActionForm
from apps.archive.admin.quota import QuotaView
from apps.archive.admin.storage import StorageView
from apps.archive.models import Instance, Study
from apps.archive.templatetags.dicom_text import (
    counted,
    dicom_date,
    dicom_time,
    modality_badges,
    person_name,
    thumbnail,
)
from apps.archive.viewing import viewer_url
from apps.core.dates import clock, day
from apps.core.errors import FoveaError
from apps.core.languages import translated

SERIES_ON_A_PAGE: Final = 25
INSTANCES_OF_A_SERIES: Final = 12


@admin.register(Study)
class StudyAdmin(DeletingAdmin, correcting.StudyPages):
    """Studies, the newest first."""

    list_display = (
        "picture",
        "patient_of",
        "taken",
        "modality_codes",
        "describe",
        "contents",
        "came",
        "viewer",
    )
    list_display_links = ("patient_of",)
    list_filter = (ModalityFilter, StudyDateFilter, LabelFilter, "received_at", PracticeFilter, "has_other_patient")
    actions = ("label_selected", "send_selected")
    action_form = LabelActionForm
    list_fullwidth = True
    search_fields = ("patient_name_key",)
    search_help_text = _("Name, Patient ID, accession number, description or UID")
    fields = ()
    change_form_template = "admin/archive/study.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Study]:
        return super().get_queryset(request).select_related("practice").defer("found")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(searching.studies(search_term)), False

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*self.list_display[:-1], *practice_column(request), self.list_display[-1]]

    def get_urls(self) -> list[URLPattern]:
        storage = self.admin_site.admin_view(StorageView.as_view(model_admin=self))
        quota = self.admin_site.admin_view(QuotaView.as_view(model_admin=self))
        own = [
            path("storage/", storage, name="archive_storage"),
            path("storage/quota/", quota, name="archive_quota"),
        ]
        return [*own, *super().get_urls()]

    @display(description="")
    def picture(self, study: Study) -> SafeString:
        return thumbnail(f"studies/{study.study_instance_uid}")

    @display(description=_("Patient"), ordering="patient_name_key", header=True)
    def patient_of(self, study: Study) -> tuple[str, str]:
        return person_name(study.patient_name), study.patient_identifier

    @display(description=_("Date"), ordering="study_date", header=True)
    def taken(self, study: Study) -> tuple[str, str]:
        return dicom_date(study.study_date) or gettext("no date"), dicom_time(study.study_time)

    @display(description=_("Modalities"))
    def modality_codes(self, study: Study) -> SafeString:
        return modality_badges(study.modalities)

    @display(description=_("Description"), ordering="study_description_key", header=True)
    def describe(self, study: Study) -> tuple[str, str]:
        return study.study_description, study.accession_number

    @display(description=_("Contents"), ordering="size", header=True)
    def contents(self, study: Study) -> tuple[str, str]:
        below = f"{counted(study.series_count, 'series')} · {filesizeformat(study.size)}"
        return counted(study.instance_count, "instance"), below

    @display(description=_("Received"), ordering="received_at", header=True)
    def came(self, study: Study) -> tuple[str, str]:
        return day(study.received_at), " · ".join(filter(None, (clock(study.received_at), study.source)))

    @display(description="")
    def viewer(self, study: Study) -> SafeString:
        return format_html(
            '<a class="fovea-button" href="{}">{}</a>', viewer_url(study.study_instance_uid), gettext("Open in viewer")
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        study = self.get_object(request, object_id)
        context = _contents(study, request.GET.get("p", "1")) if study else {}
        if study:
            context |= correcting.may(request, study.practice_id)
            context["labels"] = study.labels.all()
            context["may_share"] = self.reaches(principal(request), Permission.SHARE, study)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def has_label_permission(self, request: HttpRequest) -> bool:
        return principal(request).may(Permission.EDIT)

    @action(description=_("Label"), permissions=["label"])
    def label_selected(self, request: HttpRequest, queryset: QuerySet[Study]) -> None:
        """Put the label that stands beside the actions on all that are chosen."""
        chosen = list(queryset)
        try:
            count = sum(self._label(request, study) for study in chosen)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(
                request, gettext("The label is new on %(count)s of %(all)s.") % {"count": count, "all": len(chosen)}
            )

    def has_send_permission(self, request: HttpRequest) -> bool:
        return principal(request).may(Permission.SEND)

    @action(description=_("Send to another archive"), permissions=["send"])
    def send_selected(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse:
        """On to the page that asks where to."""
        chosen = urlencode([("study", pk) for pk in queryset.values_list("pk", flat=True)])
        return HttpResponseRedirect(f"{reverse('admin:remotes_remote_send')}?{chosen}")

    def _label(self, request: HttpRequest, study: Study) -> int:
        name = request.POST.get("label", "")
        return labels.add(acting_in(request, study.practice_id), [study.study_instance_uid], name)

    def delete_here(self, request: HttpRequest, obj: Study) -> None:
        lifecycle.delete_study(acting_in(request, obj.practice_id), obj.study_instance_uid, way="admin")

    def doomed(self, obj: Study) -> dict[str, int]:
        return {gettext("series"): obj.series_count, gettext("instances"): obj.instance_count}


def _contents(study: Study, page: str) -> dict[str, Any]:
    """A page of the study's series, each with its first instances."""
    paged = Paginator(study.series.defer("found"), SERIES_ON_A_PAGE).get_page(page)
    shown = list(paged.object_list)
    first = (
        Instance.objects.filter(series__in=shown)
        .annotate(place=Window(RowNumber(), "series", order_by=[F("instance_number").asc(), F("pk").asc()]))
        .filter(place__lte=INSTANCES_OF_A_SERIES)
        .only("series", "sop_instance_uid", "instance_number", "number_of_frames")
    )
    instances: dict[int, list[Instance]] = {}
    for instance in first:
        instances.setdefault(instance.series_id, []).append(instance)
    return {
        "study": study,
        "viewer_url": viewer_url(study.study_instance_uid),
        "series_page": paged,
        "series_list": [(series, instances.get(series.pk, [])) for series in shown],
        "patient_url": reverse("admin:archive_patient_change", args=[study.patient_id]),
    }
