"""What may be asked of an image out of a volume, and within which bounds."""

from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext
from rest_framework import serializers

from apps.core.serializers import CamelCaseSerializer
from apps.volumes.api.fields import MillimetresField, PointsField, VectorField, WindowField
from apps.volumes.curves.arch import FARTHEST
from apps.volumes.drawing import NumberType
from apps.volumes.resampling.planes import Projection

# Millimetres from pixel to pixel.
SPACINGS: Final = (0.02, 50.0)
# Rows and columns.
MOST_SIDE: Final = 2048
# Of one image: it is some hundred bytes a pixel of work.
MOST_PIXELS: Final = 1 << 23
# Millimetres through a slab, and across a jaw.
THICKEST: Final = 500.0
WIDTHS: Final = (2.0, 200.0)
INTERVALS: Final = (0.1, 50.0)
LARGEST: Final = 2**31 - 1


class Format(StrEnum):
    """How an image is given."""

    PNG = "png"
    JPEG = "jpeg"
    RAW = "raw"
    DICOM = "dicom"


class NoParameters(CamelCaseSerializer):
    """Of an address that takes none."""


class VolumeFilters(CamelCaseSerializer):
    """With a study or a series, what there is of it is looked at right then."""

    study = serializers.CharField(required=False, max_length=64, help_text="Study Instance UID")
    series = serializers.CharField(required=False, max_length=64, help_text="Series Instance UID")
    quantifiable = serializers.BooleanField(required=False)


class ImageParameters(CamelCaseSerializer):
    """How an image is drawn and given."""

    format = serializers.ChoiceField(
        [each.value for each in Format], required=False, help_text="Without it, Accept decides; else PNG."
    )
    window = WindowField(required=False, help_text="center,width or center,width,function; else the headers' own.")
    quality = serializers.IntegerField(required=False, min_value=1, max_value=100, help_text="Of a JPEG.")
    type = serializers.ChoiceField(
        [each.value for each in NumberType], required=False, help_text="Of `raw`: float32 unless said."
    )


class SlabParameters(ImageParameters):
    slab = MillimetresField(0, THICKEST, "How thick the slab is; 0 for the plane alone.")
    projection = serializers.ChoiceField(
        [each.value for each in Projection], required=False, help_text="What becomes of a slab: mip unless said."
    )


class PlaneParameters(SlabParameters):
    index = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="Which plane, from 0; the middle one unless said."
    )
    spacing = MillimetresField(*SPACINGS, "From pixel to pixel; else the voxels' own, in PNG and JPEG made square.")


class ObliqueParameters(SlabParameters):
    """A plane anywhere in the patient (LPS, mm): its middle, and the directions of its rows and columns."""

    centre = VectorField(help_text="x,y,z of the image's middle")
    across = VectorField(help_text="The direction from column to column")
    down = VectorField(help_text="The direction from row to row, perpendicular to `across`")
    spacing = MillimetresField(*SPACINGS, "From pixel to pixel; the finest of the voxels' unless said.")
    rows = serializers.IntegerField(min_value=1, max_value=MOST_SIDE, default=512)
    columns = serializers.IntegerField(min_value=1, max_value=MOST_SIDE, default=512)


class ArchParameters(CamelCaseSerializer):
    """A dental arch; where none is given the proposed one."""

    arch = PointsField(required=False, help_text="x,y;x,y;… in mm (LPS), from the patient's right to their left")
    z = MillimetresField(-FARTHEST, FARTHEST, "The height (LPS) of the plane in which the arch lies.")
    top = MillimetresField(-FARTHEST, FARTHEST, "The z of the uppermost row.")
    bottom = MillimetresField(-FARTHEST, FARTHEST, "The z of the lowest row.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "top" in given and "bottom" in given and given["top"] <= given["bottom"]:
            raise serializers.ValidationError({"top": [gettext("The top is above the bottom: its z is greater.")]})
        return given


class PanoramicParameters(ImageParameters, ArchParameters):
    spacing = MillimetresField(*SPACINGS, "From pixel to pixel; the finest of the voxels' unless said.")
    thickness = MillimetresField(0, WIDTHS[1], "Of the layer along the arch: 20 unless said.")
    projection = serializers.ChoiceField(
        [each.value for each in Projection], required=False, help_text="What becomes of the layer: mean unless said."
    )


class CrossSectionsParameters(ArchParameters):
    interval = MillimetresField(*INTERVALS, "From one to the next along the arch: 2 unless said.")
    width = MillimetresField(*WIDTHS, "How wide each is: 30 unless said.")
    spacing = MillimetresField(*SPACINGS, "From pixel to pixel; the finest of the voxels' unless said.")


class CrossSectionParameters(SlabParameters, ArchParameters):
    at = MillimetresField(0, FARTHEST, "Where along the arch, from its beginning; its middle unless said.")
    width = MillimetresField(*WIDTHS, "How wide it is: 30 unless said.")
    spacing = MillimetresField(*SPACINGS, "From pixel to pixel; the finest of the voxels' unless said.")
