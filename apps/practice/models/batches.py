"""Batches: many files that one caller brought at once, and what became of each."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import UID_LENGTH
from apps.jobs.models import Job
from apps.practice.models.xrays import XRay

FILE_NAME_LENGTH = 255
FILE_KEY_LENGTH = 64
DETAIL_LENGTH = 300
FOLDER_LENGTH = 64


class FileOutcome(models.TextChoices):
    """What became of a file of a batch."""

    STORED = "stored", _("Stored")
    KNOWN = "known", _("Known already")
    PICTURE = "picture", _("Stored as a DICOM image")
    REFUSED = "refused", _("Refused")
    QUARANTINED = "quarantined", _("In quarantine")
    SKIPPED = "skipped", _("Passed over")


class BatchQuerySet(ScopedQuerySet["Batch"]):
    """Seen by who may store in all of the practice."""

    permission = Permission.UPLOAD


class Batch(models.Model):
    """Files that came in one request. What is going on with them is its job's state; it goes with the job's row."""

    # What begins with the practice serves as the index of the key.
    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="batches", db_index=False
    )
    job = models.OneToOneField(Job, verbose_name=_("job"), on_delete=models.CASCADE, related_name="batch")
    uploaded_by = models.ForeignKey(
        User,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    source = models.CharField(verbose_name=_("source"), max_length=64, help_text=_("How it came in."))
    folder = models.CharField(
        verbose_name=_("folder"),
        max_length=FOLDER_LENGTH,
        editable=False,
        help_text=_("Where the upload waits, below the data folder."),
    )
    total = models.PositiveIntegerField(_("files"), help_text=_("Those of archives included."))
    size = models.BigIntegerField(verbose_name=_("size"), help_text=_("Bytes as they were uploaded."))
    created_at = models.DateTimeField(_("received"), default=timezone.now)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        ordering = ["-id"]
        verbose_name_plural = _("batches")
        indexes = [models.Index(fields=["practice", "-id"], name="batch_newest")]

    def __str__(self) -> str:
        return gettext("Batch %(number)s") % {"number": self.pk}


class BatchFileQuerySet(ScopedQuerySet["BatchFile"]):
    """Seen like the batch."""

    practice_path = "batch__practice"
    permission = Permission.UPLOAD


class BatchFile(models.Model):
    """A file of a batch that is done with. `key` is its place in the upload, by which a second attempt knows it."""

    batch = models.ForeignKey(
        Batch, verbose_name=_("batch"), on_delete=models.CASCADE, related_name="files", db_index=False
    )
    key = models.CharField(verbose_name=_("key"), max_length=FILE_KEY_LENGTH, editable=False)
    name = models.CharField(verbose_name=_("name"), max_length=FILE_NAME_LENGTH)
    size = models.BigIntegerField(verbose_name=_("size"))
    outcome = models.CharField(verbose_name=_("outcome"), max_length=12, choices=FileOutcome.choices)
    detail = models.CharField(
        verbose_name=_("detail"), max_length=DETAIL_LENGTH, blank=True, help_text=_("What was wrong, for a person.")
    )
    xray = models.ForeignKey(
        XRay, verbose_name=_("xray"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    study_instance_uid = models.CharField(_("Study Instance UID"), max_length=UID_LENGTH, blank=True)
    at = models.DateTimeField(verbose_name=_("at"), default=timezone.now)

    objects = BatchFileQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="batch_file_once")]
        indexes = [models.Index(fields=["batch", "outcome"], name="batch_outcome")]

    def __str__(self) -> str:
        return self.name
