"""The page on which large files are dropped: its scripts send them in pieces, and go on after whatever broke."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import GuardedAdmin, guarded, principal
from apps.archive import quotas
from apps.practice.admin.choosing import chosen_lead
from apps.practice.models import FileOutcome


class BatchUploadPage(GuardedAdmin):
    """Mixed into the admin of batches."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", page, name="practice_batch_upload"), *super().get_urls()]

    @guarded({"GET": Permission.UPLOAD})
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Files and archives, for one lead or for whomever they say."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Upload files"),
            "lead": chosen_lead(request),
            "room": _room(request),
            "words": _words(),
        }
        return TemplateResponse(request, "admin/practice/batch_upload.html", context)


def _room(request: HttpRequest) -> quotas.Measured | None:
    """How much the active practice has used of its quota, if it has one."""
    practice_id = principal(request).practice_id
    if practice_id is None or quotas.limit(practice_id) is None:
        return None
    return quotas.measure(practice_id)


def _words() -> dict[str, Any]:
    """What the script says; places in braces it fills itself."""
    return {
        "waiting": _("Waiting"),
        "sending": _("Sending"),
        "broken": _("The connection broke. It goes on by itself."),
        "paused": _("Paused"),
        "sent": _("Sent"),
        "storing": _("Storing"),
        "progress": _("Storing: {done} of {total}"),
        "of": _("{sent} of {size}"),
        "chooseAgain": _("Choose the same file again to go on."),
        "pause": _("Pause"),
        "goOn": _("Go on"),
        "takeBack": _("Take back"),
        "details": _("Details"),
        "outcomes": {outcome.value: str(outcome.label) for outcome in FileOutcome},
    }
