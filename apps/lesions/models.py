"""Lesions that are followed, and how each was found in each study."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.archive.models import UID_LENGTH, Patient, Study
from apps.archive.querysets import StudyScoped
from apps.lesions.organs import Organ
from apps.lesions.recist.findings import Finding, State

NAME_LENGTH: Final = 64


class Role(models.TextChoices):
    """What a lesion is to the assessment: measured, judged, or not there at baseline."""

    TARGET = "target", _("Target lesion")
    NON_TARGET = "non-target", _("Non-target lesion")
    NEW = "new", _("New lesion")


class FoundAs(models.TextChoices):
    """How a lesion was found, as `recist.findings.State` has it."""

    MEASURED = State.MEASURED, _("Measured")
    TOO_SMALL = State.TOO_SMALL, _("Too small to measure")
    ABSENT = State.ABSENT, _("Absent")
    PRESENT = State.PRESENT, _("Present")
    PROGRESSED = State.PROGRESSED, _("Unequivocally progressed")
    NOT_EVALUABLE = State.NOT_EVALUABLE, _("Not evaluable")


class LesionQuerySet(StudyScoped["Lesion"]):
    practice_path = "study__practice"
    study_path = "study__"

    def with_findings(self) -> "LesionQuerySet":
        """Read together with how each was found in each study."""
        rows = self.select_related("study__patient", "study__practice")
        found = LesionFinding.objects.select_related("study").defer("study__found", "study__original_found")
        return rows.defer("study__found", "study__original_found", "study__patient__demographics").prefetch_related(
            models.Prefetch("findings", found)
        )


class Lesion(models.Model):
    """A lesion of a patient. `study` is the one in which it was first recorded: of targets and non-targets that is
    baseline. Its patient is that study's, so that it goes where the study goes.

    The Tracking UID is that of its measurements in structured reports (PS3.16 TID 1501), in all studies.
    """

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="lesions", db_index=False, verbose_name=_("first study")
    )
    tracking_uid = models.CharField(_("tracking UID"), max_length=UID_LENGTH)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    organ = models.CharField(_("organ"), max_length=20, choices=Organ.choices)
    is_node = models.BooleanField(_("lymph node"), default=False)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("recorded by")
    )
    made_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = LesionQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesion")
        verbose_name_plural = _("lesions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["study", "tracking_uid"], name="lesion_once")]
        indexes = [models.Index(fields=["tracking_uid"], name="lesion_tracking")]

    def __str__(self) -> str:
        return self.name

    @property
    def patient(self) -> Patient:
        return self.study.patient


class LesionFindingQuerySet(StudyScoped["LesionFinding"]):
    practice_path = "study__practice"
    study_path = "study__"


class LesionFinding(models.Model):
    """How a lesion was found in a study, and where it was measured.

    Of a node `short_axis_mm` counts, of anything else `diameter_mm`. `tracking_uid` is that of the measurement it was
    taken from; once that is gone the numbers stay.
    """

    lesion = models.ForeignKey(
        Lesion, on_delete=models.CASCADE, related_name="findings", db_index=False, verbose_name=_("lesion")
    )
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="lesion_findings", verbose_name=_("study"))
    state = models.CharField(_("found as"), max_length=16, choices=FoundAs.choices)
    diameter_mm = models.FloatField(_("longest diameter (mm)"), null=True, blank=True)
    short_axis_mm = models.FloatField(_("short axis (mm)"), null=True, blank=True)
    tracking_uid = models.CharField(_("tracking UID of the measurement"), max_length=UID_LENGTH, blank=True)
    series_instance_uid = models.CharField(_("Series Instance UID"), max_length=UID_LENGTH, blank=True)
    sop_instance_uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH, blank=True)
    frame_number = models.PositiveIntegerField(_("frame number"), default=0)
    x = models.FloatField(_("x"), null=True, blank=True, help_text=_("Of its middle in the patient (LPS, mm)."))
    y = models.FloatField(_("y"), null=True, blank=True)
    z = models.FloatField(_("z"), null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted at"), default=timezone.now)

    objects = LesionFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding of a lesion")
        verbose_name_plural = _("findings of lesions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["lesion", "study"], name="lesion_finding_once")]

    def __str__(self) -> str:
        return f"{self.lesion}: {self.get_state_display()}"

    @property
    def size_mm(self) -> float | None:
        """What counts of it: of a node its short axis, which is what a single length of it was measured along."""
        if self.lesion.is_node and self.short_axis_mm is not None:
            return self.short_axis_mm
        return self.diameter_mm

    @property
    def point(self) -> tuple[float, float, float] | None:
        """Its middle in the patient (LPS, mm), where that is known."""
        x, y, z = self.x, self.y, self.z
        return None if x is None or y is None or z is None else (x, y, z)

    @property
    def finding(self) -> Finding:
        """What the rules take."""
        state = State(self.state)
        return Finding(state, self.size_mm if state is State.MEASURED else None, self.lesion.is_node)
