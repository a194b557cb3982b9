"""Scheduled procedure steps (PS3.3 C.4.10 to C.4.12): who is to come to which device, when, and for what."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH, UID_LENGTH, Study
from apps.core.dates import day
from apps.dicom.spoken import spoken_name, unturned

SHORT_LENGTH = 16
LONG_LENGTH = 64
STATIONS_LENGTH = 10 * (SHORT_LENGTH + 1)
DAY = 24 * 60

# PS3.5 6.2: no control characters; the backslash separates values.
no_control = RegexValidator(r"\A[^\x00-\x1f\\]*\Z", "Leave out backslashes, tabs and line ends.")
person_name = RegexValidator(
    r"\A[^\x00-\x1f\\=]{0,64}(?:=[^\x00-\x1f\\=]{0,64}){0,2}\Z",
    "Write a name as Doe^Jane, with at most 64 characters in each of up to three groups that equals signs separate.",
)
date_text = RegexValidator(r"\A\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\Z", "Write a date as YYYYMMDD.")
uid_text = RegexValidator(r"\A(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)*\Z", "A UID has digits and dots, 64 at most.")
code_text = RegexValidator(r"\A[A-Z0-9_ ]{1,16}\Z", "A code has 1 to 16 capital letters, digits, spaces or _.")
ae_titles = RegexValidator(
    r"\A(?! )[ -\[\]-~]{1,16}(?:\\(?! )[ -\[\]-~]{1,16}){0,9}\Z",
    "Write up to ten AE titles of 1 to 16 ASCII characters, with a backslash between them.",
)


class StepState(models.TextChoices):
    """What has become of a step: Scheduled Procedure Step Status (0040,0020), and what ends one here."""

    SCHEDULED = "scheduled", _("Scheduled")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    DISCONTINUED = "discontinued", _("Discontinued")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


class Priority(models.TextChoices):
    """Requested Procedure Priority (0040,1003)."""

    STAT = "STAT", _("Stat")
    HIGH = "HIGH", _("High")
    ROUTINE = "ROUTINE", _("Routine")
    MEDIUM = "MEDIUM", _("Medium")
    LOW = "LOW", _("Low")


class Sex(models.TextChoices):
    """Patient's Sex (0010,0040)."""

    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    OTHER = "O", _("Other")


class LinkedBy(models.TextChoices):
    """What told that a study is what was planned."""

    ACCESSION = "accession", _("Accession number")
    STUDY_UID = "study_uid", _("Study Instance UID")
    PATIENT_DATE = "patient_date", _("Patient and date")
    PERFORMED = "performed", _("The device's report")
    HAND = "hand", _("By hand")


# Secretaries and technologists have it: who may bring images in may say that they will come.
PLANNING = Permission.UPLOAD


class ScheduledStepQuerySet(ScopedQuerySet["ScheduledStep"]):
    """Seen by who may look at all of the practice; planned by who may store in all of it (`PLANNING`)."""


class ScheduledStep(models.Model):
    """One step of a requested procedure: one patient at one device.

    `item` is its answer to a worklist query ready-made (DICOM JSON, `apps.worklist.items`). What has no column, such
    as codes and allergies, stands in `attributes`, as DICOM JSON too.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="scheduled_steps", db_index=False
    )
    state = models.CharField(
        verbose_name=_("state"), max_length=12, choices=StepState.choices, default=StepState.SCHEDULED
    )
    step_id = models.CharField(_("step ID"), max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    requested_procedure_id = models.CharField(
        verbose_name=_("requested procedure ID"), max_length=SHORT_LENGTH, blank=True, validators=[no_control]
    )
    accession_number = models.CharField(
        verbose_name=_("accession number"), max_length=SHORT_LENGTH, blank=True, validators=[no_control]
    )
    study_instance_uid = models.CharField(
        _("Study Instance UID"), max_length=UID_LENGTH, blank=True, validators=[uid_text]
    )

    patient_id = models.CharField(_("patient ID"), max_length=LONG_LENGTH, validators=[no_control])
    issuer = models.CharField(
        _("issuer of the patient ID"), max_length=LONG_LENGTH, blank=True, validators=[no_control]
    )
    patient_name = models.CharField(_("patient's name"), max_length=TEXT_LENGTH, validators=[person_name])
    patient_birth_date = models.CharField(_("birth date"), max_length=8, blank=True, validators=[date_text])
    patient_sex = models.CharField(_("sex"), max_length=1, blank=True, choices=Sex.choices)

    modality = models.CharField(verbose_name=_("modality"), max_length=SHORT_LENGTH, validators=[code_text])
    station_titles = models.CharField(
        _("devices"),
        max_length=STATIONS_LENGTH,
        blank=True,
        validators=[ae_titles],
        help_text=_(r"AE titles, with a backslash between several. Left empty: any device."),
    )
    station_name = models.CharField(_("station"), max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    location = models.CharField(_("room"), max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    start_date = models.DateField(_("date"))
    start_time = models.TimeField(_("time"), null=True, blank=True, help_text=_("Left empty: any time of the day."))
    minutes = models.PositiveSmallIntegerField(
        verbose_name=_("minutes"), default=15, validators=[MinValueValidator(1), MaxValueValidator(DAY)]
    )
    performing_physician = models.CharField(
        verbose_name=_("performing physician"), max_length=TEXT_LENGTH, blank=True, validators=[person_name]
    )
    referring_physician = models.CharField(
        verbose_name=_("referring physician"), max_length=TEXT_LENGTH, blank=True, validators=[person_name]
    )
    description = models.CharField(
        verbose_name=_("description"), max_length=LONG_LENGTH, blank=True, validators=[no_control]
    )
    requested_description = models.CharField(
        verbose_name=_("requested description"), max_length=LONG_LENGTH, blank=True, validators=[no_control]
    )
    priority = models.CharField(
        verbose_name=_("priority"), max_length=8, choices=Priority.choices, default=Priority.ROUTINE
    )
    attributes = models.JSONField(
        verbose_name=_("attributes"), default=dict, blank=True, help_text=_("Further attributes, in DICOM JSON.")
    )
    item = models.BinaryField(verbose_name=_("item"), editable=False)

    study = models.ForeignKey(
        Study,
        verbose_name=_("study"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="scheduled_steps",
        help_text=_("What was made of it, once that has come."),
    )
    linked_by = models.CharField(verbose_name=_("linked by"), max_length=12, blank=True, choices=LinkedBy.choices)
    source = models.CharField(
        verbose_name=_("source"), max_length=LONG_LENGTH, blank=True, help_text=_("How it came to be planned.")
    )
    external_id = models.CharField(
        _("ID elsewhere"),
        max_length=LONG_LENGTH,
        blank=True,
        validators=[no_control],
        help_text=_("What the system that it comes from calls it."),
    )
    reason = models.CharField(
        verbose_name=_("reason"), max_length=TEXT_LENGTH, blank=True, help_text=_("Why it was cancelled or given up.")
    )
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
    checked_in_at = models.DateTimeField(
        verbose_name=_("checked in at"), null=True, blank=True, help_text=_("When the patient came.")
    )
    started_at = models.DateTimeField(verbose_name=_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(verbose_name=_("ended at"), null=True, blank=True)

    objects = ScheduledStepQuerySet.as_manager()

    class Meta:
        ordering = ["-start_date", "start_time", "pk"]
        verbose_name = _("scheduled step")
        verbose_name_plural = _("scheduled steps")
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "step_id"],
                name="step_id_once",
                violation_error_message=_("This practice has a step of this ID already."),
            ),
            models.UniqueConstraint(
                fields=["practice", "external_id"],
                name="step_external_once",
                condition=~models.Q(external_id=""),
                violation_error_message=_("This practice has a step of this ID of another system already."),
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "state", "start_date", "start_time"], name="step_worklist"),
            models.Index(fields=["practice", "start_date"], name="step_day"),
            models.Index(fields=["practice", "accession_number"], name="step_accession"),
            models.Index(fields=["practice", "study_instance_uid"], name="step_study_uid"),
            models.Index(fields=["practice", "patient_id"], name="step_patient"),
        ]

    def __str__(self) -> str:
        who = spoken_name(self.patient_name) or unturned(self.patient_id)
        return f"{who}, {self.modality}, {day(self.start_date)}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in (StepState.SCHEDULED, StepState.IN_PROGRESS)
