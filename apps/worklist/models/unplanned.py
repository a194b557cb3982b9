"""Studies that arrived and whose scheduled step nobody but a person can tell."""

from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import Study


class Reason(models.TextChoices):
    """Why a study has no step."""

    CONTRADICTION = "contradiction", "The patient differs"
    SEVERAL = "several", "Several steps fit"
    TAKEN = "taken", "Its step has another study"
    CANCELLED = "cancelled", "Its step was cancelled"
    NONE = "none", "No step fits"
    UNLINKED = "unlinked", "Unlinked by hand"


class UnplannedStudyQuerySet(ScopedQuerySet["UnplannedStudy"]):
    """Seen by who may look at all of the practice."""


class UnplannedStudy(models.Model):
    """A study without a step, waiting for somebody to link it or to set it aside; one set aside is not looked at again.

    One whose step was unlinked by hand is not linked by the server again.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="unplanned_studies")
    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="unplanned")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    detail = models.CharField(max_length=200, blank=True, help_text="For people; without patients' names.")
    noticed_at = models.DateTimeField(default=timezone.now)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = UnplannedStudyQuerySet.as_manager()

    class Meta:
        ordering = ["-noticed_at"]
        verbose_name = "study without a step"
        verbose_name_plural = "arrived without a step"
        indexes = [models.Index(fields=["practice", "set_aside_at", "-noticed_at"], name="unplanned_waiting")]

    def __str__(self) -> str:
        return str(self.study)
