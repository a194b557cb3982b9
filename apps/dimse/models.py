"""Requests for storage commitment (PS3.4 J), until whoever asked has been told the outcome."""

from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice
from apps.remotes.models import AE_TITLE_LENGTH, Administered, Remote

UID_LENGTH = 64
TEXT_LENGTH = 500


class CommitmentState(models.TextChoices):
    WAITING = "waiting", "To be told"
    TOLD = "told", "Told"
    GIVEN_UP = "given up", "Given up"


class Commitment(models.Model):
    """A request to say which of these instances are kept here safely.

    They are looked up again each time that the remote is to be told: what it is told is so at that moment.
    """

    remote = models.ForeignKey(Remote, on_delete=models.CASCADE, related_name="commitments")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="commitments")
    called = models.CharField(
        "AE title",
        max_length=AE_TITLE_LENGTH,
        help_text="Which of this server's the remote called; it is called by it.",
    )
    transaction_uid = models.CharField("Transaction UID", max_length=UID_LENGTH)
    references = models.JSONField(help_text="The instances asked about: pairs of SOP Class and SOP Instance UID.")
    instances = models.PositiveIntegerField(help_text="How many instances it asks about.")
    failed = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many of them are not kept here, at the last look."
    )
    state = models.CharField(max_length=10, choices=CommitmentState.choices, default=CommitmentState.WAITING)
    attempts = models.PositiveIntegerField(default=0, help_text="How often the remote was called to be told.")
    next_try_at = models.DateTimeField("next try", default=timezone.now)
    error = models.CharField("what went wrong", max_length=TEXT_LENGTH, blank=True)
    asked_at = models.DateTimeField("asked", default=timezone.now)
    told_at = models.DateTimeField("told", null=True, blank=True)

    objects = Administered.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "storage commitment"
        constraints = [models.UniqueConstraint(fields=["remote", "transaction_uid"], name="commitment_once")]
        indexes = [models.Index(fields=["state", "asked_at"], name="commitment_state")]

    def __str__(self) -> str:
        return f"{self.instances} instances for {self.remote}"
