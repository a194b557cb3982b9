"""Series and instances in the admin: reached from their study, not from the menu."""

from typing import Any, Final

import orjson
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydicom.uid import UID
from unfold.decorators import display

from apps.accounts.scoped_admin import acting_in
from apps.archive import lifecycle, retrieve
from apps.archive.admin.deleting import DeletingAdmin
from apps.archive.admin.header import header_rows
from apps.archive.models import Instance, Series

INSTANCES_ON_A_PAGE: Final = 60
BLOBS: Final = ("found", "header", "frame_index", "bulk_index")


@admin.register(Series)
class SeriesAdmin(DeletingAdmin):
    """A series with its instances, a page of them at a time."""

    list_display = ("description_of", "modality", "instance_count", "study", "received_at")
    list_select_related = ("study",)
    ordering = ("-id",)
    search_fields = ("=series_instance_uid",)
    search_help_text = _("Series Instance UID")
    fields = ()
    change_form_template = "admin/archive/series.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        return super().get_queryset(request).select_related("study").defer("found", "study__found")

    @display(description=_("Series"))
    def description_of(self, series: Series) -> str:
        return str(series)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        series = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if series:
            instances = Paginator(series.instances.defer(*BLOBS), INSTANCES_ON_A_PAGE)
            context = {"series": series, "study": series.study}
            context["instance_page"] = instances.get_page(request.GET.get("p", "1"))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def delete_here(self, request: HttpRequest, obj: Series) -> None:
        who = acting_in(request, obj.study.practice_id)
        lifecycle.delete_series(who, obj.study.study_instance_uid, obj.series_instance_uid, way="admin")

    def doomed(self, obj: Series) -> dict[str, int]:
        return {gettext("instances"): obj.instance_count}


@admin.register(Instance)
class InstanceAdmin(DeletingAdmin):
    """An instance with its picture and its header."""

    list_display = ("sop_instance_uid", "instance_number", "number_of_frames", "series", "received_at")
    ordering = ("-id",)
    search_fields = ("=sop_instance_uid",)
    search_help_text = _("SOP Instance UID")
    fields = ()
    change_form_template = "admin/archive/instance.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instance]:
        rows = super().get_queryset(request).select_related("series__study")
        return rows.defer(*BLOBS, "series__found", "series__study__found")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        instance = self.get_object(request, object_id)
        context = _facts(request, instance) if instance else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def delete_here(self, request: HttpRequest, obj: Instance) -> None:
        study = obj.series.study
        who = acting_in(request, study.practice_id)
        uids = (study.study_instance_uid, obj.series.series_instance_uid, obj.sop_instance_uid)
        lifecycle.delete_instance(who, *uids, way="admin")

    def doomed(self, obj: Instance) -> dict[str, int]:
        return {gettext("frames"): obj.number_of_frames}


def _facts(request: HttpRequest, instance: Instance) -> dict[str, Any]:
    series, study = instance.series, instance.series.study
    uids = (study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid)
    _, header = retrieve.header(acting_in(request, study.practice_id), *uids)
    rows, complete = header_rows(orjson.loads(header))
    return {
        "instance": instance,
        "series": series,
        "study": study,
        "picture": "studies/{}/series/{}/instances/{}".format(*uids),
        "sop_class": UID(instance.sop_class_uid).name,
        "transfer_syntax": UID(instance.transfer_syntax_uid).name,
        "digest": bytes(instance.digest).hex(),
        "header_rows": rows,
        "header_complete": complete,
    }
