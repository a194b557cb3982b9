"""Measurements as the REST API writes them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.archive.api import DicomDate
from apps.archive.viewing import viewer_url
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dicom.sr_tree import Code
from apps.measurements.lines import Line, Point
from apps.measurements.models import Measurement, MeasurementReport


class ConceptSerializer(CamelCaseSerializer):
    """A coded concept (PS3.3 8.8): its meaning, and the code in its scheme."""

    meaning = serializers.CharField()
    value = serializers.CharField()
    scheme = serializers.CharField()


class EvaluationSerializer(CamelCaseSerializer):
    """What the report says of it beside numbers."""

    concept = serializers.CharField()
    text = serializers.CharField()


class MeasurementReportSerializer(CamelCaseModelSerializer):
    """The structured report that it is from. `isVerified` is its Verification Flag (PS3.3 C.17.2)."""

    series_instance_uid = serializers.CharField(source="instance.series.series_instance_uid")
    sop_instance_uid = serializers.CharField(source="instance.sop_instance_uid")

    class Meta:
        model = MeasurementReport
        fields = (
            "series_instance_uid", "sop_instance_uid", "title", "observer", "is_machine_made", "is_verified",
            "verified_by",
        )  # fmt: skip
        read_only_fields = fields


class MeasurementCoordinatesSerializer(CamelCaseSerializer):
    """Where it was drawn (PS3.3 C.18.6, C.18.9): points are column and row in an image, or x, y, z in the patient."""

    graphic_type = serializers.CharField()
    points = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    sop_instance_uid = serializers.CharField()
    frame_number = serializers.IntegerField()
    frame_of_reference_uid = serializers.CharField()


class MeasurementSerializer(CamelCaseModelSerializer):
    """One value of a report (PS3.16 TID 300). The values of one thing have the same `trackingUid`.

    `position` is the middle of where it was drawn, in millimetres of the patient (LPS). `seriesInstanceUid`,
    `sopInstanceUid` and `frameNumber` (0 where the image has one frame) are the image's, or with a `segmentNumber` the
    segmentation's. `coordinates` are the value's own; those of what all values of a group are of come with its first,
    unless they are more than 500 points.
    """

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    study_date = DicomDate(source="study.study_date", read_only=True, allow_null=True)
    practice = serializers.IntegerField(source="study.practice_id")
    patient = serializers.IntegerField(source="study.patient_id")
    patient_id = serializers.CharField(source="study.patient_identifier")
    concept = ConceptSerializer()
    derivation = serializers.SerializerMethodField()
    unit = ConceptSerializer()
    finding = serializers.SerializerMethodField()
    site = serializers.SerializerMethodField()
    evaluations = EvaluationSerializer(many=True)
    coordinates = serializers.SerializerMethodField()
    position = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    report = MeasurementReportSerializer()
    viewer_url = serializers.SerializerMethodField()

    class Meta:
        model = Measurement
        fields = (
            "id", "study_instance_uid", "study_date", "practice", "patient", "patient_id", "group", "tracking_uid",
            "tracking_identifier", "tool", "label", "finding", "site", "concept", "derivation", "value", "unit",
            "evaluations", "series_instance_uid", "sop_instance_uid", "frame_number", "segment_number", "coordinates",
            "position", "measured_at", "report", "viewer_url",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ConceptSerializer(allow_null=True))
    def get_derivation(self, row: Measurement) -> Any:
        return _said(row.derivation)

    @extend_schema_field(ConceptSerializer(allow_null=True))
    def get_finding(self, row: Measurement) -> Any:
        return _said(row.finding)

    @extend_schema_field(ConceptSerializer(allow_null=True))
    def get_site(self, row: Measurement) -> Any:
        return _said(row.site)

    @extend_schema_field(MeasurementCoordinatesSerializer(many=True))
    def get_coordinates(self, row: Measurement) -> Any:
        return row.coordinates

    @extend_schema_field(OpenApiTypes.URI)
    def get_viewer_url(self, row: Measurement) -> str:
        """The viewer with the report in front, which shows the measurement in its image."""
        return viewer_of(row)


class LinePointSerializer(CamelCaseSerializer):
    """A value over time: `at` is when the study was made."""

    at = serializers.DateTimeField()
    value = serializers.FloatField()
    id = serializers.IntegerField(source="measurement.pk")
    study_instance_uid = serializers.CharField(source="measurement.study.study_instance_uid")
    is_verified = serializers.BooleanField(source="measurement.report.is_verified")


class LineSerializer(CamelCaseSerializer):
    """Values of one thing over time, from the oldest study on.

    With a `trackingUid` its reports say that it is one thing; without, it has the same label, finding and site.
    """

    name = serializers.CharField()
    tracking_uid = serializers.CharField(allow_blank=True)
    # It shadows the label that every field has, of which a serializer in no form makes use.
    label = serializers.CharField(source="newest.label", allow_blank=True)  # type: ignore[assignment]
    finding = serializers.SerializerMethodField()
    site = serializers.SerializerMethodField()
    concept = ConceptSerializer(source="newest.concept")
    derivation = serializers.SerializerMethodField()
    unit = ConceptSerializer(source="newest.unit")
    points = serializers.SerializerMethodField()

    @extend_schema_field(ConceptSerializer(allow_null=True))
    def get_finding(self, line: Line) -> Any:
        return _said(line.newest.finding)

    @extend_schema_field(ConceptSerializer(allow_null=True))
    def get_site(self, line: Line) -> Any:
        return _said(line.newest.site)

    @extend_schema_field(ConceptSerializer(allow_null=True))
    def get_derivation(self, line: Line) -> Any:
        return _said(line.newest.derivation)

    @extend_schema_field(LinePointSerializer(many=True))
    def get_points(self, line: Line) -> Any:
        points: tuple[Point, ...] = line.points
        return LinePointSerializer(points, many=True).data


class LinesSerializer(CamelCaseSerializer):
    """`isWhole` is false where older values were left out: of a patient with more than 5000."""

    results = LineSerializer(many=True)
    is_whole = serializers.BooleanField()


def viewer_of(row: Measurement) -> str:
    """The viewer with the measurement's report in front."""
    return viewer_url(row.study.study_instance_uid, row.report.instance.series.series_instance_uid)


def _said(code: Code) -> Any:
    return ConceptSerializer(code).data if code else None
