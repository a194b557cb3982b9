"""Videos in the admin: the list with its progress, the page of one, and what is done with them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, principal
from apps.archive.templatetags.dicom_text import thumbnail
from apps.audit import access
from apps.audit.listing import ListOnRecord
from apps.core.dates import clock, day
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.jobs.models import State
from apps.jobs.showing import COLOURS, StateFilter
from apps.video import controlling
from apps.video.admin.cameras import CamerasPage
from apps.video.admin.report import warning_of
from apps.video.admin.showing import path_of, progress, shown, viewer_url_of
from apps.video.admin.upload import UploadPage
from apps.video.admin.whose import person_of
from apps.video.models import Video

_NO_PICTURE: Final = SafeString('<span class="fovea-thumb"></span>')
SOURCE: Final = "admin"


@admin.register(Video)
class VideoAdmin(ListOnRecord, UploadPage, CamerasPage, ScopedAdmin):
    """The newest first."""

    searched = "videos"
    asks: Mapping[str, Guard] = {"view": Permission.UPLOAD}
    list_display = ("picture", "file", "person", "state_badge", "how_far", "came", "open")
    list_display_links = ("file",)
    list_filter = (StateFilter, "path", "preset", PracticeFilter)
    list_fullwidth = True
    search_fields = ("name", "=sop_instance_uid", "=study_instance_uid")
    search_help_text = _("Name of the file, or a UID")
    actions = None
    change_form_template = "admin/video/video.html"
    change_list_template = "admin/video/videos.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        rows: QuerySet[Video] = super().get_queryset(request)
        return rows.select_related("job", "requested_by", "practice", "step", "lead", "appointment__lead")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/cancel/", guard(self.cancel_view), name="video_video_cancel"),
            path("<int:pk>/retry/", guard(self.retry_view), name="video_video_retry"),
            path("<int:pk>/forget/", guard(self.forget_view), name="video_video_forget"),
            *super().get_urls(),
        ]

    @display(description="")
    def picture(self, video: Video) -> SafeString:
        return thumbnail(path_of(video)) if video.sop_instance_uid else _NO_PICTURE

    @display(description=_("File"), ordering="name", header=True)
    def file(self, video: Video) -> tuple[str, str]:
        return video.name, " · ".join(filter(None, (filesizeformat(video.size), str(video.get_path_display()))))

    @display(description=_("Whose"), header=True)
    def person(self, video: Video) -> tuple[str, str]:
        return person_of(video)

    @display(description=_("State"), label=COLOURS)
    def state_badge(self, video: Video) -> tuple[str, str]:
        return video.state, str(State(video.state).label) if video.state else "—"

    @display(description=_("Progress"))
    def how_far(self, video: Video) -> SafeString:
        if why := translated(video.error) or warning_of(video.report):
            return format_html('<span class="fovea-why">{}</span>', why)
        if video.is_ended or video.job is None:
            return SafeString("—")
        return progress(video)

    @display(description=_("Received"), ordering="id", header=True)
    def came(self, video: Video) -> tuple[str, str]:
        by = str(video.requested_by or video.source)
        return day(video.created_at), f"{clock(video.created_at)} · {by}"

    @display(description="")
    def open(self, video: Video) -> SafeString:
        if not video.sop_instance_uid:
            return SafeString()
        address = viewer_url_of(video)
        return format_html('<a class="fovea-button" href="{}">{}</a>', address, gettext("Open in viewer"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        video = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if video is not None:
            access.note(principal(request), video.practice_id, video.study_instance_uid, "a video")
            context = shown(request, video)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @guarded({"POST": Permission.UPLOAD})
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that stops a conversion."""
        return self._moved(request, pk, controlling.cancel, gettext("It is cancelled, or stops at its next step."))

    @guarded({"POST": Permission.UPLOAD})
    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that lets it be tried again."""
        return self._moved(request, pk, controlling.retry, gettext("It is queued again."))

    @guarded({"POST": Permission.UPLOAD})
    def forget_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button that takes one off the list; its object stays where it is."""
        return self._moved(request, pk, controlling.forget, gettext("It is off the list."))

    def _moved(self, request: HttpRequest, pk: int, move: Callable[[Principal, Video], Any], done: str) -> HttpResponse:
        video = self.get_queryset(request).filter(pk=pk).first()
        if video is None:
            raise Http404
        try:
            move(acting_in(request, video.practice_id), video)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, done)
        # What was forgotten has no page any more.
        is_here = Video.objects.filter(pk=pk).exists()
        page = reverse("admin:video_video_change", args=[pk]) if is_here else reverse("admin:video_video_changelist")
        return HttpResponseRedirect(page)
