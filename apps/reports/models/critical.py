"""Critical findings: who must know, whether they do, and what was done until they did."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.archive.models import TEXT_LENGTH, Study
from apps.archive.querysets import StudyScoped
from apps.reports.models.reports import Report


class Urgency(models.TextChoices):
    """How soon somebody must know (the categories of the ACR's Actionable Reporting Work Group)."""

    MINUTES = "minutes", _("Within minutes")
    HOURS = "hours", _("Within hours")
    DAYS = "days", _("Within days")


class CriticalFindingQuerySet(StudyScoped["CriticalFinding"]):
    practice_path = "study__practice"
    study_path = "study__"


class CriticalFinding(models.Model):
    """Something found that somebody must know of. Until it is acknowledged it is told again, to more people."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="critical_findings", verbose_name=_("study")
    )
    report = models.ForeignKey(
        Report, null=True, blank=True, on_delete=models.SET_NULL, related_name="critical_findings",
        verbose_name=_("report"),
    )  # fmt: skip
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency.choices)
    text = models.CharField(_("finding"), max_length=TEXT_LENGTH)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="critical_findings",
        verbose_name=_("recipient"),
        help_text=_("Empty: everybody who may look at the practice's studies."),
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("raised by")
    )
    raised_at = models.DateTimeField(_("raised at"))
    due_at = models.DateTimeField(_("due at"))
    escalations = models.PositiveIntegerField(_("escalations"), default=0)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("acknowledged by"),
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    how = models.CharField(
        _("how it was told"), max_length=TEXT_LENGTH, blank=True, help_text=_("Such as: by telephone, to Dr Weber.")
    )

    objects = CriticalFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("critical finding")
        verbose_name_plural = _("critical findings")
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(fields=["due_at"], name="critical_due", condition=models.Q(acknowledged_at=None)),
        ]

    def __str__(self) -> str:
        return self.text


class CriticalStep(models.Model):
    """What was done about a critical finding: raised, told, escalated, acknowledged."""

    finding = models.ForeignKey(
        CriticalFinding, on_delete=models.CASCADE, related_name="steps", verbose_name=_("critical finding")
    )
    at = models.DateTimeField(_("at"))
    what = models.CharField(_("what"), max_length=TEXT_LENGTH)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.what
