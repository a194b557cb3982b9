"""Procedures of several cameras in the admin: how each was aligned, or why it could not be, and its videos."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.archive.models import Study
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.core.languages import translated
from apps.jobs.models import ENDED, State
from apps.jobs.showing import COLOURS, bar
from apps.video.admin.whose import planned_or_typed
from apps.video.cameras.models import Alignment, Camera, Procedure

NOTHING: Final = "—"


@admin.register(Procedure)
class ProcedureAdmin(ListOnRecord, ScopedAdmin):
    """The newest first."""

    searched = "video procedures"
    asks: Mapping[str, Guard] = {"view": Permission.UPLOAD}
    list_display = ("names", "person", "state_badge", "came", "trouble")
    list_display_links = ("names",)
    list_filter = ("alignment", PracticeFilter)
    list_fullwidth = True
    search_fields = ("cameras__name", "cameras__file_name", "=study_instance_uid")
    search_help_text = _("Camera, name of a file, or a UID")
    actions = None
    change_form_template = "admin/video/procedure.html"
    change_list_template = "admin/video/procedures.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Procedure]:
        rows: QuerySet[Procedure] = super().get_queryset(request)
        return rows.select_related("job", "requested_by", "practice", "step").prefetch_related("cameras__video__job")

    @display(description=_("Cameras"), header=True)
    def names(self, row: Procedure) -> tuple[str, str]:
        return ", ".join(camera.name for camera in row.cameras.all()) or str(row), row.get_alignment_display()

    @display(description=_("Whose"), header=True)
    def person(self, row: Procedure) -> tuple[str, str]:
        return planned_or_typed(row.step, row.metadata)

    @display(description=_("State"), label=COLOURS)
    def state_badge(self, row: Procedure) -> tuple[str, str]:
        return row.state, _state_words(row.state) or NOTHING

    @display(description=_("Received"), ordering="id", header=True)
    def came(self, row: Procedure) -> tuple[str, str]:
        by = str(row.requested_by or "")
        return day(row.created_at), " · ".join(filter(None, (clock(row.created_at), by)))

    @display(description=_("What is the matter"))
    def trouble(self, row: Procedure) -> str:
        return translated(row.error)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            access.note(principal(request), row.practice_id, row.study_instance_uid, "a video procedure")
            context = _shown(request, row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})


def _shown(request: HttpRequest, row: Procedure) -> dict[str, Any]:
    """The page of one: how it was aligned, and where its videos and its study are."""
    name, number = planned_or_typed(row.step, row.metadata)
    seen = Study.objects.visible_to(principal(request), Permission.VIEW)
    return {
        "procedure": row,
        "state": row.state,
        "state_words": _state_words(row.state),
        "bar": "" if row.state in ENDED else bar(row.job, reverse("api-video-procedure", args=[row.pk])),
        "error": translated(row.error),
        "advice": _advice(row),
        "again_url": _again(row),
        "person": name,
        "person_id": number,
        "cameras": [_line(camera) for camera in row.cameras.all()],
        "study": seen.filter(study_instance_uid=row.study_instance_uid, practice=row.practice_id).first(),
    }


def _line(camera: Camera) -> dict[str, Any]:
    """What the page's table says of one camera."""
    video = camera.video
    return {
        "camera": camera,
        "offset": _figure(camera.offset, 3),
        "confidence": _figure(camera.confidence, 2),
        "video": video,
        "state_words": (_state_words(video.state) or NOTHING) if video else NOTHING,
    }


def _figure(value: float | None, digits: int) -> str:
    # `number_format` cuts digits off.
    return NOTHING if value is None else number_format(round(value, digits), digits)


def _state_words(state: str) -> str:
    return str(State(state).label) if state else ""


def _advice(row: Procedure) -> str:
    """What whoever sent them can do about films that were not aligned."""
    if row.state not in (State.FAILED, State.CANCELLED):
        return ""
    if row.state == State.FAILED and row.alignment == Alignment.SOUND:
        return gettext("Nothing was converted. Send the films again, and say when each camera began.")
    return gettext("Nothing was converted. Send the films again.")


def _again(row: Procedure) -> str:
    """The page that sends films, with what is known of these."""
    known = {"alignment": Alignment.TIMES} | ({"step": str(row.step_id)} if row.step_id else {})
    return f"{reverse('admin:video_video_cameras')}?{urlencode(known)}"
