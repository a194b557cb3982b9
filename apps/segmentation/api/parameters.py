"""What may be asked of the list of segmentations."""

from typing import Final

from rest_framework import serializers

from apps.core.serializers import CamelCaseSerializer

LARGEST: Final = 2**31 - 1


class SegmentationFilters(CamelCaseSerializer):
    """With a study, a series or a volume, the segmentations that came a moment ago are read right then."""

    study = serializers.CharField(required=False, max_length=64, help_text="Study Instance UID")
    series = serializers.CharField(
        required=False, max_length=64, help_text="Series Instance UID of the images, or of the segmentation itself"
    )
    volume = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="`id` in GET /api/volumes: those of its series"
    )
    machine = serializers.BooleanField(required=False, help_text="Made by a machine, or drawn by people alone")


class NoParameters(CamelCaseSerializer):
    """Of an address that takes none."""
