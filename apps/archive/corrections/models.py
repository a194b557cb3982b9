"""Corrections to data, as rows: what was stored stays as it came, and what leaves is changed by these."""

from typing import Final

from django.db import models

from apps.accounts.models import Practice

NAME_LENGTH: Final = 150
REASON_LENGTH: Final = 250


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Reached by way of their patient or study: `apps.archive.corrections.history`."""

    def standing(self) -> "CorrectionQuerySet":
        """Those that are not undone, in the order in which they were made."""
        return self.filter(undone_at=None).order_by("pk")


class Correction(models.Model):
    """One correction and, once it is undone, by whom and when: the history stays.

    An edit is of a patient, so of all their studies, or of a study. A merge makes the studies of `patient` those of
    `into`, a move does so with one study.
    """

    class Kind(models.TextChoices):
        EDIT = "edit", "Edit"
        MERGE = "merge", "Merge"
        MOVE = "move", "Move"

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    patient = models.ForeignKey(
        "archive.Patient",
        null=True,
        on_delete=models.PROTECT,
        related_name="corrections",
        help_text="Who was edited or merged; of a move whose study it was.",
    )
    study = models.ForeignKey("archive.Study", null=True, on_delete=models.CASCADE, related_name="corrections")
    into = models.ForeignKey("archive.Patient", null=True, on_delete=models.PROTECT, related_name="received")
    changes = models.JSONField(default=dict, help_text="The new element by tag, DICOM JSON.")
    previous = models.JSONField(default=dict, help_text="What it was before, null for nothing.")
    reason = models.CharField(max_length=REASON_LENGTH)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=NAME_LENGTH)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=NAME_LENGTH, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(kind="merge", undone_at=None),
                name="merged_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
