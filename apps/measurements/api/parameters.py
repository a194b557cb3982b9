"""What may be asked of measurements."""

from enum import StrEnum
from typing import Final

from rest_framework import serializers

from apps.archive.models import UID_LENGTH
from apps.core.serializers import CamelCaseSerializer
from apps.measurements.models import CODE_LENGTH, TOOL_LENGTH

LARGEST: Final = 2**31 - 1


class Form(StrEnum):
    """How a list is given; without the parameter, Accept decides."""

    JSON = "json"
    CSV = "csv"


class MeasurementFilters(CamelCaseSerializer):
    """With a study or a patient, reports that have come are read right then."""

    patient = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, source="study__patient", help_text="As in GET /api/patients."
    )
    study = serializers.CharField(
        required=False, max_length=UID_LENGTH, source="study__study_instance_uid", help_text="Study Instance UID"
    )
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, source="study__practice_id")
    tracking = serializers.CharField(
        required=False, max_length=UID_LENGTH, source="tracking_uid", help_text="Tracking Unique Identifier"
    )
    concept = serializers.CharField(
        required=False, max_length=CODE_LENGTH, source="concept_value",
        help_text="The code of what is measured, such as 410668003 (SCT, Length)",
    )  # fmt: skip
    unit = serializers.CharField(
        required=False, max_length=CODE_LENGTH, source="unit_value", help_text="In UCUM, such as mm"
    )
    tool = serializers.CharField(required=False, max_length=TOOL_LENGTH)
    # No default of False: a box that is not there asks for nothing.
    verified = serializers.BooleanField(required=False, allow_null=True, default=None, source="report__is_verified")
    after = serializers.DateTimeField(required=False, source="measured_at__gt", help_text="Measured after this moment")
    format = serializers.ChoiceField(
        [each.value for each in Form], required=False, help_text="Without it, Accept decides; else JSON."
    )


class LineFilters(CamelCaseSerializer):
    """Whose values over time."""

    patient = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text="As in GET /api/patients.")
