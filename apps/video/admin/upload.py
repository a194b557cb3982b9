"""The page on which videos are dropped: its scripts send them in pieces, and go on after whatever broke."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import GuardedAdmin, guarded, principal
from apps.archive import quotas
from apps.practice.admin.choosing import chosen_lead
from apps.video import administering
from apps.video.admin import occasions
from apps.video.admin.wording import presets
from apps.video.conversion.policy import Sound
from apps.video.models import MaskTemplate
from apps.video.objects.metadata import Laterality


class UploadPage(GuardedAdmin):
    """Mixed into the admin of videos."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", page, name="video_video_upload"), *super().get_urls()]

    @guarded({"GET": Permission.UPLOAD})
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Videos, for a step, an appointment, a lead, or whoever is typed."""
        practice_id = principal(request).practice_id
        chosen = occasions.chosen_step(request)
        policy = administering.policy_of(practice_id) if practice_id else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Upload videos"),
            "presets": presets(),
            "lateralities": _lateralities(),
            "steps": occasions.steps(request),
            "chosen_step": chosen,
            "appointments": occasions.appointments(request),
            "lead": chosen_lead(request),
            "masks": MaskTemplate.objects.visible_to(principal(request)).filter(practice=practice_id),
            "keeps_sound": policy is not None and policy.sound == Sound.KEEP,
            "room": _room(practice_id),
            "words": _words(),
        }
        return TemplateResponse(request, "admin/video/upload.html", context)


def _room(practice_id: int | None) -> quotas.Measured | None:
    """How much the active practice has used of its quota, if it has one."""
    if practice_id is None or quotas.limit(practice_id) is None:
        return None
    return quotas.measure(practice_id)


def _lateralities() -> list[tuple[str, str]]:
    return [
        (Laterality.UNKNOWN.value, _("Not said")),
        (Laterality.RIGHT.value, _("Right")),
        (Laterality.LEFT.value, _("Left")),
        (Laterality.BOTH.value, _("Both")),
    ]


def _words() -> dict[str, Any]:
    """What the script says; places in braces it fills itself."""
    return {
        "waiting": _("Waiting"),
        "sending": _("Sending"),
        "broken": _("The connection broke. It goes on by itself."),
        "paused": _("Paused"),
        "sent": _("Sent"),
        "chooseLead": _("Choose a lead from the list."),
        "converting": _("Converting"),
        "stored": _("Stored"),
        "of": _("{sent} of {size}"),
        "chooseAgain": _("Choose the same file again to go on."),
        "pause": _("Pause"),
        "goOn": _("Go on"),
        "takeBack": _("Take back"),
        "details": _("Details"),
    }
