"""Performed procedure steps (PS3.3 C.4.13 to C.4.15): what devices report that they do and have done."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.scoping import ScopedQuerySet
from apps.remotes.models import AE_TITLE_LENGTH, Remote
from apps.worklist.models.scheduled import ScheduledStep

UID_LENGTH = 64


class PerformedState(models.TextChoices):
    """Performed Procedure Step Status (0040,0252), in the standard's words."""

    IN_PROGRESS = "IN PROGRESS", _("In progress")
    COMPLETED = "COMPLETED", _("Completed")
    DISCONTINUED = "DISCONTINUED", _("Discontinued")


class PerformedStepQuerySet(ScopedQuerySet["PerformedStep"]):
    """Seen by who may look at all of the practice."""


class PerformedStep(models.Model):
    """An instance of the Modality Performed Procedure Step SOP Class (PS3.4 F.7), as its device created and set it.

    `steps` are the scheduled steps that it says it performs, as far as there are such; none for what nobody scheduled.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="performed_steps"
    )
    sop_instance_uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH)
    state = models.CharField(
        verbose_name=_("state"), max_length=12, choices=PerformedState.choices, default=PerformedState.IN_PROGRESS
    )
    dataset = models.JSONField(verbose_name=_("dataset"), help_text=_("Its attributes, in the DICOM JSON model."))
    steps = models.ManyToManyField(ScheduledStep, verbose_name=_("steps"), blank=True, related_name="performed_steps")
    remote = models.ForeignKey(
        Remote,
        verbose_name=_("remote"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="performed_steps",
        help_text=_("The device that reported it."),
    )
    station_title = models.CharField(_("station"), max_length=AE_TITLE_LENGTH, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    created_at = models.DateTimeField(_("reported"), default=timezone.now)
    changed_at = models.DateTimeField(_("last heard of"), default=timezone.now)

    objects = PerformedStepQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("performed step")
        verbose_name_plural = _("performed steps")
        constraints = [models.UniqueConstraint(fields=["practice", "sop_instance_uid"], name="performed_step_once")]
        indexes = [models.Index(fields=["practice", "started_at"], name="performed_step_started")]

    def __str__(self) -> str:
        return f"{self.station_title or gettext('Performed step')} {self.sop_instance_uid}"

    @property
    def is_final(self) -> bool:
        """Whether it may no longer be set (PS3.4 F.7.2.2)."""
        return self.state != PerformedState.IN_PROGRESS
