"""What structured reports have measured, a row for each value: read from every report that comes, by whatever door."""

from typing import Any, Final

from django.db import models
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from apps.analysis.models import Analysis, Verdict
from apps.archive.models import TEXT_LENGTH, UID_LENGTH, Instance, Series, Study
from apps.archive.querysets import StudyScoped
from apps.dicom.sr_tree import Code

CODE_LENGTH: Final = 64
SCHEME_LENGTH: Final = 16
TOOL_LENGTH: Final = 64


class Reading(models.Model):
    """That the reports of a series were read: in which of its versions, and by which version of the reader."""

    series = models.OneToOneField(
        Series, on_delete=models.CASCADE, related_name="measurement_reading", verbose_name=_("series")
    )
    version = models.PositiveIntegerField(_("version"))
    reader = models.PositiveIntegerField(_("reader"))
    made_at = models.DateTimeField(_("made at"), auto_now=True)

    class Meta:
        verbose_name = _("reading of reports")
        verbose_name_plural = _("readings of reports")

    def __str__(self) -> str:
        return str(self.series)


class MeasurementReportQuerySet(StudyScoped["MeasurementReport"]):
    practice_path = "study__practice"
    study_path = "study__"
    series_path = "instance__series__series_instance_uid"


class MeasurementReport(models.Model):
    """A structured report with measurements (PS3.16 TID 1500): who or what measured, and who has verified it."""

    instance = models.OneToOneField(
        Instance, on_delete=models.CASCADE, related_name="measurement_report", verbose_name=_("instance")
    )
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="measurement_reports", verbose_name=_("study")
    )
    digest = models.BinaryField(_("digest"), max_length=32, help_text=_("Of the bytes that were read."))
    reader = models.PositiveIntegerField(_("reader"))
    title = models.CharField(_("title"), max_length=TEXT_LENGTH, blank=True)
    observer = models.CharField(_("observer"), max_length=TEXT_LENGTH, blank=True)
    is_machine_made = models.BooleanField(_("made by a machine"), default=False)
    is_verified = models.BooleanField(_("verified"), default=False)
    verified_by = models.CharField(_("verified by"), max_length=TEXT_LENGTH, blank=True)
    unplaced = models.PositiveIntegerField(
        _("unplaced"), default=0, help_text=_("Images in which it measures and that had not come when it was read.")
    )
    content_at = models.DateTimeField(
        _("content date"), help_text=_("When its content was made; when it came, where it does not say.")
    )

    objects = MeasurementReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report of measurements")
        verbose_name_plural = _("reports of measurements")
        ordering = ["-content_at", "-id"]

    def __str__(self) -> str:
        return self.title or str(self.instance)


class Predecessor(models.Model):
    """A report of the same study that a report says it takes the place of (PS3.3 C.17.2, Predecessor Documents)."""

    report = models.ForeignKey(
        MeasurementReport,
        on_delete=models.CASCADE,
        related_name="predecessors",
        db_index=False,
        verbose_name=_("report of measurements"),
    )
    sop_instance_uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH)

    class Meta:
        verbose_name = _("predecessor")
        verbose_name_plural = _("predecessors")
        constraints = [models.UniqueConstraint(fields=["report", "sop_instance_uid"], name="predecessor_once")]
        indexes = [models.Index(fields=["sop_instance_uid"], name="predecessor_uid")]

    def __str__(self) -> str:
        return self.sop_instance_uid


class MeasurementQuerySet(StudyScoped["Measurement"]):
    practice_path = "study__practice"
    study_path = "study__"
    series_path = "report__instance__series__series_instance_uid"

    def current(self) -> "MeasurementQuerySet":
        """Those that count: not of reports whose place another one of the study has taken, nor of rejected findings."""
        return self.exclude(Exists(_successors())).exclude(Exists(_rejections()))

    def with_report(self) -> "MeasurementQuerySet":
        """With what is told beside each: its report, study and patient, without their long columns."""
        related = self.select_related("report__instance__series", "study__patient")
        return related.defer(*LONG)


LONG: Final = (
    "study__found", "study__original_found", "study__correction", "study__patient__demographics", "report__digest",
    "report__instance__found", "report__instance__header", "report__instance__frame_index",
    "report__instance__bulk_index", "report__instance__series__found",
)  # fmt: skip


def _successors() -> models.QuerySet[Predecessor]:
    """What names a measurement's report as one that it takes the place of."""
    return Predecessor.objects.filter(
        sop_instance_uid=OuterRef("report__instance__sop_instance_uid"), report__study=OuterRef("study")
    )


def _rejections() -> models.QuerySet[Analysis]:
    """The analyses that a person has rejected, and whose result a measurement's report is."""
    quoted = Concat(Value('"'), OuterRef("report__instance__series__series_instance_uid"), Value('"'))
    rejected = Analysis.objects.filter(study=OuterRef("study"), verdict=Verdict.REJECTED)
    return rejected.annotate(uids=Cast("series_instance_uids", models.TextField())).filter(uids__contains=quoted)


class Measurement(models.Model):
    """One value of a report (PS3.16 TID 300): of what, how much, and where.

    `group` and `number` count from 1: which group of the report it is in, and which value of that. They name the row as
    long as the report has the same bytes, so that its key stays when the report is read again.
    """

    report = models.ForeignKey(
        MeasurementReport,
        on_delete=models.CASCADE,
        related_name="measurements",
        db_index=False,
        verbose_name=_("report of measurements"),
    )
    # The study of the report: the image may be in another one.
    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="measurements", db_index=False, verbose_name=_("study")
    )
    group = models.PositiveIntegerField(_("group"))
    number = models.PositiveIntegerField(_("number"))
    tracking_uid = models.CharField(_("tracking UID"), max_length=UID_LENGTH, blank=True)
    tracking_identifier = models.CharField(_("tracking identifier"), max_length=TEXT_LENGTH, blank=True)
    tool = models.CharField(_("tool"), max_length=TOOL_LENGTH, blank=True)
    label = models.CharField(_("label"), max_length=TEXT_LENGTH, blank=True)
    finding_value = models.CharField(_("code of the finding"), max_length=CODE_LENGTH, blank=True)
    finding_scheme = models.CharField(_("scheme of the finding"), max_length=SCHEME_LENGTH, blank=True)
    finding_meaning = models.CharField(_("finding"), max_length=TEXT_LENGTH, blank=True)
    site_value = models.CharField(_("code of the finding site"), max_length=CODE_LENGTH, blank=True)
    site_scheme = models.CharField(_("scheme of the finding site"), max_length=SCHEME_LENGTH, blank=True)
    site_meaning = models.CharField(_("finding site"), max_length=TEXT_LENGTH, blank=True)
    concept_value = models.CharField(_("code of the measurement"), max_length=CODE_LENGTH)
    concept_scheme = models.CharField(_("scheme of the measurement"), max_length=SCHEME_LENGTH, blank=True)
    concept_meaning = models.CharField(_("measurement"), max_length=TEXT_LENGTH, blank=True)
    derivation_value = models.CharField(_("code of the derivation"), max_length=CODE_LENGTH, blank=True)
    derivation_scheme = models.CharField(_("scheme of the derivation"), max_length=SCHEME_LENGTH, blank=True)
    derivation_meaning = models.CharField(_("derivation"), max_length=TEXT_LENGTH, blank=True)
    value = models.FloatField(_("value"))
    unit_value = models.CharField(_("unit"), max_length=CODE_LENGTH, blank=True, help_text=_("In UCUM."))
    unit_scheme = models.CharField(_("scheme of the unit"), max_length=SCHEME_LENGTH, blank=True)
    unit_meaning = models.CharField(_("name of the unit"), max_length=TEXT_LENGTH, blank=True)
    evaluations = models.JSONField(
        _("evaluations"), default=list, help_text=_("What the report says of it beside numbers.")
    )
    # The image that it was measured in, or the segmentation with the segment that was measured.
    series_instance_uid = models.CharField(_("Series Instance UID"), max_length=UID_LENGTH, blank=True)
    sop_instance_uid = models.CharField(_("SOP Instance UID"), max_length=UID_LENGTH, blank=True)
    frame_number = models.PositiveIntegerField(
        _("frame number"), default=0, help_text=_("From 1; 0 for an image of one frame.")
    )
    segment_number = models.PositiveIntegerField(_("segment number"), null=True, blank=True)
    coordinates = models.JSONField(
        _("coordinates"), default=list, help_text=_("In the image or in the patient, as the report has them.")
    )
    x = models.FloatField(_("x"), null=True, blank=True, help_text=_("Of its middle in the patient (LPS, mm)."))
    y = models.FloatField(_("y"), null=True, blank=True)
    z = models.FloatField(_("z"), null=True, blank=True)
    measured_at = models.DateTimeField(_("measured at"))

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["-measured_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "group", "number"], name="measurement_once"),
        ]
        indexes = [
            models.Index(fields=["study", "-measured_at", "-id"], name="measurement_of_study"),
            models.Index(fields=["-measured_at", "-id"], name="measurement_newest"),
            models.Index(fields=["tracking_uid"], name="measurement_tracking", condition=~models.Q(tracking_uid="")),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.label, self.concept_meaning, f"{self.value:g}", self.unit_value) if part)

    @property
    def concept(self) -> Code:
        return self._code("concept")

    @property
    def derivation(self) -> Code:
        return self._code("derivation")

    @property
    def finding(self) -> Code:
        return self._code("finding")

    @property
    def site(self) -> Code:
        return self._code("site")

    @property
    def unit(self) -> Code:
        return self._code("unit")

    @property
    def position(self) -> tuple[float, float, float] | None:
        """Its middle in the patient (LPS, mm); None where the image it was measured in lies nowhere."""
        x, y, z = self.x, self.y, self.z
        return None if x is None or y is None or z is None else (x, y, z)

    def _code(self, name: str) -> Code:
        parts: list[Any] = [getattr(self, f"{name}_{part}") for part in ("meaning", "value", "scheme")]
        return Code(*parts)
