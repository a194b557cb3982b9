"""Appointments: when a lead comes, to whom and for what; one with a modality has a step on the worklists."""

from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH
from apps.practice.models.leads import Lead
from apps.worklist.models import ScheduledStep
from apps.worklist.models.scheduled import DAY, LONG_LENGTH, SHORT_LENGTH, ae_titles, code_text, no_control

DEFAULT_MINUTES: Final = 15


class AppointmentState(models.TextChoices):
    """What has become of an appointment (in the words of FHIR's AppointmentStatus)."""

    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Arrived"
    FULFILLED = "fulfilled", "Fulfilled"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "noshow", "Did not come"


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    """Seen by who may look at all of the practice; kept by who may store in all of it (`KEEPING`)."""


class Appointment(models.Model):
    """One visit of a lead. `apps.practice.appointments.booking` writes it, and keeps its step as it is."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="appointments", db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="appointments")
    step = models.OneToOneField(
        ScheduledStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="appointment",
        help_text="What the devices are told of it.",
    )  # fmt: skip
    external_id = models.CharField(
        "ID elsewhere", max_length=LONG_LENGTH, blank=True, validators=[no_control],
        help_text="What the practice's software calls this appointment.",
    )  # fmt: skip
    state = models.CharField(max_length=9, choices=AppointmentState.choices, default=AppointmentState.BOOKED)
    start_at = models.DateTimeField("start")
    minutes = models.PositiveSmallIntegerField(
        default=DEFAULT_MINUTES, validators=[MinValueValidator(1), MaxValueValidator(DAY)]
    )
    practitioner = models.CharField(
        max_length=LONG_LENGTH, blank=True, validators=[no_control], help_text="Such as Doe, Jane."
    )
    location = models.CharField("room", max_length=LONG_LENGTH, blank=True, validators=[no_control])
    description = models.CharField(max_length=LONG_LENGTH, blank=True, validators=[no_control])
    modality = models.CharField(
        max_length=SHORT_LENGTH, blank=True, validators=[code_text],
        help_text="Such as PX, IO, CT or XC. Left empty: nothing is planned at a device.",
    )  # fmt: skip
    station_title = models.CharField(
        "device", max_length=SHORT_LENGTH, blank=True, validators=[ae_titles],
        help_text="An AE title. Left empty: any device of the modality.",
    )  # fmt: skip
    reason = models.CharField(max_length=TEXT_LENGTH, blank=True, help_text="Why it was cancelled.")
    source = models.CharField(max_length=LONG_LENGTH, blank=True, help_text="How it came to be booked.")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["start_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "external_id"], name="appointment_external_once",
                condition=~models.Q(external_id=""),
                violation_error_message="This practice has an appointment of this ID already.",
            )
        ]  # fmt: skip
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
