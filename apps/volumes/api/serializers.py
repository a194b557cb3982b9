"""Volumes, arches and cross-sections as the REST API writes them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.archive.viewing import viewer_url
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.volumes.geometry.flags import HARMLESS, Flag
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.stacks import Reason
from apps.volumes.geometry.wording import flag_text, reason_text
from apps.volumes.models import Survey, Volume
from apps.volumes.resampling.planes import Orientation
from apps.volumes.resampling.standard import planes_of

# Modalities of which there are jaws.
OF_JAWS = ("CT",)


class NumbersSerializer(serializers.ListField):
    """Numbers, such as the x, y and z of a place in the patient (LPS, mm)."""

    child = serializers.FloatField()


class FlagSerializer(CamelCaseSerializer):
    """What is to be known of a volume's geometry; `isQuantifiable` is false where it forbids to measure."""

    flag = serializers.ChoiceField([each.value for each in Flag])
    text = serializers.CharField()
    is_quantifiable = serializers.BooleanField()


class LeftOutSerializer(CamelCaseSerializer):
    """Images of a series that are in no volume, and why."""

    series_instance_uid = serializers.CharField()
    reason = serializers.ChoiceField([each.value for each in Reason])
    count = serializers.IntegerField()
    text = serializers.CharField()


class VolumeLinksSerializer(CamelCaseSerializer):
    """Addresses on this server: the volume's own, the viewer's, and the page of its panoramic where it may have one."""

    volume = serializers.CharField()
    viewer = serializers.CharField()
    panoramic = serializers.CharField(allow_null=True)


class VolumeSerializer(CamelCaseModelSerializer):
    """Images of a series that lie behind each other. `label` tells the volumes of one series from each other."""

    study_instance_uid = serializers.CharField(source="survey.series.study.study_instance_uid")
    series_instance_uid = serializers.CharField(source="survey.series.series_instance_uid")
    series_description = serializers.CharField(source="survey.series.series_description")
    modality = serializers.CharField(source="survey.series.modality")
    practice = serializers.IntegerField(source="survey.series.study.practice_id")
    flags = serializers.SerializerMethodField()
    is_quantifiable = serializers.BooleanField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = Volume
        fields: tuple[str, ...] = (
            "id", "study_instance_uid", "series_instance_uid", "series_description", "modality", "label", "slices",
            "rows", "columns", "flags", "is_quantifiable", "practice", "links",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(FlagSerializer(many=True))
    def get_flags(self, volume: Volume) -> Any:
        told = FlagSerializer([_flag(each) for each in volume.known_flags], many=True)
        return told.data

    @extend_schema_field(VolumeLinksSerializer)
    def get_links(self, volume: Volume) -> dict[str, str | None]:
        series = volume.series
        return {
            "volume": f"/api/volumes/{volume.pk}",
            "viewer": viewer_url(series.study.study_instance_uid, series.series_instance_uid),
            "panoramic": f"/volumes/{volume.pk}/panoramic/" if series.modality in OF_JAWS else None,
        }


class PlanesSerializer(CamelCaseSerializer):
    """The planes along one of the patient's axes: how many, `step` millimetres apart, and each one's pixels."""

    count = serializers.IntegerField()
    step = serializers.FloatField()
    rows = serializers.IntegerField()
    columns = serializers.IntegerField()
    row_spacing = serializers.FloatField()
    column_spacing = serializers.FloatField()
    positions = NumbersSerializer(help_text="Each plane's along the axis, in millimetres of the patient, ascending")
    first_position = NumbersSerializer(help_text="The middle of the first pixel of plane 0 (LPS, mm)")
    across = NumbersSerializer()
    down = NumbersSerializer()


class AllPlanesSerializer(CamelCaseSerializer):
    axial = PlanesSerializer()
    coronal = PlanesSerializer()
    sagittal = PlanesSerializer()


class WindowSerializer(CamelCaseSerializer):
    """A window in the volume's unit (PS3.3 C.11.2.1.2)."""

    center = serializers.FloatField()
    width = serializers.FloatField()
    function = serializers.CharField()


class GeometrySerializer(CamelCaseSerializer):
    """Where the voxels [k, j, i] (slice, row, column) lie, in millimetres of the patient (LPS; PS3.3 C.7.6.2.1.1)."""

    shape = serializers.ListField(child=serializers.IntegerField(), help_text="Slices, rows, columns")
    spacing = NumbersSerializer(help_text="From slice to slice (the median), from row to row, from column to column")
    origin = NumbersSerializer(help_text="The middle of voxel [0, 0, 0]")
    along = NumbersSerializer(help_text="From slice to slice; perpendicular to the slices unless `isSheared`")
    down = NumbersSerializer()
    across = NumbersSerializer()
    is_even = serializers.BooleanField()
    is_sheared = serializers.BooleanField()
    offsets = NumbersSerializer(allow_null=True, help_text="Each slice's, along `along`, where they are uneven")
    gaps = serializers.ListField(
        child=serializers.IntegerField(), help_text="The slices k behind which some are missing"
    )


class OneVolumeSerializer(VolumeSerializer):
    """With its geometry, its planes, and what its numbers mean. `isReady` tells that images of it come at once."""

    geometry = serializers.SerializerMethodField()
    planes = serializers.SerializerMethodField()
    window = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    is_ready = serializers.SerializerMethodField()

    class Meta(VolumeSerializer.Meta):
        fields = (
            *VolumeSerializer.Meta.fields, "geometry", "planes", "window", "unit", "is_ready", "inputs",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(GeometrySerializer)
    def get_geometry(self, volume: Volume) -> Any:
        return GeometrySerializer(_geometry(self.context["lattice"])).data

    @extend_schema_field(AllPlanesSerializer)
    def get_planes(self, volume: Volume) -> Any:
        return AllPlanesSerializer({each.value: _planes(self.context["lattice"], each) for each in Orientation}).data

    @extend_schema_field(WindowSerializer(allow_null=True))
    def get_window(self, volume: Volume) -> Any:
        """As the headers say it; where they say none, images show the range of the values."""
        window = self.context["window"]
        return WindowSerializer(window).data if window else None

    @extend_schema_field(OpenApiTypes.STR)
    def get_unit(self, volume: Volume) -> str:
        """HU, or US for numbers without a unit (PS3.3 C.11.1.1.2)."""
        unit: str = self.context["unit"]
        return unit

    def get_is_ready(self, volume: Volume) -> bool:
        is_ready: bool = self.context["is_ready"]
        return is_ready


class ArchSerializer(CamelCaseSerializer):
    """A dental arch: control points x, y (LPS, mm) from the patient's right to their left, in the plane at height `z`.

    `isProposed` is false where nothing in the volume looked like a jaw: it is then a usual arch amid the volume.
    """

    points = serializers.ListField(child=NumbersSerializer())
    z = serializers.FloatField()
    is_proposed = serializers.BooleanField()
    top = serializers.FloatField()
    bottom = serializers.FloatField()
    length = serializers.FloatField(help_text="Millimetres along the arch")


class SectionPlaneSerializer(CamelCaseSerializer):
    """Where an image lies in the patient (LPS, mm): the middle of its first pixel, its directions and spacings."""

    origin = NumbersSerializer()
    across = NumbersSerializer()
    down = NumbersSerializer()
    row_spacing = serializers.FloatField()
    column_spacing = serializers.FloatField()
    rows = serializers.IntegerField()
    columns = serializers.IntegerField()


class CrossSectionSerializer(SectionPlaneSerializer):
    """`at` is where it crosses the arch, in millimetres from its beginning."""

    at = serializers.FloatField()


class CrossSectionsSerializer(CamelCaseSerializer):
    """In the order of the arch, `length` millimetres long, from the patient's right to their left."""

    length = serializers.FloatField()
    results = CrossSectionSerializer(many=True)


def left_out_of(survey: Survey) -> list[dict[str, Any]]:
    """What is in no volume of a series, in words."""
    uid = survey.series.series_instance_uid
    return [_left_out(uid, Reason(reason), count) for reason, count in survey.left_out.items()]


def _left_out(uid: str, reason: Reason, count: int) -> dict[str, Any]:
    text = translated(reason_text(reason, count))
    return {"series_instance_uid": uid, "reason": reason.value, "count": count, "text": text}


def _flag(flag: Flag) -> dict[str, Any]:
    return {"flag": flag.value, "text": translated(flag_text(flag)), "is_quantifiable": flag in HARMLESS}


def _geometry(lattice: Lattice) -> dict[str, Any]:
    named = ("shape", "origin", "along", "down", "across", "is_even", "is_sheared", "gaps")
    spacing = (lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    offsets = None if lattice.is_even else lattice.offsets
    return {**{name: getattr(lattice, name) for name in named}, "spacing": spacing, "offsets": offsets}


def _planes(lattice: Lattice, orientation: Orientation) -> dict[str, Any]:
    planes = planes_of(lattice, orientation)
    first = planes.plane(0)
    named = ("rows", "columns", "row_spacing", "column_spacing", "across", "down")
    pixels = {name: getattr(first, name) for name in named}
    return {
        "count": planes.count,
        "step": planes.spacing,
        "positions": planes.positions,
        "first_position": first.origin,
        **pixels,
    }
