"""Unified procedure steps (PS3.3 B.26, PS3.4 Annex CC): work that is asked for, claimed, and done or given up."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.scoping import ScopedQuerySet
from apps.archive.models import TEXT_LENGTH, UID_LENGTH
from apps.worklist.models.scheduled import LONG_LENGTH, PLANNING

DATETIME_LENGTH = 26
PRIORITY_LENGTH = 6
READINESS_LENGTH = 16


class ProcedureStepState(models.TextChoices):
    """Procedure Step State (0074,1000), in the standard's words (PS3.4 table CC.1.1-1)."""

    SCHEDULED = "SCHEDULED", _("Scheduled")
    IN_PROGRESS = "IN PROGRESS", _("In progress")
    COMPLETED = "COMPLETED", _("Completed")
    CANCELED = "CANCELED", _("Cancelled")


FINAL = (ProcedureStepState.COMPLETED, ProcedureStepState.CANCELED)
WRITING = PLANNING


class WorkitemQuerySet(ScopedQuerySet["Workitem"]):
    """Seen by who may look at all of the practice."""

    def present(self) -> "WorkitemQuerySet":
        """Those that are not gone."""
        return self.filter(gone_at=None)


class Workitem(models.Model):
    """An instance of the UPS Push SOP Class.

    `dataset` are its attributes in the DICOM JSON model, without the Transaction UID: whoever claims the workitem
    knows that, and nobody is told. Of one that is gone, its UID and its end are left (PS3.18 11.5.3: 410).
    """

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="workitems", db_index=False
    )
    uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH)
    state = models.CharField(
        verbose_name=_("state"), max_length=11, choices=ProcedureStepState.choices, default=ProcedureStepState.SCHEDULED
    )
    transaction_uid = models.CharField(
        verbose_name=_("transaction UID"), max_length=UID_LENGTH, blank=True, editable=False
    )
    dataset = models.JSONField(verbose_name=_("dataset"), help_text=_("Its attributes, in the DICOM JSON model."))

    label = models.CharField(verbose_name=_("label"), max_length=TEXT_LENGTH, blank=True)
    priority = models.CharField(verbose_name=_("priority"), max_length=PRIORITY_LENGTH, blank=True)
    readiness = models.CharField(verbose_name=_("readiness"), max_length=READINESS_LENGTH, blank=True)
    patient_id = models.CharField(_("patient ID"), max_length=LONG_LENGTH, blank=True)
    start = models.CharField(
        _("to start"), max_length=DATETIME_LENGTH, blank=True, help_text=_("As DICOM writes it (DT).")
    )
    expected_end = models.CharField(_("expected to end"), max_length=DATETIME_LENGTH, blank=True)

    created_by = models.CharField(verbose_name=_("created by"), max_length=150, blank=True)
    claimed_by = models.CharField(verbose_name=_("claimed by"), max_length=150, blank=True)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now)
    changed_at = models.DateTimeField(verbose_name=_("changed at"), default=timezone.now)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    gone_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = WorkitemQuerySet.as_manager()

    class Meta:
        verbose_name = _("workitem")
        verbose_name_plural = _("workitems")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["practice", "uid"], name="workitem_once")]
        indexes = [
            models.Index(fields=["practice", "state", "start"], name="workitem_worklist"),
            models.Index(fields=["practice", "patient_id"], name="workitem_patient"),
            models.Index(fields=["ended_at"], name="workitem_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.label or gettext('Workitem')} · {self.get_state_display()}"

    @property
    def is_final(self) -> bool:
        """Whether it may no longer be changed (PS3.4 CC.1.1)."""
        return self.state in FINAL
