"""The index of the archive: Patient, Study, Series, Instance, and what is held in quarantine.

Beside the attributes that are searched, each level keeps its answer to a search ready-made (`found`, DICOM JSON), and
an instance keeps its header, where its frames lie, and where its bytes are: nothing is parsed again to be read.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.archive.corrections.models import Correction
from apps.archive.indexes import CoveringIndex
from apps.archive.querysets import (
    InstanceQuerySet,
    PatientQuerySet,
    QuarantineQuerySet,
    SeriesQuerySet,
    StudyQuerySet,
    UsageQuerySet,
)
from apps.dicom.spoken import unturned

__all__ = [
    "NAME_KEY_LENGTH",
    "TEXT_LENGTH",
    "Assignment",
    "Correction",
    "Instance",
    "NameKey",
    "Patient",
    "Quarantined",
    "RequestAttributes",
    "Series",
    "Study",
    "StudyLabel",
]

UID_LENGTH = 64
# VR lengths of PS3.5 6.2 are exceeded in practice: the columns are wider and the store cuts what they can't hold.
TEXT_LENGTH = 250
NAME_KEY_LENGTH = 32
# What people search by with wildcards, so that no index leads to it.
STUDY_TEXTS = (
    "patient_name_key",
    "patient_name_other_keys",
    "patient_identifier",
    "accession_number",
    "study_description_key",
    "referring_physician_key",
    "modalities",
)


def _text_index(field: str, name: str, condition: models.Q | None = None) -> models.Index:
    """An index on a text within a practice, that serves searches by the text's beginning on PostgreSQL too."""
    operators = ["int8_ops", "varchar_pattern_ops"]
    return models.Index(fields=["practice", field], name=name, condition=condition, opclasses=operators)


class Patient(models.Model):
    """Who the images say they are: one row for each Patient ID and issuer, else for each name and birth date."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.PROTECT, related_name="patients"
    )
    identity = models.CharField(
        verbose_name=_("identity"), max_length=64, editable=False, help_text=_("Hash of what tells patients apart.")
    )
    patient_id = models.CharField(verbose_name=_("Patient ID"), max_length=TEXT_LENGTH, blank=True)
    issuer = models.CharField(verbose_name=_("issuer"), max_length=TEXT_LENGTH, blank=True)
    name = models.CharField(verbose_name=_("name"), max_length=TEXT_LENGTH, blank=True)
    name_key = models.CharField(verbose_name=_("name key"), max_length=TEXT_LENGTH, blank=True, db_index=True)
    birth_date = models.CharField(verbose_name=_("birth date"), max_length=8, blank=True)
    sex = models.CharField(verbose_name=_("sex"), max_length=16, blank=True)
    demographics = models.BinaryField(
        verbose_name=_("demographics"), help_text=_("As they came, DICOM JSON; the columns above are as corrected.")
    )
    corrected_identity = models.CharField(
        verbose_name=_("corrected identity"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Hash of what tells them apart since a correction."),
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        editable=False,
    )
    root = models.ForeignKey(
        "self",
        verbose_name=_("root"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text=_("Whom this patient counts as after all merges; empty for themselves."),
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [models.UniqueConstraint(fields=["practice", "identity"], name="patient_once")]
        indexes = [
            models.Index(
                fields=["practice", "corrected_identity"],
                name="patient_corrected",
                condition=~models.Q(corrected_identity=""),
            )
        ]

    def __str__(self) -> str:
        return unturned(self.name) or self.patient_id or "Unnamed patient"


class Study(models.Model):
    """A study in one practice. Its attributes are those of the first instance, filled in by later ones."""

    # Three of the keys below have no index of their own: one that begins with them serves.
    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.PROTECT, related_name="studies", db_index=False
    )
    patient = models.ForeignKey(Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="studies")
    study_instance_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("Study Instance UID"))
    study_id = models.CharField(max_length=TEXT_LENGTH, blank=True, verbose_name=_("Study ID"))
    study_date = models.CharField(verbose_name=_("study date"), max_length=16, blank=True)
    study_time = models.CharField(verbose_name=_("study time"), max_length=32, blank=True)
    accession_number = models.CharField(verbose_name=_("accession number"), max_length=TEXT_LENGTH, blank=True)
    study_description = models.CharField(verbose_name=_("study description"), max_length=TEXT_LENGTH, blank=True)
    study_description_key = models.CharField(
        verbose_name=_("study description key"), max_length=TEXT_LENGTH, blank=True
    )
    referring_physician_name = models.CharField(
        verbose_name=_("referring physician name"), max_length=TEXT_LENGTH, blank=True
    )
    referring_physician_key = models.CharField(
        verbose_name=_("referring physician key"), max_length=TEXT_LENGTH, blank=True
    )
    patient_name = models.CharField(verbose_name=_("patient name"), max_length=TEXT_LENGTH, blank=True)
    patient_name_key = models.CharField(
        verbose_name=_("patient name key"), max_length=TEXT_LENGTH, blank=True, help_text=_("Folded alphabetic group.")
    )
    patient_name_other_keys = models.CharField(
        verbose_name=_("patient name other keys"),
        max_length=TEXT_LENGTH,
        blank=True,
        help_text=_("Folded ideographic and phonetic groups, each after a =."),
    )
    # Not `patient_id`: that is the column of the foreign key.
    patient_identifier = models.CharField(max_length=TEXT_LENGTH, blank=True, verbose_name=_("Patient ID"))
    patient_id_issuer = models.CharField(verbose_name=_("patient ID issuer"), max_length=TEXT_LENGTH, blank=True)
    patient_birth_date = models.CharField(verbose_name=_("patient birth date"), max_length=16, blank=True)
    patient_sex = models.CharField(verbose_name=_("patient sex"), max_length=16, blank=True)
    has_other_patient = models.BooleanField(
        verbose_name=_("has other patient"),
        default=False,
        help_text=_("An instance of this study came with another Patient ID than the first."),
    )
    modalities = models.CharField(
        verbose_name=_("modalities"), max_length=TEXT_LENGTH, blank=True, help_text=_(r"Like \CT\PT\.")
    )
    series_count = models.PositiveIntegerField(verbose_name=_("series count"), default=0)
    instance_count = models.PositiveIntegerField(verbose_name=_("instance count"), default=0)
    size = models.BigIntegerField(verbose_name=_("size"), default=0, help_text=_("Bytes of all instances."))
    source = models.CharField(
        verbose_name=_("source"), max_length=64, blank=True, help_text=_("How its first instance came in.")
    )
    stored_by = models.ForeignKey(
        User,
        verbose_name=_("stored by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text=_("Who stored its first instance."),
    )
    received_at = models.DateTimeField(verbose_name=_("received at"), auto_now_add=True)
    updated_at = models.DateTimeField(verbose_name=_("updated at"))
    version = models.PositiveIntegerField(
        verbose_name=_("version"), default=0, help_text=_("Raised whenever an instance comes or goes.")
    )
    found = models.BinaryField(verbose_name=_("found"), help_text=_("Ready-made search result, DICOM JSON."))
    original_patient = models.ForeignKey(
        Patient,
        verbose_name=_("original patient"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="original_studies",
        help_text=_("Whose it was as it came, where that is another."),
    )
    correction = models.BinaryField(
        verbose_name=_("correction"),
        default=b"",
        help_text=_("What is changed when an object leaves: apps.dicom.modifications."),
    )
    original_found = models.BinaryField(
        verbose_name=_("original found"),
        default=b"",
        help_text=_("`found` without the correction, where there is one."),
    )

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        ordering = ["-study_date", "-study_time", "-id"]
        constraints = [models.UniqueConstraint(fields=["practice", "study_instance_uid"], name="study_once")]
        indexes = [
            models.Index(fields=["study_instance_uid"], name="study_uid"),
            CoveringIndex(
                fields=["practice", "-study_date", "-study_time", "-id"], covering=STUDY_TEXTS, name="study_newest"
            ),
            # For those who see several practices, or all.
            CoveringIndex(
                fields=["-study_date", "-study_time", "-id"],
                covering=["practice", *STUDY_TEXTS],
                name="study_newest_of_all",
            ),
            _text_index("patient_name_key", "study_patient_name"),
            _text_index(
                "patient_name_other_keys",
                "study_patient_name_other",
                condition=~models.Q(patient_name_other_keys=""),
            ),
            _text_index("patient_identifier", "study_patient_id"),
            _text_index("accession_number", "study_accession"),
            _text_index(
                "referring_physician_key", "study_referring_physician", condition=~models.Q(referring_physician_key="")
            ),
            _text_index("patient_birth_date", "study_birth_date"),
            models.Index(fields=["practice", "-received_at"], name="study_received"),
            # Most studies come from other systems: an index with all of them looks as if it were of no use.
            models.Index(fields=["stored_by"], name="study_stored_by", condition=models.Q(stored_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return unturned(self.study_description) or self.study_instance_uid


class StudyLabel(models.Model):
    """A word that the practice has put on a study; grants may reach by it."""

    study = models.ForeignKey(
        Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="labels", db_index=False
    )
    name = models.CharField(verbose_name=_("name"), max_length=64)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="study_label_once")]
        indexes = [models.Index(fields=["name", "study"], name="study_label")]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A patient that a user takes care of, and until when: one that has ended is kept as the history."""

    class Origin(models.TextChoices):
        HAND = "hand", _("By hand")
        PHYSICIAN = "physician", _("Referring physician")
        APPOINTMENT = "appointment", _("Appointment")

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="assignments")
    since = models.DateTimeField(verbose_name=_("since"), auto_now_add=True)
    until = models.DateTimeField(verbose_name=_("until"), null=True, blank=True)
    origin = models.CharField(verbose_name=_("origin"), max_length=12, choices=Origin.choices, default=Origin.HAND)
    assigned_by = models.ForeignKey(
        User, verbose_name=_("assigned by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_by = models.ForeignKey(
        User, verbose_name=_("ended by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH, blank=True)
    end_reason = models.CharField(verbose_name=_("end reason"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user"], condition=models.Q(until=None), name="assignment_current_once"
            )
        ]
        indexes = [models.Index(fields=["user", "patient"], condition=models.Q(until=None), name="assignment_reach")]

    def __str__(self) -> str:
        return f"{self.user} since {self.since:%Y-%m-%d}"


class Series(models.Model):
    """A series of a study."""

    study = models.ForeignKey(
        Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="series", db_index=False
    )
    series_instance_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("Series Instance UID"))
    modality = models.CharField(verbose_name=_("modality"), max_length=32, blank=True)
    series_number = models.IntegerField(verbose_name=_("series number"), null=True, blank=True)
    series_description = models.CharField(verbose_name=_("series description"), max_length=TEXT_LENGTH, blank=True)
    series_description_key = models.CharField(
        verbose_name=_("series description key"), max_length=TEXT_LENGTH, blank=True
    )
    body_part_examined = models.CharField(verbose_name=_("body part examined"), max_length=64, blank=True)
    performed_start_date = models.CharField(verbose_name=_("performed start date"), max_length=16, blank=True)
    performed_start_time = models.CharField(verbose_name=_("performed start time"), max_length=32, blank=True)
    station_name = models.CharField(verbose_name=_("station name"), max_length=TEXT_LENGTH, blank=True)
    instance_count = models.PositiveIntegerField(verbose_name=_("instance count"), default=0)
    size = models.BigIntegerField(verbose_name=_("size"), default=0)
    received_at = models.DateTimeField(verbose_name=_("received at"), auto_now_add=True)
    updated_at = models.DateTimeField(verbose_name=_("updated at"))
    version = models.PositiveIntegerField(
        verbose_name=_("version"), default=0, help_text=_("Raised whenever an instance comes, goes or changes.")
    )
    found = models.BinaryField(verbose_name=_("found"), help_text=_("Ready-made search result, DICOM JSON."))

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["series_number", "id"]
        constraints = [models.UniqueConstraint(fields=["study", "series_instance_uid"], name="series_once")]
        indexes = [
            models.Index(fields=["series_instance_uid"], name="series_uid"),
            models.Index(fields=["study", "series_number", "id"], name="series_order"),
        ]

    def __str__(self) -> str:
        return unturned(self.series_description) or self.series_instance_uid


class RequestAttributes(models.Model):
    """An item of a series' Request Attributes Sequence (0040,0275): what in it can be searched by."""

    series = models.ForeignKey(
        Series, verbose_name=_("series"), on_delete=models.CASCADE, related_name="request_attributes"
    )
    scheduled_procedure_step_id = models.CharField(
        verbose_name=_("scheduled procedure step ID"), max_length=TEXT_LENGTH, blank=True
    )
    requested_procedure_id = models.CharField(
        verbose_name=_("requested procedure ID"), max_length=TEXT_LENGTH, blank=True
    )
    accession_number = models.CharField(verbose_name=_("accession number"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        verbose_name_plural = _("request attributes")
        indexes = [
            models.Index(fields=[field], name=f"request_{name}", opclasses=["varchar_pattern_ops"])
            for field, name in (
                ("scheduled_procedure_step_id", "step"),
                ("requested_procedure_id", "procedure"),
                ("accession_number", "accession"),
            )
        ]

    def __str__(self) -> str:
        return self.requested_procedure_id


class NameKey(models.Model):
    """One of the keys by which a study's Patient Name is found fuzzily: `apps.dicom.likeness` makes them."""

    study = models.ForeignKey(Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="name_keys")
    key = models.CharField(verbose_name=_("key"), max_length=NAME_KEY_LENGTH)

    class Meta:
        indexes = [
            models.Index(fields=["key", "study"], name="name_key", opclasses=["varchar_pattern_ops", "int8_ops"])
        ]

    def __str__(self) -> str:
        return self.key


class Instance(models.Model):
    """A stored SOP Instance: its header, where its frames lie, and where its bytes are."""

    series = models.ForeignKey(
        Series, verbose_name=_("series"), on_delete=models.CASCADE, related_name="instances", db_index=False
    )
    sop_instance_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("SOP Instance UID"))
    sop_class_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("SOP Class UID"))
    transfer_syntax_uid = models.CharField(max_length=UID_LENGTH, verbose_name=_("Transfer Syntax UID"))
    instance_number = models.BigIntegerField(verbose_name=_("instance number"), null=True, blank=True)
    number_of_frames = models.PositiveIntegerField(
        verbose_name=_("number of frames"), default=0, help_text=_("0 for an object without pixels.")
    )
    # Before what is long: a search reads it from hundreds of rows.
    found = models.BinaryField(verbose_name=_("found"), help_text=_("Ready-made search result, DICOM JSON."))
    file_key = models.CharField(
        verbose_name=_("file key"), max_length=120, unique=True, help_text=_("Where the storage keeps the bytes.")
    )
    size = models.BigIntegerField(verbose_name=_("size"))
    digest = models.BinaryField(verbose_name=_("digest"), max_length=32, help_text=_("BLAKE3 of the bytes."))
    dataset_offset = models.PositiveIntegerField(
        verbose_name=_("dataset offset"), help_text=_("Where the data set starts in the file.")
    )
    header = models.BinaryField(verbose_name=_("header"), help_text=_("DICOM JSON of the header, compressed (zlib)."))
    frame_index = models.BinaryField(
        verbose_name=_("frame index"), help_text=_("Where each frame lies: apps.dicom.frames.FrameIndex.")
    )
    bulk_index = models.BinaryField(verbose_name=_("bulk index"), help_text=_("Where each bulk data value lies, JSON."))
    source = models.CharField(verbose_name=_("source"), max_length=64, blank=True)
    received_at = models.DateTimeField(verbose_name=_("received at"), auto_now_add=True)

    objects = InstanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("instance")
        verbose_name_plural = _("instances")
        ordering = ["instance_number", "id"]
        constraints = [models.UniqueConstraint(fields=["series", "sop_instance_uid"], name="instance_once")]
        indexes = [
            models.Index(fields=["sop_instance_uid"], name="instance_uid"),
            models.Index(fields=["series", "instance_number", "id"], name="instance_order"),
        ]

    def __str__(self) -> str:
        return self.sop_instance_uid


class Quarantined(models.Model):
    """An object that came with the UID of a stored one and other bytes, kept until a person decides."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.PROTECT, related_name="quarantined"
    )
    study_instance_uid = models.CharField(verbose_name=_("Study Instance UID"), max_length=UID_LENGTH)
    series_instance_uid = models.CharField(verbose_name=_("Series Instance UID"), max_length=UID_LENGTH)
    sop_instance_uid = models.CharField(verbose_name=_("SOP Instance UID"), max_length=UID_LENGTH, db_index=True)
    patient_name = models.CharField(verbose_name=_("patient name"), max_length=TEXT_LENGTH, blank=True)
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH)
    file_key = models.CharField(verbose_name=_("file key"), max_length=120, unique=True)
    size = models.BigIntegerField(verbose_name=_("size"))
    digest = models.BinaryField(verbose_name=_("digest"), max_length=32, help_text=_("BLAKE3 of the bytes."))
    source = models.CharField(verbose_name=_("source"), max_length=64, blank=True)
    received_at = models.DateTimeField(verbose_name=_("received at"), auto_now_add=True)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarantined object")
        verbose_name_plural = _("quarantined objects")
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "sop_instance_uid", "digest"], name="quarantined_once")
        ]

    def __str__(self) -> str:
        return self.sop_instance_uid


class Usage(models.Model):
    """How much a practice may keep here, and how much it does: counted now and then, and added to meanwhile."""

    practice = models.OneToOneField(
        Practice, verbose_name=_("practice"), primary_key=True, on_delete=models.CASCADE, related_name="usage"
    )
    quota = models.BigIntegerField(
        verbose_name=_("quota"),
        null=True,
        blank=True,
        help_text=_("Bytes; empty for what FOVEA_QUOTA_GB says, 0 for no limit."),
    )
    size = models.BigIntegerField(verbose_name=_("size"), default=0, help_text=_("Bytes stored and in quarantine."))
    counted_at = models.DateTimeField(
        verbose_name=_("counted at"), null=True, blank=True, help_text=_("Empty where it is to be counted anew.")
    )
    warned_at = models.DateTimeField(
        verbose_name=_("warned at"), null=True, blank=True, help_text=_("When it was told that little is left.")
    )

    objects = UsageQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("usage")

    def __str__(self) -> str:
        return f"Usage of {self.practice}"
