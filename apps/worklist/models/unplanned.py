"""Studies that arrived and whose scheduled step nobody but a person can tell."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice, User
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import Study


class Reason(models.TextChoices):
    """Why a study has no step."""

    CONTRADICTION = "contradiction", _("The patient differs")
    SEVERAL = "several", _("Several steps fit")
    TAKEN = "taken", _("Its step has another study")
    CANCELLED = "cancelled", _("Its step was cancelled")
    NONE = "none", _("No step fits")
    UNLINKED = "unlinked", _("Unlinked by hand")


class UnplannedStudyQuerySet(ScopedQuerySet["UnplannedStudy"]):
    """Seen by who may look at all of the practice."""


class UnplannedStudy(models.Model):
    """A study without a step, waiting for somebody to link it or to set it aside; one set aside is not looked at again.

    One whose step was unlinked by hand is not linked by the server again.
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="unplanned_studies"
    )
    study = models.OneToOneField(Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="unplanned")
    reason = models.CharField(verbose_name=_("reason"), max_length=16, choices=Reason.choices)
    detail = models.CharField(
        verbose_name=_("detail"), max_length=200, blank=True, help_text=_("For people; without patients' names.")
    )
    noticed_at = models.DateTimeField(verbose_name=_("noticed at"), default=timezone.now)
    set_aside_at = models.DateTimeField(verbose_name=_("set aside at"), null=True, blank=True)
    set_aside_by = models.ForeignKey(
        User, verbose_name=_("set aside by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = UnplannedStudyQuerySet.as_manager()

    class Meta:
        ordering = ["-noticed_at"]
        verbose_name = _("study without a step")
        verbose_name_plural = _("arrived without a step")
        indexes = [models.Index(fields=["practice", "set_aside_at", "-noticed_at"], name="unplanned_waiting")]

    def __str__(self) -> str:
        return str(self.study)
