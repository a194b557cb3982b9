"""What may be asked of series that are made of a volume, and within which bounds. Lengths are millimetres (LPS)."""

from typing import Any, Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.serializers import CamelCaseSerializer
from apps.volumes.derived.picturing.presets import Preset
from apps.volumes.resampling.planes import Orientation, Projection

LARGEST: Final = 2**31 - 1
# Coordinates, an arch's points, how thick a panoramic's layer may be, how wide a cross-section, how fine both: as in
# `curves`, which needs NumPy; this is read when Django starts.
FARTHEST: Final = 10_000.0
POINTS: Final = (3, 40)
THICKEST_LAYER: Final = 100.0
WIDEST: Final = 100.0
SPACINGS: Final = (0.05, 10.0)
THICKEST: Final = 500.0
# From plane to plane, and from cross-section to cross-section.
INTERVALS: Final = (0.1, 50.0)
SIZES: Final = (128, 2048)
MOST_VIEWS: Final = 72
OBLIQUE: Final = "oblique"

PROJECTIONS: Final = [
    (Projection.MAXIMUM.value, _("Maximum intensity projection")),
    (Projection.MINIMUM.value, _("Minimum intensity projection")),
    (Projection.MEAN.value, _("Mean")),
]
ORIENTATIONS: Final = [
    (Orientation.AXIAL.value, _("Axial")),
    (Orientation.CORONAL.value, _("Coronal")),
    (Orientation.SAGITTAL.value, _("Sagittal")),
    (OBLIQUE, _("Oblique")),
]
PRESETS: Final = [
    (Preset.BONE.value, _("Bone")),
    (Preset.SOFT.value, _("Skin")),
    (Preset.TEETH.value, pgettext_lazy("tissue", "Teeth")),
    (Preset.VESSELS.value, _("Vessels")),
]
SIDES: Final = [
    ("front", _("From the front")),
    ("right", _("From the patient's right")),
    ("left", _("From the patient's left")),
    ("back", _("From the back")),
    ("above", _("From above")),
    ("below", _("From below")),
]


def _millimetres(low: float, high: float, label: Any, **more: Any) -> serializers.FloatField:
    return serializers.FloatField(min_value=low, max_value=high, label=label, **more)


class OfVolume(CamelCaseSerializer):
    """Which volume of the study: `id` in GET /api/volumes/?study=…"""

    volume = serializers.IntegerField(min_value=1, max_value=LARGEST, label=_("Volume"))


class PlanesParameters(OfVolume):
    """Planes side by side through the whole volume."""

    orientation = serializers.ChoiceField(ORIENTATIONS, default=Orientation.CORONAL.value, label=_("Orientation"))
    normal = serializers.ListField(
        child=serializers.FloatField(min_value=-1, max_value=1), min_length=3, max_length=3, required=False,
        label=_("Direction"), help_text=_("Of oblique planes: the direction from one to the next (x, y, z)."),
    )  # fmt: skip
    interval = _millimetres(*INTERVALS, _("Interval (mm)"), required=False)
    slab = _millimetres(0, THICKEST, _("Thickness (mm)"), default=0.0)
    projection = serializers.ChoiceField(PROJECTIONS, default=Projection.MAXIMUM.value, label=_("Projection"))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        is_oblique = given["orientation"] == OBLIQUE
        if is_oblique != ("normal" in given):
            raise serializers.ValidationError({"normal": [gettext("Oblique planes have a normal, and no others.")]})
        if is_oblique and sum(each * each for each in given["normal"]) < 0.5:
            raise serializers.ValidationError({"normal": [gettext("The normal is a vector of length 1.")]})
        return given


class PanoramicParameters(OfVolume):
    """The panoramic of a jaw; with an interval also cross-sections. Without an arch the proposed one is taken."""

    arch = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=-FARTHEST, max_value=FARTHEST), min_length=2, max_length=2
        ),
        min_length=POINTS[0], max_length=POINTS[1], required=False, label=_("Arch"),
        help_text=_("Points [x, y] from the patient's right to the left."),
    )  # fmt: skip
    z = _millimetres(-FARTHEST, FARTHEST, _("Height of the arch (z, mm)"), required=False)
    top = _millimetres(-FARTHEST, FARTHEST, _("Top (z, mm)"), required=False)
    bottom = _millimetres(-FARTHEST, FARTHEST, _("Bottom (z, mm)"), required=False)
    thickness = _millimetres(0, THICKEST_LAYER, _("Thickness (mm)"), default=20.0)
    projection = serializers.ChoiceField(PROJECTIONS, default=Projection.MEAN.value, label=_("Projection"))
    spacing = _millimetres(*SPACINGS, _("Spacing of pixels (mm)"), required=False)
    interval = _millimetres(*INTERVALS, _("Interval of cross-sections (mm)"), required=False)
    width = _millimetres(1, WIDEST, _("Width of cross-sections (mm)"), default=30.0)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("arch" in given) != ("z" in given):
            raise serializers.ValidationError({"z": [gettext("An arch has points and a height.")]})
        if "top" in given and "bottom" in given and given["top"] <= given["bottom"]:
            raise serializers.ValidationError({"top": [gettext("The top is above the bottom: its z is greater.")]})
        return given


class RenderingParameters(OfVolume):
    """Pictures in three dimensions."""

    preset = serializers.ChoiceField(PRESETS, default=Preset.BONE.value, label=_("What is shown"))
    views = serializers.ListField(
        child=serializers.ChoiceField(SIDES), max_length=len(SIDES), default=lambda: ["front"], label=_("Views")
    )
    turn = serializers.IntegerField(
        min_value=0, max_value=MOST_VIEWS, default=0, label=_("Pictures once around the patient")
    )
    size = serializers.IntegerField(min_value=SIZES[0], max_value=SIZES[1], default=768, label=_("Size (pixels)"))
    fine = serializers.BooleanField(default=False, label=_("Full resolution, which takes longer"))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["views"] and not given["turn"]:
            raise serializers.ValidationError({"views": [gettext("At least one view.")]})
        return given
