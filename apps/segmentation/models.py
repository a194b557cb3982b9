"""The segmentations of the archive: what each says of itself, read from the headers in the index, however it came."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.archive.models import UID_LENGTH, Instance, Study
from apps.archive.querysets import StudyScoped

# Of what the standard calls LO and CS.
TEXT_LENGTH: Final = 64


class SegmentationQuerySet(StudyScoped["Segmentation"]):
    practice_path = "study__practice"
    study_path = "study__"
    series_path = "instance__series__series_instance_uid"


class Segmentation(models.Model):
    """A DICOM Segmentation (PS3.3 A.51), and which other one somebody has edited to make it, where that can be told."""

    instance = models.OneToOneField(
        Instance, on_delete=models.CASCADE, related_name="segmentation", verbose_name=_("instance")
    )
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="segmentations", verbose_name=_("study"))
    digest = models.BinaryField(_("digest"), max_length=32, help_text=_("Of the bytes that were read."))
    reader = models.PositiveSmallIntegerField(_("reader"), help_text=_("Which version of the software read them."))
    source_series_uid = models.CharField(
        _("source series"), max_length=UID_LENGTH, blank=True,
        help_text=_("Series Instance UID of the images that it lies over."),
    )  # fmt: skip
    is_labelmap = models.BooleanField(_("is a label map"))
    label = models.CharField(_("label"), max_length=TEXT_LENGTH, blank=True)
    description = models.CharField(_("description"), max_length=TEXT_LENGTH, blank=True)
    is_machine_made = models.BooleanField(_("is made by a machine"))
    edited_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="edited", verbose_name=_("edited from")
    )

    objects = SegmentationQuerySet.as_manager()

    class Meta:
        verbose_name = _("segmentation")
        verbose_name_plural = _("segmentations")
        ordering = ["-id"]
        indexes = [models.Index(fields=["source_series_uid"], name="segmentation_source")]

    def __str__(self) -> str:
        return self.description or self.label or self.instance.sop_instance_uid


class SegmentRow(models.Model):
    """A segment as its object describes it (PS3.3 C.8.20.2). Codes are JSON: value, scheme and meaning."""

    segmentation = models.ForeignKey(
        Segmentation, on_delete=models.CASCADE, related_name="segments", db_index=False, verbose_name=_("segmentation")
    )
    number = models.PositiveIntegerField(_("number"))
    label = models.CharField(_("label"), max_length=TEXT_LENGTH, blank=True)
    category = models.JSONField(_("category"), default=dict)
    type = models.JSONField(_("type"), default=dict)
    modifier = models.JSONField(_("modifier"), default=dict)
    anatomy = models.JSONField(_("anatomy"), default=dict)
    algorithm = models.JSONField(_("algorithm"), null=True, help_text=_("None: a person drew it."))
    colour = models.CharField(_("colour"), max_length=7, help_text=_("RGB, as in #c8a078."))
    tracking_uid = models.CharField(_("Tracking UID"), max_length=UID_LENGTH, blank=True)
    tracking_identifier = models.CharField(_("tracking identifier"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["segmentation", "number"]
        constraints = [models.UniqueConstraint(fields=["segmentation", "number"], name="segment_once")]
        indexes = [models.Index(fields=["tracking_uid"], name="segment_tracking")]

    def __str__(self) -> str:
        return self.label or str(self.number)
