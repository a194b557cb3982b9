"""The work that goes on behind the requests: a row for each job, and one for each worker that does them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.accounts.scoping import ScopedQuerySet

TEXT_LENGTH = 200


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


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

    kind = models.CharField(verbose_name=_("kind"), max_length=60, help_text=_("Which registered function does it."))
    key = models.CharField(
        verbose_name=_("key"),
        max_length=120,
        blank=True,
        help_text=_("What it is about, where one queued job is enough for all askers."),
    )
    parameters = models.JSONField(
        verbose_name=_("parameters"), default=dict, blank=True, help_text=_("Ids and options; never patient data.")
    )
    practice = models.ForeignKey(
        Practice,
        verbose_name=_("practice"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="jobs",
        help_text=_("Whose it is; none for the site's own work."),
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    state = models.CharField(verbose_name=_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(
        verbose_name=_("attempts"), default=0, help_text=_("Counted before the work starts.")
    )
    max_attempts = models.PositiveSmallIntegerField(verbose_name=_("max attempts"), default=3)
    not_before = models.DateTimeField(verbose_name=_("not before"), default=timezone.now)
    sent_at = models.DateTimeField(
        verbose_name=_("sent at"), null=True, blank=True, help_text=_("When its number last went to the queue.")
    )
    lease_until = models.DateTimeField(
        verbose_name=_("lease until"),
        null=True,
        blank=True,
        help_text=_("Until when its worker has it; a worker that died lets this pass."),
    )
    heartbeat_at = models.DateTimeField(verbose_name=_("heartbeat at"), null=True, blank=True)
    worker = models.CharField(
        verbose_name=_("worker"), max_length=100, blank=True, help_text=_("Which worker has it or had it last.")
    )
    progress_done = models.PositiveBigIntegerField(verbose_name=_("progress done"), default=0)
    progress_total = models.PositiveBigIntegerField(verbose_name=_("progress total"), null=True, blank=True)
    progress_text = models.CharField(verbose_name=_("progress text"), max_length=TEXT_LENGTH, blank=True)
    result = models.JSONField(verbose_name=_("result"), null=True, blank=True)
    error = models.CharField(
        verbose_name=_("error"), max_length=500, blank=True, help_text=_("What went wrong, for a person.")
    )
    cancel_requested = models.BooleanField(verbose_name=_("cancel requested"), default=False)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)
    started_at = models.DateTimeField(verbose_name=_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(verbose_name=_("finished at"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
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

    name = models.CharField(verbose_name=_("name"), max_length=100, unique=True)
    started_at = models.DateTimeField(verbose_name=_("started at"), default=timezone.now)
    seen_at = models.DateTimeField(verbose_name=_("seen at"), db_index=True)

    def __str__(self) -> str:
        return self.name


Parameters = dict[str, Any]
