"""Which volumes a series makes, and what keeps images out of one: found from headers, again when the series changes."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.archive.models import Series
from apps.archive.querysets import StudyScoped
from apps.volumes.geometry.flags import Flag, is_quantifiable

KEY_LENGTH: Final = 32
SHA256_LENGTH: Final = 64
LABEL_LENGTH: Final = 200


class VolumeQuerySet(StudyScoped["Volume"]):
    practice_path = "survey__series__study__practice"
    study_path = "survey__series__study__"
    series_path = "survey__series__series_instance_uid"


class Survey(models.Model):
    """That a series was looked at, in which of its versions, and which of its images are in no volume."""

    series = models.OneToOneField(
        Series, on_delete=models.CASCADE, related_name="volume_survey", verbose_name=_("series")
    )
    version = models.PositiveIntegerField(_("version"))
    left_out = models.JSONField(_("left out"), default=dict, help_text=_("How many images, by reason."))
    made_at = models.DateTimeField(_("made at"), auto_now=True)

    class Meta:
        verbose_name = _("look for volumes")
        verbose_name_plural = _("looks for volumes")

    def __str__(self) -> str:
        return str(self.series)


class Volume(models.Model):
    """Images of a series that lie behind each other, where they lie, and what is to be known of that."""

    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, related_name="volumes", db_index=False, verbose_name=_("look for volumes")
    )
    key = models.CharField(_("key"), max_length=KEY_LENGTH)
    label = models.CharField(_("label"), max_length=LABEL_LENGTH, blank=True)
    slices = models.PositiveIntegerField(_("slices"))
    rows = models.PositiveIntegerField(_("rows"))
    columns = models.PositiveIntegerField(_("columns"))
    lattice = models.JSONField(_("lattice"), help_text=_("Where the voxels lie, in millimetres of the patient."))
    scale = models.JSONField(_("scale"), help_text=_("What the voxels' numbers mean, and how they are kept."))
    flags = models.JSONField(_("flags"), default=list)
    frames = models.BinaryField(_("frames"), help_text=_("Instance and frame number of each slice, packed."))
    inputs = models.CharField(
        _("inputs"), max_length=SHA256_LENGTH, help_text=_("SHA-256 over the hashes of the objects it is made of.")
    )

    objects = VolumeQuerySet.as_manager()

    class Meta:
        verbose_name = _("volume")
        verbose_name_plural = _("volumes")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["survey", "key"], name="volume_once")]

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.survey.series), self.label) if part)

    @property
    def series(self) -> Series:
        return self.survey.series

    @property
    def known_flags(self) -> tuple[Flag, ...]:
        return tuple(Flag(flag) for flag in self.flags)

    @property
    def is_quantifiable(self) -> bool:
        return is_quantifiable(self.known_flags)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.slices, self.rows, self.columns
