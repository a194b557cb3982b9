"""X-rays in the admin: the list with pictures, the page of one, and the page on which files are dropped."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, principal
from apps.archive.templatetags.dicom_text import modality_badges, person_name, thumbnail
from apps.archive.viewing import viewer_url
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.practice.admin.choosing import chosen_lead
from apps.practice.models import Lead, Match, MatchState, XRay, XrayStatus, XrayType
from apps.practice.xrays import changing, listing

COLOURS: Final = {
    XrayStatus.RECEIVED: "info",
    XrayStatus.MATCHED: "success",
    XrayStatus.NEEDS_REVIEW: "warning",
    XrayStatus.NO_LEAD: "default",
}
SEARCH_LENGTH: Final = 100
SOURCE: Final = "admin"


class KindFilter(admin.SimpleListFilter):
    """By type: a list of choices rather than a column of links."""

    title = _("type")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in XrayType.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() in XrayType.values else queryset


@admin.register(XRay)
class XRayAdmin(ListOnRecord, ScopedAdmin):
    """The last taken first."""

    searched = "X-rays"
    asks: Mapping[str, Guard] = {"view": Permission.VIEW, "delete": Permission.DELETE}
    list_display = ("picture", "person", "kind_of", "taken", "modality_code", "status_badge", "came", "viewer")
    list_display_links = ("person",)
    list_filter = ("status", KindFilter, "taken_at", "modality", PracticeFilter)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("notes",)
    search_help_text = _("Patient's name or ID, description, notes or teeth")
    actions = None
    change_form_template = "admin/practice/xray.html"
    change_list_template = "admin/practice/xrays.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[XRay]:
        rows: QuerySet[XRay] = super().get_queryset(request)
        return listing.with_surroundings(rows)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term[:SEARCH_LENGTH].strip()
        return (queryset.filter(listing.with_words(words)) if words else queryset), False

    def get_urls(self) -> list[URLPattern]:
        upload = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", upload, name="practice_xray_upload"), *super().get_urls()]

    @guarded({"GET": Permission.UPLOAD})
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """The page on which files are dropped; its script sends each to the REST API, which has no bound of forms."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Upload X-rays"),
            "kinds": XrayType.choices,
            "lead": chosen_lead(request),
        }
        return TemplateResponse(request, "admin/practice/xray_upload.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"may_upload": principal(request).may(Permission.UPLOAD)}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        xray = self.get_object(request, object_id)
        if xray is not None:
            access.note(principal(request), xray.practice_id, xray.study.study_instance_uid, "an X-ray's data")
        context = _context(xray) if xray else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def delete_model(self, request: HttpRequest, obj: XRay) -> None:
        changing.delete(acting_in(request, obj.practice_id), obj, SOURCE)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """The service writes the audit trail, which is the record."""

    @display(description="")
    def picture(self, xray: XRay, size: str = "medium") -> SafeString:
        return thumbnail(_path(xray), size)

    @display(description=_("Lead"), header=True)
    def person(self, xray: XRay) -> tuple[str, str]:
        lead = _lead(xray)
        shown = person_name(xray.study.patient_name) or xray.study.patient_identifier
        return (str(lead), lead.external_id) if lead else (shown, gettext("as the image says"))

    @display(description=_("Type"), ordering="kind", header=True)
    def kind_of(self, xray: XRay) -> tuple[str, str]:
        return xray.get_kind_display(), xray.teeth

    @display(description=_("Taken"), ordering="taken_at", header=True)
    def taken(self, xray: XRay) -> tuple[str, str]:
        return day(xray.taken_at), clock(xray.taken_at)

    @display(description=_("Modality"), ordering="modality")
    def modality_code(self, xray: XRay) -> SafeString:
        return modality_badges(xray.modality)

    @display(description=_("Status"), ordering="status", label=COLOURS)
    def status_badge(self, xray: XRay) -> tuple[str, str]:
        return xray.status, xray.get_status_display()

    @display(description=_("Received"), ordering="received_at", header=True)
    def came(self, xray: XRay) -> tuple[str, str]:
        return day(xray.received_at), " · ".join(filter(None, (clock(xray.received_at), xray.source)))

    @display(description="")
    def viewer(self, xray: XRay) -> SafeString:
        return format_html('<a class="fovea-button" href="{}">{}</a>', viewer_address(xray), gettext("Open in viewer"))


def viewer_address(xray: XRay) -> str:
    """The viewer with this X-ray in front."""
    return viewer_url(xray.study.study_instance_uid, xray.series.series_instance_uid)


def _path(xray: XRay) -> str:
    """Where it lies below the DICOMweb root."""
    series = f"studies/{xray.study.study_instance_uid}/series/{xray.series.series_instance_uid}"
    return f"{series}/instances/{xray.instance.sop_instance_uid}" if xray.instance else series


def _context(xray: XRay) -> dict[str, Any]:
    picture = thumbnail(_path(xray), "large")
    return {
        "picture": picture,
        "match": _match(xray),
        "lead": _lead(xray),
        "path": _path(xray),
        "viewer": viewer_address(xray),
    }


def _match(xray: XRay) -> Match | None:
    return getattr(xray.study, "match", None)


def _lead(xray: XRay) -> Lead | None:
    match = _match(xray)
    return match.lead if match and match.state == MatchState.LINKED else None
