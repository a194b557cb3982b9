"""What the page of one video shows: how it goes, what was done to the file and why, and what verification found."""

from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import principal
from apps.archive.models import Instance
from apps.archive.viewing import viewer_url
from apps.core.languages import translated
from apps.dicom.syntax import is_video, name_of
from apps.jobs.models import State
from apps.jobs.showing import bar
from apps.video.admin.report import lines_of, warning_of
from apps.video.admin.whose import person_of, reason_of
from apps.video.admin.wording import preset_name
from apps.video.models import Video


def progress(video: Video) -> SafeString:
    """Its bar."""
    return bar(video.job, reverse("api-video", args=[video.pk]))


def path_of(video: Video) -> str:
    """Where its object lies below the DICOMweb root."""
    series = f"studies/{video.study_instance_uid}/series/{video.series_instance_uid}"
    return f"{series}/instances/{video.sop_instance_uid}"


def viewer_url_of(video: Video) -> str:
    """The viewer with this video in front."""
    return viewer_url(video.study_instance_uid, video.series_instance_uid, video.sop_instance_uid)


def shown(request: HttpRequest, video: Video) -> dict[str, Any]:
    """The page's context."""
    name, number = person_of(video)
    return {
        "video": video,
        "state": video.state,
        "state_words": State(video.state).label if video.state else "",
        "bar": progress(video),
        "person": name,
        "person_id": number,
        "whose": reason_of(video),
        "error": translated(video.error),
        "reasons": [translated(reason) for reason in (video.plan or {}).get("reasons", [])],
        "syntax": name_of((video.plan or {}).get("transferSyntaxUid", "")),
        "report": lines_of(video.report),
        "warning": warning_of(video.report),
        "specialty": preset_name(video.preset),
        "may_cancel": not video.is_ended,
        "may_forget": video.is_ended,
        "may_retry": video.state in (State.FAILED, State.CANCELLED) and video.has_file,
        **_object(request, video),
    }


def _object(request: HttpRequest, video: Video) -> dict[str, Any]:
    """What there is to play, and to take out of it; nothing for who may not look at it, and before it is stored."""
    instance = _instance(request, video)
    if instance is None:
        return {}
    address = f"/api/instances/{video.sop_instance_uid}"
    return {
        "instance": instance,
        "can_cut": is_video(instance.transfer_syntax_uid),
        "path": path_of(video),
        "viewer_url": viewer_url_of(video),
        "poster_url": f"{address}/poster",
        "strip_url": f"{address}/strip.jpg",
        "stills_url": f"{address}/stills",
        "clips_url": f"{address}/clips",
        "words": {**_words(), "rate": _rate(video)},
    }


def _instance(request: HttpRequest, video: Video) -> Instance | None:
    if not video.sop_instance_uid:
        return None
    seen = Instance.objects.visible_to(principal(request), Permission.VIEW)
    ours = seen.filter(sop_instance_uid=video.sop_instance_uid, series__study__practice=video.practice_id)
    return ours.select_related("series__study").first()


def _rate(video: Video) -> float:
    """Pictures a second of the object, as its plan says; 0 where that says nothing."""
    try:
        return float(Fraction((video.plan or {}).get("rate", 0)))
    except (ValueError, ZeroDivisionError):
        return 0


def _words() -> dict[str, str]:
    """What the player's script says."""
    return {
        "waiting": _("Working"),
        "still": _("The still is stored in the study."),
        "clip": _("The clip is stored in the study."),
        "broken": _("The server was not reached."),
        "preparing": _("It is being made playable. That may take a while."),
        "unplayable": _("Your browser can't play it."),
    }
