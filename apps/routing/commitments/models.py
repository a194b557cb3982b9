"""What destinations were asked to keep, until they have said that they do (PS3.4 J.3)."""

from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice
from apps.remotes.models import Administered, Remote

UID_LENGTH = 64
TEXT_LENGTH = 500


class RequestState(models.TextChoices):
    WAITING = "waiting", "To be asked"
    ASKED = "asked", "Asked"
    COMMITTED = "committed", "Committed"
    GIVEN_UP = "given up", "Given up"


class CommitmentRequest(models.Model):
    """A transaction of storage commitment: some or all instances of a study, as it was in one of its versions.

    It counts for nothing once the study has another version: what came or changed since was not asked about.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+")
    remote = models.ForeignKey(Remote, on_delete=models.CASCADE, related_name="commitment_requests")
    study = models.ForeignKey("archive.Study", null=True, on_delete=models.SET_NULL, related_name="commitment_requests")
    study_instance_uid = models.CharField("Study Instance UID", max_length=UID_LENGTH)
    study_version = models.PositiveIntegerField(editable=False)
    part = models.PositiveSmallIntegerField(default=0, help_text="Large studies are asked about in several parts.")
    transaction_uid = models.CharField("Transaction UID", max_length=UID_LENGTH, unique=True)
    references = models.JSONField(help_text="Pairs of SOP Class and SOP Instance UID.")
    instances = models.PositiveIntegerField(help_text="How many instances it asks about.")
    failed = models.PositiveIntegerField(default=0, help_text="How many are not kept there, as it said last.")
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField("next try", default=timezone.now)
    error = models.CharField("what went wrong", max_length=TEXT_LENGTH, blank=True)
    note = models.CharField("why it is still here", max_length=TEXT_LENGTH, blank=True)
    created_at = models.DateTimeField("since", default=timezone.now)
    answered_at = models.DateTimeField("answered", null=True, blank=True)
    deleted_at = models.DateTimeField("deleted here", null=True, blank=True)

    objects = Administered.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "promise to keep"
        verbose_name_plural = "promises to keep"
        constraints = [
            models.UniqueConstraint(fields=["study", "remote", "study_version", "part"], name="commitment_part_once")
        ]
        indexes = [
            models.Index(fields=["remote", "state"], name="commitment_request_remote"),
            models.Index(fields=["state", "created_at"], name="commitment_request_state"),
        ]

    def __str__(self) -> str:
        return f"{self.instances} instances at {self.remote}"
