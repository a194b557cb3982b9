"""What was asked to be worked out of a study, each run of it, and which series came of it."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.archive.querysets import StudyScoped
from apps.jobs.models import ENDED, Job, State

KIND_LENGTH: Final = 40
SHA256_LENGTH: Final = 64
REASON_LENGTH: Final = 500
REMARK_LENGTH: Final = 500


class Verdict(models.TextChoices):
    """What people say of what a machine has found."""

    UNVERIFIED = "unverified", _("Unverified")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class AnalysisQuerySet(StudyScoped["Analysis"]):
    """Seen by who sees the study."""

    practice_path = "study__practice"
    study_path = "study__"
    permission = Permission.VIEW

    def in_state(self, state: str) -> "AnalysisQuerySet":
        """Those whose job is in this state, or ended in it before its row was removed."""
        return self.filter(Q(job__state=state) | Q(job=None, last_state=state))

    def with_study(self) -> "AnalysisQuerySet":
        """Read together with what pages and answers tell beside it."""
        rows = self.select_related("job", "requested_by", "judged_by", "study__practice")
        return rows.defer("study__found", "study__original_found")


class Analysis(models.Model):
    """One thing asked of one study: a kind with its parameters, once. Asked for again it is run again.

    How it goes is its job's state; once the job's row is gone, `last_state`. What is told of its result (from `run` on)
    is of the last run that was stored, and stays while another one is at work.
    """

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="analyses", db_index=False, verbose_name=_("study")
    )
    kind = models.CharField(_("kind"), max_length=KIND_LENGTH)
    parameters = models.JSONField(_("parameters"), default=dict)
    fingerprint = models.CharField(
        _("fingerprint"), max_length=SHA256_LENGTH, help_text=_("SHA-256 over kind and parameters.")
    )
    job = models.ForeignKey(
        Job, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("job"), db_index=True
    )
    last_state = models.CharField(
        _("last state"), max_length=16, choices=State.choices, blank=True,
        help_text=_("How its job last ended; empty until then."),
    )  # fmt: skip
    reason = models.CharField(
        _("reason"), max_length=REASON_LENGTH, blank=True, help_text=_("Why the last run failed, for a person.")
    )
    run = models.PositiveIntegerField(_("run"), default=0, help_text=_("How many times it was stored."))
    software_version = models.CharField(_("software version"), max_length=40, blank=True)
    code_version = models.PositiveIntegerField(_("code version"), default=0)
    inputs = models.JSONField(
        _("inputs"), default=dict, help_text=_("The series it was worked out of, and the SHA-256 over their objects.")
    )
    flags = models.JSONField(_("flags"), default=list)
    is_quantifiable = models.BooleanField(_("is quantifiable"), default=True)
    summary = models.JSONField(_("summary"), default=dict)
    series_instance_uids = models.JSONField(_("result series"), default=list)
    instance_count = models.PositiveIntegerField(_("instances"), default=0)
    leftover_uids = models.JSONField(
        _("leftover series"), default=list,
        help_text=_("Series that it stored and that are not its result: of an earlier run, or of one that broke off."),
    )  # fmt: skip
    stored_by = models.BigIntegerField(
        _("stored by"), null=True, blank=True, help_text=_("The number of the job that stored the result.")
    )
    verdict = models.CharField(
        _("verdict"), max_length=16, choices=Verdict.choices, blank=True,
        help_text=_("What people say of the result; empty where no machine has found anything."),
    )  # fmt: skip
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("judged by")
    )
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=REMARK_LENGTH, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("requested by")
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    stored_at = models.DateTimeField(_("stored at"), null=True, blank=True)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["study", "kind", "fingerprint"], name="analysis_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def state(self) -> str:
        """One of `jobs.models.State`."""
        return self.job.state if self.job else self.last_state

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def error(self) -> str:
        """Why its last run failed, for a person; empty where it did not."""
        return self.job.error if self.job else self.reason
