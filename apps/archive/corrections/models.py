"""Corrections to data, as rows: what was stored stays as it came, and what leaves is changed by these."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

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
        EDIT = "edit", _("Edit")
        MERGE = "merge", _("Merge")
        MOVE = "move", _("Move")

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(verbose_name=_("kind"), max_length=8, choices=Kind.choices)
    patient = models.ForeignKey(
        "archive.Patient",
        verbose_name=_("patient"),
        null=True,
        on_delete=models.PROTECT,
        related_name="corrections",
        help_text=_("Who was edited or merged; of a move whose study it was."),
    )
    study = models.ForeignKey(
        "archive.Study", verbose_name=_("study"), null=True, on_delete=models.CASCADE, related_name="corrections"
    )
    into = models.ForeignKey(
        "archive.Patient", verbose_name=_("into"), null=True, on_delete=models.PROTECT, related_name="received"
    )
    changes = models.JSONField(
        verbose_name=_("changes"), default=dict, help_text=_("The new element by tag, DICOM JSON.")
    )
    previous = models.JSONField(
        verbose_name=_("previous"), default=dict, help_text=_("What it was before, null for nothing.")
    )
    reason = models.CharField(verbose_name=_("reason"), max_length=REASON_LENGTH)
    made_at = models.DateTimeField(verbose_name=_("made at"), auto_now_add=True)
    made_by = models.CharField(verbose_name=_("made by"), max_length=NAME_LENGTH)
    undone_at = models.DateTimeField(verbose_name=_("undone at"), null=True)
    undone_by = models.CharField(verbose_name=_("undone by"), max_length=NAME_LENGTH, blank=True)

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
