"""Scheduled procedure steps (PS3.3 C.4.10 to C.4.12): who is to come to which device, when, and for what."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH, UID_LENGTH, Study
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

    SCHEDULED = "scheduled", "Scheduled"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    DISCONTINUED = "discontinued", "Discontinued"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class Priority(models.TextChoices):
    """Requested Procedure Priority (0040,1003)."""

    STAT = "STAT", "Stat"
    HIGH = "HIGH", "High"
    ROUTINE = "ROUTINE", "Routine"
    MEDIUM = "MEDIUM", "Medium"
    LOW = "LOW", "Low"


class Sex(models.TextChoices):
    """Patient's Sex (0010,0040)."""

    FEMALE = "F", "Female"
    MALE = "M", "Male"
    OTHER = "O", "Other"


class LinkedBy(models.TextChoices):
    """What told that a study is what was planned."""

    ACCESSION = "accession", "Accession number"
    STUDY_UID = "study_uid", "Study Instance UID"
    PATIENT_DATE = "patient_date", "Patient and date"
    PERFORMED = "performed", "The device's report"
    HAND = "hand", "By hand"


# Secretaries and technologists have it: who may bring images in may say that they will come.
PLANNING = Permission.UPLOAD


class ScheduledStepQuerySet(ScopedQuerySet["ScheduledStep"]):
    """Seen by who may look at all of the practice; planned by who may store in all of it (`PLANNING`)."""


class ScheduledStep(models.Model):
    """One step of a requested procedure: one patient at one device.

    `item` is its answer to a worklist query ready-made (DICOM JSON, `apps.worklist.items`). What has no column, such
    as codes and allergies, stands in `attributes`, as DICOM JSON too.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="scheduled_steps", db_index=False)
    state = models.CharField(max_length=12, choices=StepState.choices, default=StepState.SCHEDULED)
    step_id = models.CharField("step ID", max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    requested_procedure_id = models.CharField(max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    accession_number = models.CharField(max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    study_instance_uid = models.CharField(
        "Study Instance UID", max_length=UID_LENGTH, blank=True, validators=[uid_text]
    )

    patient_id = models.CharField("patient ID", max_length=LONG_LENGTH, validators=[no_control])
    issuer = models.CharField("issuer of the patient ID", max_length=LONG_LENGTH, blank=True, validators=[no_control])
    patient_name = models.CharField("patient's name", max_length=TEXT_LENGTH, validators=[person_name])
    patient_birth_date = models.CharField("birth date", max_length=8, blank=True, validators=[date_text])
    patient_sex = models.CharField("sex", max_length=1, blank=True, choices=Sex.choices)

    modality = models.CharField(max_length=SHORT_LENGTH, validators=[code_text])
    station_titles = models.CharField(
        "devices", max_length=STATIONS_LENGTH, blank=True, validators=[ae_titles],
        help_text=r"AE titles, with a backslash between several. Left empty: any device.",
    )  # fmt: skip
    station_name = models.CharField("station", max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    location = models.CharField("room", max_length=SHORT_LENGTH, blank=True, validators=[no_control])
    start_date = models.DateField("date")
    start_time = models.TimeField("time", null=True, blank=True, help_text="Left empty: any time of the day.")
    minutes = models.PositiveSmallIntegerField(default=15, validators=[MinValueValidator(1), MaxValueValidator(DAY)])
    performing_physician = models.CharField(max_length=TEXT_LENGTH, blank=True, validators=[person_name])
    referring_physician = models.CharField(max_length=TEXT_LENGTH, blank=True, validators=[person_name])
    description = models.CharField(max_length=LONG_LENGTH, blank=True, validators=[no_control])
    requested_description = models.CharField(max_length=LONG_LENGTH, blank=True, validators=[no_control])
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.ROUTINE)
    attributes = models.JSONField(default=dict, blank=True, help_text="Further attributes, in DICOM JSON.")
    item = models.BinaryField(editable=False)

    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="scheduled_steps",
        help_text="What was made of it, once that has come.",
    )  # fmt: skip
    linked_by = models.CharField(max_length=12, blank=True, choices=LinkedBy.choices)
    source = models.CharField(max_length=LONG_LENGTH, blank=True, help_text="How it came to be planned.")
    external_id = models.CharField(
        "ID elsewhere", max_length=LONG_LENGTH, blank=True, validators=[no_control],
        help_text="What the system that it comes from calls it.",
    )  # fmt: skip
    reason = models.CharField(max_length=TEXT_LENGTH, blank=True, help_text="Why it was cancelled or given up.")
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    checked_in_at = models.DateTimeField(null=True, blank=True, help_text="When the patient came.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScheduledStepQuerySet.as_manager()

    class Meta:
        ordering = ["-start_date", "start_time", "pk"]
        verbose_name = "scheduled step"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "step_id"], name="step_id_once",
                violation_error_message="This practice has a step of this ID already.",
            ),
            models.UniqueConstraint(
                fields=["practice", "external_id"], name="step_external_once", condition=~models.Q(external_id=""),
                violation_error_message="This practice has a step of this ID of another system already.",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["practice", "state", "start_date", "start_time"], name="step_worklist"),
            models.Index(fields=["practice", "start_date"], name="step_day"),
            models.Index(fields=["practice", "accession_number"], name="step_accession"),
            models.Index(fields=["practice", "study_instance_uid"], name="step_study_uid"),
            models.Index(fields=["practice", "patient_id"], name="step_patient"),
        ]

    def __str__(self) -> str:
        who = spoken_name(self.patient_name) or unturned(self.patient_id)
        return f"{who}, {self.modality}, {self.start_date:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in (StepState.SCHEDULED, StepState.IN_PROGRESS)
