"""Recordings of live sources in the admin: started, watched, stopped, and the videos that became of each."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, principal
from apps.archive.models import Study
from apps.audit import access
from apps.core.dates import moment
from apps.core.errors import FoveaError, Invalid
from apps.core.languages import translated
from apps.video.admin import occasions
from apps.video.live import ordering
from apps.video.live.models import NAME_LENGTH, Recording, RecordingState

COLOURS: Final = {
    RecordingState.WAITING: "info",
    RecordingState.RECORDING: "success",
    RecordingState.RECONNECTING: "warning",
    RecordingState.STOPPING: "info",
    RecordingState.DONE: "",
    RecordingState.FAILED: "danger",
}
# Cameras that the page has places for; the REST API takes more.
CAMERAS: Final = 4
ADDRESS_LENGTH: Final = 2000
HOUR: Final = 3600
MINUTE: Final = 60
MOST_SEGMENTS: Final = 500


class StartForm(forms.Form):
    """Which cameras, of whom, for how long. Addresses may hold passwords: they are never shown again."""

    step = forms.IntegerField(required=False, min_value=1)
    patient_name = forms.CharField(required=False, max_length=NAME_LENGTH)
    patient_id = forms.CharField(required=False, max_length=NAME_LENGTH)
    hours = forms.IntegerField(min_value=1, max_value=24, initial=4)
    minutes = forms.IntegerField(min_value=1, max_value=60, initial=5)

    def wanted(self, cameras: tuple[ordering.Camera, ...]) -> ordering.Wanted:
        given = self.cleaned_data
        typed = {"patientName": given["patient_name"], "patientId": given["patient_id"]}
        said = {"step": given["step"]} if given["step"] else {name: text for name, text in typed.items() if text}
        return ordering.Wanted(cameras, given["minutes"] * MINUTE, given["hours"] * HOUR, said)


@admin.register(Recording)
class RecordingAdmin(ScopedAdmin):
    """The newest first."""

    asks: Mapping[str, Guard] = {"view": Permission.UPLOAD}
    list_display = ("camera", "state_badge", "came", "began", "trouble")
    list_display_links = ("camera",)
    list_filter = ("state", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "=study_instance_uid")
    search_help_text = _("Camera, or a UID")
    actions = None
    change_form_template = "admin/video/recording.html"
    change_list_template = "admin/video/recordings.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        return super().get_queryset(request).select_related("practice", "requested_by", "step")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("start/", guard(self.start_view), name="video_recording_start"),
            path("<int:pk>/stop/", guard(self.stop_view), name="video_recording_stop"),
            *super().get_urls(),
        ]

    @display(description=_("Camera"), header=True)
    def camera(self, row: Recording) -> tuple[str, str]:
        return row.name, row.place

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Recording) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Recorded"), header=True)
    def came(self, row: Recording) -> tuple[str, str]:
        pictures = gettext("%(count)s pictures") % {"count": number_format(row.pictures, force_grouping=True)}
        return pictures, filesizeformat(row.bytes)

    @display(description=_("Began"), ordering="id", header=True)
    def began(self, row: Recording) -> tuple[str, str]:
        return moment(row.started_at or row.created_at), moment(row.ended_at) if row.ended_at else ""

    @display(description=_("What is the matter"))
    def trouble(self, row: Recording) -> str:
        return translated(row.reason)

    @guarded({"GET": Permission.UPLOAD, "POST": Permission.UPLOAD})
    def start_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and what it asks for."""
        form = StartForm(request.POST or None)
        if form.is_valid() and (rows := self._started(request, form)):
            messages.success(request, gettext("It is recorded as soon as the source is reached."))
            first = rows[0] if len(rows) == 1 else None
            return HttpResponseRedirect(_page(first))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Start a recording"),
            "form": form,
            "steps": occasions.steps(request),
            "chosen_step": occasions.chosen_step(request),
            "places": range(1, CAMERAS + 1),
        }
        return TemplateResponse(request, "admin/video/record.html", context)

    @guarded({"POST": Permission.UPLOAD})
    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that ends one."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            ordering.stop(acting_in(request, row.practice_id), row)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, gettext("It is being ended; what was recorded is kept."))
        return HttpResponseRedirect(_page(row))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None:
            access.note(principal(request), row.practice_id, row.study_instance_uid, "a recording")
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **_shown(request, row)})

    def _started(self, request: HttpRequest, form: StartForm) -> list[Recording]:
        """What is recorded now; nothing where a service refuses it, which the page then says."""
        who = principal(request)
        try:
            return ordering.start(who, who.practice_id or 0, form.wanted(_cameras(request)))
        except FoveaError as error:
            wrong = error.errors if isinstance(error, Invalid) else ()
            for text in [text for _field, text in wrong] or [error.detail]:
                form.add_error(None, translated(text))
            return []


def _cameras(request: HttpRequest) -> tuple[ordering.Camera, ...]:
    """Those whose address is written."""
    names, addresses = (request.POST.getlist(name)[:CAMERAS] for name in ("name", "address"))
    return tuple(
        ordering.Camera(address.strip()[:ADDRESS_LENGTH], name.strip()[:NAME_LENGTH])
        for address, name in zip(addresses, names, strict=False)
        if address.strip()
    )


def _page(row: Recording | None) -> str:
    """The page of one; the list for several."""
    if row is None:
        return reverse("admin:video_recording_changelist")
    return reverse("admin:video_recording_change", args=[row.pk])


def _shown(request: HttpRequest, row: Recording | None) -> dict[str, Any]:
    """The page of one: how it goes, and its instances."""
    if row is None:
        return {}
    seen = Study.objects.visible_to(principal(request), Permission.VIEW)
    return {
        "recording": row,
        "reason": translated(row.reason),
        "segments": row.segments.select_related("video__job")[:MOST_SEGMENTS],
        "study": seen.filter(study_instance_uid=row.study_instance_uid, practice=row.practice_id).first(),
        "is_bad": row.state in (RecordingState.FAILED, RecordingState.RECONNECTING),
    }
