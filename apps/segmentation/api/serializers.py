"""Segmentations as the REST API writes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.analysis.models import Analysis
from apps.archive.viewing import viewer_url
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.segmentation.models import Segmentation, SegmentRow


class SegmentCodeSerializer(CamelCaseSerializer):
    """A coded concept (PS3.3 8.8); empty texts where the object has none."""

    value = serializers.CharField(default="")
    scheme = serializers.CharField(default="")
    meaning = serializers.CharField(default="")


class SegmentAlgorithmSerializer(CamelCaseSerializer):
    """What made the segment; `isAutomatic` is false where a person had a part in it (SEMIAUTOMATIC)."""

    name = serializers.CharField()
    version = serializers.CharField()
    is_automatic = serializers.BooleanField()


class SegmentSerializer(CamelCaseModelSerializer):
    """A segment (PS3.3 C.8.20.2). `algorithm` is null where a person drew it; `colour` is RGB as in #c8a078."""

    category = SegmentCodeSerializer()
    type = SegmentCodeSerializer()
    modifier = SegmentCodeSerializer()
    anatomy = SegmentCodeSerializer()
    algorithm = SegmentAlgorithmSerializer(allow_null=True)

    class Meta:
        model = SegmentRow
        fields = (
            "number", "label", "category", "type", "modifier", "anatomy", "algorithm", "colour", "tracking_uid",
            "tracking_identifier",
        )  # fmt: skip
        read_only_fields = fields


class MadeBySerializer(CamelCaseModelSerializer):
    """The analysis that made it, and what people say of that: empty, `unverified`, `accepted`, `rejected`."""

    verdict = serializers.CharField()

    class Meta:
        model = Analysis
        fields = ("id", "kind", "verdict")
        read_only_fields = fields


class SegmentationLinksSerializer(CamelCaseSerializer):
    """Addresses on this server: its own, the viewer's with the images under it, and the analysis'."""

    segmentation = serializers.CharField()
    viewer = serializers.CharField()
    analysis = serializers.CharField(allow_null=True)


class SegmentationSerializer(CamelCaseModelSerializer):
    """A stored segmentation. `editedFrom` is the one that somebody has edited to make it, where that can be told."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    series_instance_uid = serializers.CharField(source="instance.series.series_instance_uid")
    sop_instance_uid = serializers.CharField(source="instance.sop_instance_uid")
    sop_class_uid = serializers.CharField(source="instance.sop_class_uid")
    source_series_instance_uid = serializers.CharField(source="source_series_uid")
    received_at = serializers.DateTimeField(source="instance.received_at")
    practice = serializers.IntegerField(source="study.practice_id")
    edited_from = serializers.IntegerField(source="edited_from_id", allow_null=True)
    analysis = serializers.SerializerMethodField()
    segments = SegmentSerializer(many=True)
    links = serializers.SerializerMethodField()

    class Meta:
        model = Segmentation
        fields = (
            "id", "study_instance_uid", "series_instance_uid", "sop_instance_uid", "sop_class_uid",
            "source_series_instance_uid", "label", "description", "is_labelmap", "is_machine_made", "analysis",
            "edited_from", "segments", "received_at", "practice", "links",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(MadeBySerializer(allow_null=True))
    def get_analysis(self, row: Segmentation) -> Any:
        found = self.context["analyses"].get(row.pk)
        return MadeBySerializer(found).data if found else None

    @extend_schema_field(SegmentationLinksSerializer)
    def get_links(self, row: Segmentation) -> dict[str, str | None]:
        analysis = self.context["analyses"].get(row.pk)
        return {
            "segmentation": f"/api/segmentations/{row.pk}",
            "viewer": viewer_url(row.study.study_instance_uid, row.source_series_uid),
            "analysis": f"/api/analyses/{analysis.pk}" if analysis else None,
        }
