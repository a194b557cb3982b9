"""Recordings as the REST API writes them."""

from typing import Any, Final

from rest_framework import serializers

from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.video.live.addresses import LONGEST
from apps.video.live.models import NAME_LENGTH, Recording, RecordingSegment, RecordingState
from apps.video.live.ordering import MOST_CAMERAS
from apps.video.wishes import LARGEST, WishesSerializer

SHORTEST_SEGMENT: Final = 10
LONGEST_SEGMENT: Final = 3600
USUAL_SEGMENT: Final = 300
USUAL_LENGTH: Final = 4 * 3600
LONGEST_RECORDING: Final = 24 * 3600


class CameraSourceSerializer(CamelCaseSerializer):
    """A camera: `address` such as `rtsp://user:password@10.0.4.7/stream1`, within FOVEA_RECORDING_NETWORKS."""

    address = serializers.CharField(max_length=LONGEST, write_only=True)
    name = serializers.CharField(max_length=NAME_LENGTH, required=False, default="", allow_blank=True)


class NewRecordingSerializer(WishesSerializer):
    """What is to be recorded. Several `cameras` make a series each, in one study and on one clock (C.7.4.2).

    The film is cut into instances at the first key picture after `segmentSeconds`. Whose it is and how it is converted
    is said as with a video that is brought: by `step`, say; `metadata` is a sidecar.
    """

    cameras = serializers.ListField(child=CameraSourceSerializer(), min_length=1, max_length=MOST_CAMERAS)
    segment_seconds = serializers.IntegerField(
        min_value=SHORTEST_SEGMENT, max_value=LONGEST_SEGMENT, default=USUAL_SEGMENT
    )
    most_seconds = serializers.IntegerField(
        min_value=1, max_value=LONGEST_RECORDING, default=USUAL_LENGTH, help_text="After so many it ends by itself."
    )
    practice = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    metadata = serializers.JSONField(required=False)


OWN: Final = frozenset({"cameras", "segmentSeconds", "mostSeconds", "practice", "metadata"})


class RecordingSegmentSerializer(CamelCaseModelSerializer):
    """An instance of a recording: `video` is how its conversion goes (`/api/videos/{video}`)."""

    video: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )

    class Meta:
        model = RecordingSegment
        fields: tuple[str, ...] = ("number", "started_at", "size", "sop_instance_uid", "video")
        read_only_fields = fields


class RecordingSerializer(CamelCaseModelSerializer):
    """A recording. `reason` says what is the matter, where something is; `place` is the source without its secrets."""

    practice = serializers.IntegerField(source="practice_id")
    step: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    reason = serializers.SerializerMethodField()

    class Meta:
        model = Recording
        fields: tuple[str, ...] = (
            "id", "practice", "name", "place", "state", "reason", "step", "segment_seconds", "most_seconds", "pictures",
            "bytes", "connections", "study_instance_uid", "series_instance_uid", "synchronization_uid", "requested_by",
            "created_at", "started_at", "heard_at", "stop_requested_at", "ended_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_reason(self, recording: Recording) -> str:
        return translated(recording.reason)


class OneRecordingSerializer(RecordingSerializer):
    """With its instances, in their order."""

    segments = RecordingSegmentSerializer(many=True, read_only=True)

    class Meta(RecordingSerializer.Meta):
        fields = (*RecordingSerializer.Meta.fields, "segments")
        read_only_fields = fields


class RecordingFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    step = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(RecordingState.choices, required=False)
