"""What a caller says of a file that it brings: whose it is, what it shows, and when that was."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.serializers import CamelCaseSerializer
from apps.practice.models import Lead, XrayType
from apps.practice.models.xrays import NOTES_LENGTH, TEETH_LENGTH, USER_ID_LENGTH
from apps.saying import say

FIRST_YEAR, LAST_YEAR = 1895, 2999
_DAYS_WANTED: Final = say("Write a date such as 2024-01-31, or a date and time such as 2024-01-31T09:30.")


@dataclass(frozen=True, slots=True)
class Declared:
    """What was said of one file; what is None or empty was not said. `lead` is one of the practice's, and alive."""

    lead: Lead | None = None
    kind: XrayType | None = None
    taken_at: datetime | None = None
    teeth: str = ""
    notes: str = ""
    user_id: str = ""


@extend_schema_field(OpenApiTypes.STR)
class DateTakenField(serializers.Field[datetime, Any, str, Any]):
    """A date or a moment, by the server's clock where no offset is given."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            day = parse_date(data) if isinstance(data, str) else None
            moment = datetime.combine(day, time()) if day else parse_datetime(data) if isinstance(data, str) else None
        except ValueError:
            moment = None
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise serializers.ValidationError(_DAYS_WANTED)
        return make_aware(moment) if is_naive(moment) else moment

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class FactsSerializer(CamelCaseSerializer):
    """Whose the files are, who took them, what they show and when that was."""

    lead_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, help_text="Whose it is.")
    user_id = serializers.CharField(
        required=False, allow_blank=True, max_length=USER_ID_LENGTH, help_text="What your system calls its user."
    )
    xray_type = serializers.ChoiceField(XrayType.choices, required=False)
    date_taken = DateTakenField(required=False)
    teeth = serializers.CharField(
        required=False, allow_blank=True, max_length=TEETH_LENGTH, help_text="FDI numbers, such as 16, 17."
    )
    notes = serializers.CharField(required=False, allow_blank=True, max_length=NOTES_LENGTH)
