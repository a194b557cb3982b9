"""The work that goes on behind the requests: a row for each job, and one for each worker that does them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.accounts.scoping import ScopedQuerySet

TEXT_LENGTH = 200


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class JobQuerySet(ScopedQuerySet["Job"]):
    """One's own jobs can be seen too, however little of a practice one sees."""

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        principal = principal_of(who)
        seen = super().visible_to(principal, permission)
        if principal is None or not principal.user_id or principal.whole(permission or self.permission) is None:
            return seen
        return seen | self.filter(requested_by=principal.user_id, practice__in=principal.practice_ids)


class Job(models.Model):
    """One piece of work. This row is the truth about it; the queue only carries its number to a worker."""

    kind = models.CharField(max_length=60, help_text="Which registered function does it.")
    key = models.CharField(
        max_length=120, blank=True, help_text="What it is about, where one queued job is enough for all askers."
    )
    parameters = models.JSONField(default=dict, blank=True, help_text="Ids and options; never patient data.")
    practice = models.ForeignKey(
        Practice, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs",
        help_text="Whose it is; none for the site's own work.",
    )  # fmt: skip
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted before the work starts.")
    max_attempts = models.PositiveSmallIntegerField(default=3)
    not_before = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When its number last went to the queue.")
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Until when its worker has it; a worker that died lets this pass."
    )
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True, help_text="Which worker has it or had it last.")
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(null=True, blank=True)
    progress_text = models.CharField(max_length=TEXT_LENGTH, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="What went wrong, for a person.")
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(state=State.QUEUED) & ~models.Q(key=""),
                name="job_queued_once",
            )
        ]
        indexes = [
            models.Index(fields=["state", "not_before"], name="job_due"),
            models.Index(fields=["practice", "-id"], name="job_newest"),
            models.Index(fields=["finished_at"], name="job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None while the total is unknown."""
        if self.state == State.DONE:
            return 100
        if not self.progress_total:
            return None
        return min(100, 100 * self.progress_done // self.progress_total)


class Worker(models.Model):
    """A worker process and its last sign of life."""

    name = models.CharField(max_length=100, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name


Parameters = dict[str, Any]
