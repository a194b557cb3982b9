"""Appointments: when a lead comes, to whom and for what; one with a modality has a step on the worklists."""

from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH
from apps.practice.models.leads import Lead
from apps.worklist.models import ScheduledStep
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, SHORT_LENGTH, ae_titles, code_text, no_control

DEFAULT_MINUTES: Final = 15


class AppointmentState(models.TextChoices):
    """What has become of an appointment (in the words of FHIR's AppointmentStatus)."""

    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Arrived")
    FULFILLED = "fulfilled", _("Fulfilled")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "noshow", _("Did not come")


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    """Seen by who may look at all of the practice; kept by who may store in all of it (`KEEPING`)."""


class Appointment(models.Model):
    """One visit of a lead. `apps.practice.appointments.booking` writes it, and keeps its step as it is."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="appointments", db_index=False
    )
    lead = models.ForeignKey(Lead, verbose_name=_("lead"), on_delete=models.CASCADE, related_name="appointments")
    step = models.OneToOneField(
        ScheduledStep,
        verbose_name=_("step"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="appointment",
        help_text=_("What the devices are told of it."),
    )
    external_id = models.CharField(
        _("ID elsewhere"),
        max_length=LONG_LENGTH,
        blank=True,
        validators=[no_control],
        help_text=_("What the practice's software calls this appointment."),
    )
    state = models.CharField(
        verbose_name=_("state"), max_length=9, choices=AppointmentState.choices, default=AppointmentState.BOOKED
    )
    start_at = models.DateTimeField(_("start"))
    minutes = models.PositiveSmallIntegerField(
        verbose_name=_("minutes"), default=DEFAULT_MINUTES, validators=[MinValueValidator(1), MaxValueValidator(DAY)]
    )
    practitioner = models.CharField(
        verbose_name=_("practitioner"),
        max_length=LONG_LENGTH,
        blank=True,
        validators=[no_control],
        help_text=_("Such as Doe, Jane."),
    )
    location = models.CharField(_("room"), max_length=LONG_LENGTH, blank=True, validators=[no_control])
    description = models.CharField(
        verbose_name=_("description"), max_length=LONG_LENGTH, blank=True, validators=[no_control]
    )
    modality = models.CharField(
        verbose_name=_("modality"),
        max_length=SHORT_LENGTH,
        blank=True,
        validators=[code_text],
        help_text=_("Such as PX, IO, CT or XC. Left empty: nothing is planned at a device."),
    )
    station_title = models.CharField(
        _("device"),
        max_length=SHORT_LENGTH,
        blank=True,
        validators=[ae_titles],
        help_text=_("An AE title. Left empty: any device of the modality."),
    )
    reason = models.CharField(
        verbose_name=_("reason"), max_length=TEXT_LENGTH, blank=True, help_text=_("Why it was cancelled.")
    )
    source = models.CharField(
        verbose_name=_("source"), max_length=LONG_LENGTH, blank=True, help_text=_("How it came to be booked.")
    )
    version = models.PositiveIntegerField(verbose_name=_("version"), default=1, editable=False)
    created_by = models.ForeignKey(
        User,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)
    changed_at = models.DateTimeField(verbose_name=_("changed at"), default=timezone.now)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["start_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "external_id"],
                name="appointment_external_once",
                condition=~models.Q(external_id=""),
                violation_error_message=_("This practice has an appointment of this ID already."),
            )
        ]
        indexes = [
            models.Index(fields=["practice", "start_at"], name="appointment_start"),
            models.Index(fields=["practice", "station_title", "start_at"], name="appointment_station"),
        ]

    def __str__(self) -> str:
        return f"{self.lead}, {timezone.localtime(self.start_at):%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in (AppointmentState.BOOKED, AppointmentState.ARRIVED)
