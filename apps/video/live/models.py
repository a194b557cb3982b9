"""Recordings of live sources, and the segments that became of them."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import UID_LENGTH
from apps.worklist.models import ScheduledStep

NAME_LENGTH: Final = 60
PLACE_LENGTH: Final = 300
FOLDER_LENGTH: Final = 32
REASON_LENGTH: Final = 500
HOLDER_LENGTH: Final = 100


class RecordingState(models.TextChoices):
    """How a recording goes. It is over in the last three."""

    WAITING = "waiting", _("Waits for its source")
    RECORDING = "recording", _("Records")
    RECONNECTING = "reconnecting", _("Has lost its source")
    STOPPING = "stopping", _("Is being ended")
    DONE = "done", _("Ended")
    FAILED = "failed", _("Failed")


ENDED: Final = (RecordingState.DONE, RecordingState.FAILED)


class RecordingQuerySet(ScopedQuerySet["Recording"]):
    """Seen, started and stopped by who may store in all of the practice."""

    permission = Permission.UPLOAD

    def running(self) -> "RecordingQuerySet":
        """Those that a recorder has to see to."""
        return self.exclude(state__in=ENDED)


class Recording(models.Model):
    """A source that is recorded into the instances of one series, until somebody stops it or its time is over.

    `address` is sealed: it may hold a password; `place` is what of it may be seen. `metadata` and `policy` are JSON,
    as a video's. A recorder holds the row by a lease while it records.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="recordings", db_index=False, verbose_name=_("practice")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        verbose_name=_("started by"),
    )  # fmt: skip
    name = models.CharField(_("camera"), max_length=NAME_LENGTH, help_text=_("Such as Room 2, endoscope."))
    place = models.CharField(_("source"), max_length=PLACE_LENGTH, editable=False)
    address = models.TextField(_("address"), editable=False, help_text=_("Sealed."))
    step = models.ForeignKey(
        ScheduledStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="recordings",
        verbose_name=_("step"),
    )  # fmt: skip
    metadata = models.JSONField(_("details"), default=dict, blank=True, help_text=_("Whose and what it is."))
    policy = models.JSONField(_("how it is converted"), default=dict, blank=True)
    segment_seconds = models.PositiveIntegerField(
        _("length of an instance"), help_text=_("Seconds: the film is cut at the first key picture after so many.")
    )
    most_seconds = models.PositiveIntegerField(_("longest"), help_text=_("Seconds after which it ends by itself."))
    state = models.CharField(_("state"), max_length=12, choices=RecordingState.choices, default=RecordingState.WAITING)
    stop_requested_at = models.DateTimeField(_("stop asked for"), null=True, blank=True, editable=False)
    reason = models.CharField(
        _("reason"), max_length=REASON_LENGTH, blank=True, help_text=_("What is the matter, for a person.")
    )
    folder = models.CharField(max_length=FOLDER_LENGTH, unique=True, editable=False)
    holder = models.CharField(_("recorder"), max_length=HOLDER_LENGTH, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    pictures = models.PositiveBigIntegerField(_("pictures"), default=0, editable=False)
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0, editable=False)
    connections = models.PositiveIntegerField(
        _("connections"), default=0, editable=False, help_text=_("How often the source was reached.")
    )
    study_instance_uid = models.CharField(_("Study Instance UID"), max_length=UID_LENGTH, editable=False)
    series_instance_uid = models.CharField(_("Series Instance UID"), max_length=UID_LENGTH, editable=False)
    synchronization_uid = models.CharField(
        _("Synchronization Frame of Reference UID"), max_length=UID_LENGTH, blank=True, editable=False,
        help_text=_("The same for cameras that were started together."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    heard_at = models.DateTimeField(
        _("last heard of"), null=True, blank=True, editable=False, help_text=_("When a picture last came.")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        indexes = [
            models.Index(fields=["practice", "-id"], name="recording_newest"),
            models.Index(
                fields=["lease_until"], name="recording_running", condition=~Q(state__in=["done", "failed"])
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED


class RecordingSegment(models.Model):
    """A piece of a recording, from one key picture to another, and the video that it is converted as."""

    recording = models.ForeignKey(
        Recording, on_delete=models.CASCADE, related_name="segments", db_index=False, verbose_name=_("recording")
    )
    number = models.PositiveIntegerField(_("number"), help_text=_("Instance Number (0020,0013), from 1."))
    started_at = models.DateTimeField(_("started"), help_text=_("When its first picture came."))
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    sop_instance_uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH)
    video = models.OneToOneField(
        "video.Video", null=True, blank=True, on_delete=models.SET_NULL, related_name="segment",
        verbose_name=_("video"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("finished"), default=timezone.now)

    class Meta:
        ordering = ["recording", "number"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.UniqueConstraint(fields=["recording", "number"], name="recording_segment_once")]

    def __str__(self) -> str:
        return f"{self.recording} {self.number}"
