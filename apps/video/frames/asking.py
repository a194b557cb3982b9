"""Asking for pictures and parts of a stored video: who may, of what, and the job that makes them."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, When

from apps.accounts.principal import Principal
from apps.archive.models import Instance
from apps.archive.rights import NO_SUCH
from apps.audit import access
from apps.core.errors import Invalid, NotFound
from apps.dicom.syntax import is_video
from apps.dicom.uids import is_valid_uid
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.saying import say
from apps.uploads.deciding import decide
from apps.video.errors import Refused
from apps.video.frames import stills
from apps.video.objects.presets import MODALITIES

STILLS: Final = "video-stills"
CLIP: Final = "video-clip"
NO_STREAM: Final = say(
    "This object holds no video stream: its frames are single pictures, which DICOMweb gives each by itself."
)


_STUDY: Final = ("series__study__practice", "series__study__study_instance_uid")


@dataclass(frozen=True, slots=True)
class Picks:
    """Which pictures: by their numbers (from 1), by seconds from the start, or so many key frames over all of it."""

    frames: tuple[int, ...] = ()
    times: tuple[float, ...] = ()
    keys: int = 0


def ask_for_stills(who: Principal, uid: str, picks: Picks) -> Job:
    """A job that makes images of them. Raises NotFound, Refused, Invalid for what is no such video."""
    instance = _video(who, uid)
    try:
        stills.check(instance.sop_class_uid)
    except Refused as error:
        raise Invalid(error.reason) from error
    wanted = {"frames": list(picks.frames), "times": list(picks.times), "keys": picks.keys}
    return _asked(who, instance, STILLS, {"wanted": wanted})


def ask_for_clip(who: Principal, uid: str, since: float, until: float) -> Job:
    """A job that makes a video of the part between two times, in seconds. Raises NotFound, Refused, Invalid."""
    if until <= since:
        raise Invalid(errors=[("to", say("The end comes after the beginning."))])
    instance = _video(who, uid)
    if instance.sop_class_uid not in MODALITIES:
        raise Invalid(say("Parts are cut out of videos, not of this kind of object."))
    return _asked(who, instance, CLIP, {"since": since, "until": until})


def _video(who: Principal, uid: str) -> Instance:
    """The instance of this UID, the active practice's where there are several, of whose practice the caller may store.

    Raises NotFound, Refused, Invalid for one that is no video.
    """
    rows = Instance.objects.visible_to(who).select_related("series__study")
    rows = rows.only(
        "sop_class_uid", "transfer_syntax_uid", "series__study__practice", "series__study__study_instance_uid"
    )
    own_first = Case(When(series__study__practice=who.practice_id, then=0), default=1)
    found = rows.filter(sop_instance_uid=uid).order_by(own_first, "pk").first() if is_valid_uid(uid) else None
    if found is None:
        raise NotFound(NO_SUCH)
    decide(who, found.series.study.practice_id)
    if not is_video(found.transfer_syntax_uid):
        raise Invalid(NO_STREAM)
    return found


def _asked(who: Principal, instance: Instance, kind: str, parameters: dict[str, Any]) -> Job:
    study = instance.series.study
    access.note(who, study.practice_id, study.study_instance_uid, "a video's pictures")
    return enqueue(kind, {"instance": instance.pk, **parameters}, principal=who, practice=study.practice_id)
