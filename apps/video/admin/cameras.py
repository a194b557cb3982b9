"""The page on which the films of several cameras are sent as one procedure; its script asks the REST API."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import GuardedAdmin, guarded
from apps.practice.admin.choosing import chosen_lead
from apps.video.admin import occasions
from apps.video.cameras.models import Alignment

# Places for cameras on the page; the REST API takes more.
CAMERAS: Final = 4


class CamerasPage(GuardedAdmin):
    """Mixed into the admin of videos."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.cameras_view)
        return [path("cameras/", page, name="video_video_cameras"), *super().get_urls()]

    @guarded({"GET": Permission.UPLOAD})
    def cameras_view(self, request: HttpRequest) -> HttpResponse:
        """Whose they are, a film for each camera, and how they are aligned."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Films of several cameras"),
            "steps": occasions.steps(request),
            "chosen_step": occasions.chosen_step(request),
            "appointments": occasions.appointments(request),
            "lead": chosen_lead(request),
            "is_by_times": request.GET.get("alignment") == Alignment.TIMES,
            "places": range(1, CAMERAS + 1),
            "words": _words(),
        }
        return TemplateResponse(request, "admin/video/cameras.html", context)


def _words() -> dict[str, str]:
    """What the script says."""
    return {
        "chooseLead": _("Choose a lead from the list."),
        "sending": _("Sending"),
        "aligning": _("Finding out how they lie to each other"),
        "stopped": _("It was stopped."),
        "again": _("Nothing was converted. Write below when each camera began, and send again."),
        "broken": _("The server was not reached."),
    }
