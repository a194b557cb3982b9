"""Several cameras' films of one procedure, on one clock."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import UID_LENGTH
from apps.jobs.models import Job, State
from apps.worklist.models import ScheduledStep

NAME_LENGTH: Final = 60
FILE_LENGTH: Final = 255
FOLDER_LENGTH: Final = 32
SHA256_LENGTH: Final = 64


class Alignment(models.TextChoices):
    """How it is known which pictures belong together."""

    TIMES = "times", _("By the times at which they began")
    SOUND = "sound", _("By what all of them heard")


class ProcedureQuerySet(ScopedQuerySet["Procedure"]):
    """Seen by who may store in all of the practice."""

    permission = Permission.UPLOAD


class Procedure(models.Model):
    """Films of several cameras that become one series each, with one Synchronization Frame of Reference UID (C.7.4.2).

    A job aligns them, and has each converted then. While that is not so, their files wait.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="video_procedures", db_index=False, verbose_name=_("practice")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        verbose_name=_("from"),
    )  # fmt: skip
    job = models.OneToOneField(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="video_procedure", verbose_name=_("job")
    )
    last_state = models.CharField(_("state"), max_length=10, choices=State.choices, blank=True, editable=False)
    alignment = models.CharField(_("aligned"), max_length=8, choices=Alignment.choices)
    is_time_synchronized = models.BooleanField(
        _("times of one clock"), default=False,
        help_text=_("Acquisition Time Synchronized (0018,1800): the cameras' clocks are set by an outer one."),
    )  # fmt: skip
    time_source = models.CharField(
        _("time source"), max_length=16, blank=True, help_text=_("Such as the name of the clock.")
    )
    started_at = models.DateTimeField(
        _("began"), null=True, blank=True, help_text=_("When the first camera's first picture was taken.")
    )
    metadata = models.JSONField(_("details"), default=dict, blank=True, help_text=_("Whose and what it is."))
    policy = models.JSONField(_("how it is converted"), default=dict, blank=True)
    step = models.ForeignKey(
        ScheduledStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="video_procedures",
        verbose_name=_("step"),
    )  # fmt: skip
    study_instance_uid = models.CharField(_("Study Instance UID"), max_length=UID_LENGTH, editable=False)
    synchronization_uid = models.CharField(
        _("Synchronization Frame of Reference UID"), max_length=UID_LENGTH, editable=False
    )
    created_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("procedure of several cameras")
        verbose_name_plural = _("procedures of several cameras")
        indexes = [models.Index(fields=["practice", "-id"], name="video_procedure_newest")]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def state(self) -> str:
        """One of `jobs.models.State`: of the alignment; each film has a job of its own then."""
        return self.job.state if self.job else self.last_state

    @property
    def error(self) -> str:
        """Why they could not be aligned, for a person."""
        return self.job.error if self.job else ""


class Camera(models.Model):
    """One camera of a procedure. `offset` and `confidence` are what the alignment found."""

    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, related_name="cameras", db_index=False, verbose_name=_("procedure")
    )
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("Series Number (0020,0011), from 1."))
    name = models.CharField(_("camera"), max_length=NAME_LENGTH)
    file_name = models.CharField(_("file"), max_length=FILE_LENGTH)
    folder = models.CharField(max_length=FOLDER_LENGTH, editable=False, blank=True)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes."))
    sha256 = models.CharField(_("SHA-256"), max_length=SHA256_LENGTH)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    offset = models.FloatField(
        _("offset"), null=True, blank=True, help_text=_("Seconds after the first picture of all cameras.")
    )
    confidence = models.FloatField(
        _("confidence"), null=True, blank=True,
        help_text=_("How much better than at any other place the sound fits there: 1 would be not at all."),
    )  # fmt: skip
    series_instance_uid = models.CharField(_("Series Instance UID"), max_length=UID_LENGTH)
    video = models.OneToOneField(
        "video.Video", null=True, blank=True, on_delete=models.SET_NULL, related_name="camera", verbose_name=_("video")
    )

    class Meta:
        ordering = ["procedure", "number"]
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        constraints = [models.UniqueConstraint(fields=["procedure", "number"], name="video_camera_once")]

    def __str__(self) -> str:
        return self.name
