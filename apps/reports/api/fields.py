"""What reports' content looks like in requests: as it is kept, bounded, and checked for its form alone."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.archive.models import UID_LENGTH
from apps.core.serializers import CamelCaseSerializer
from apps.reports.content.changing import Change, EntryChange
from apps.reports.content.checking import (
    MOST_CHARACTERS,
    MOST_ENTRIES,
    MOST_KEY_IMAGES,
    MOST_MEASUREMENTS,
    cleaned,
)
from apps.reports.content.entries import Answer, KeyImage, Source, SourceKind

KEY_LENGTH: Final = 200
SAID_LENGTH: Final = 500
LARGEST: Final = 2**31 - 1
# Of a choice: more options than a template may have.
MOST_CHOSEN: Final = 1000


@extend_schema_field(
    {"oneOf": [{"type": "string", "maxLength": MOST_CHARACTERS}, {"type": "array", "items": {"type": "string"}}]}
)
class AnswerField(serializers.Field[Answer, Any, Any, Any]):
    """A text, or a list of the chosen options' values."""

    default_error_messages = {
        "form": "This is a text, or a list of texts.",
        "long": "This is too long.",
    }

    def to_internal_value(self, data: Any) -> Answer:
        if isinstance(data, str):
            return self._bounded(data)
        if not isinstance(data, list) or not all(isinstance(each, str) for each in data):
            self.fail("form")
        if len(data) > MOST_CHOSEN:
            self.fail("long")
        return self._bounded(tuple(data))

    def to_representation(self, value: Answer) -> Any:
        return value if isinstance(value, str) else list(value)

    def _bounded(self, value: Answer) -> Any:
        if (len(value) if isinstance(value, str) else sum(map(len, value))) > MOST_CHARACTERS:
            self.fail("long")
        return cleaned(value)


class EntrySourceSerializer(CamelCaseSerializer):
    """Where a value came from. `filled` is the value as it came, `link` an address on this site that shows it."""

    kind = serializers.ChoiceField([each.value for each in SourceKind])
    said = serializers.CharField(max_length=SAID_LENGTH)
    filled = AnswerField(default="")
    reference = serializers.CharField(max_length=SAID_LENGTH, default="", allow_blank=True)
    link = serializers.RegexField(r"^(/(?![/\\]).*)?$", max_length=SAID_LENGTH, default="", allow_blank=True)

    def to_internal_value(self, data: Any) -> Source:
        given = super().to_internal_value(data)
        return Source(SourceKind(given.pop("kind")), **given)


class EntryChangeSerializer(CamelCaseSerializer):
    """What is said of a field. What is left out stays as it is; `source` null is for what a person has typed."""

    value = AnswerField(required=False)
    source: Any = EntrySourceSerializer(required=False, allow_null=True)
    is_confirmed = serializers.BooleanField(required=False)

    def to_internal_value(self, data: Any) -> EntryChange:
        given = super().to_internal_value(data)
        return EntryChange(**given, has_source="source" in given)


class KeyImageSerializer(CamelCaseSerializer):
    """A picture in the report. `frame` counts from 1; `center` and `width` are the window, null for the image's own."""

    study_instance_uid = serializers.CharField(source="study_uid", max_length=UID_LENGTH)
    series_instance_uid = serializers.CharField(source="series_uid", max_length=UID_LENGTH)
    sop_class_uid = serializers.CharField(max_length=UID_LENGTH)
    sop_instance_uid = serializers.CharField(max_length=UID_LENGTH)
    frame = serializers.IntegerField(min_value=1, max_value=LARGEST, default=1)
    center = serializers.FloatField(min_value=-1e9, max_value=1e9, default=None, allow_null=True)
    width = serializers.FloatField(min_value=1e-6, max_value=1e9, default=None, allow_null=True)
    caption = serializers.CharField(max_length=SAID_LENGTH, default="", allow_blank=True)
    has_annotations = serializers.BooleanField(default=True)

    def to_internal_value(self, data: Any) -> KeyImage:
        given = super().to_internal_value(data)
        return KeyImage(**{**given, "caption": cleaned(given["caption"])})


class ChangeSerializer(CamelCaseSerializer):
    """A change of a report that was read in this `revision`. An entry that is null goes; measurements and key images
    are all of them."""

    revision = serializers.IntegerField(min_value=1, max_value=LARGEST)
    entries = serializers.DictField(child=EntryChangeSerializer(allow_null=True), required=False)
    measurements = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST), max_length=MOST_MEASUREMENTS, required=False
    )
    key_images = serializers.ListField(child=KeyImageSerializer(), max_length=MOST_KEY_IMAGES, required=False)
    reader = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False, allow_null=True)

    def validate_entries(self, value: dict[str, Any]) -> dict[str, Any]:
        if len(value) > MOST_ENTRIES or any(len(key) > KEY_LENGTH for key in value):
            raise serializers.ValidationError(f"At most {MOST_ENTRIES}, with keys of {KEY_LENGTH} characters.")
        return value

    @property
    def change(self) -> Change:
        given = self.validated_data
        measurements, key_images = given.get("measurements"), given.get("key_images")
        return Change(
            entries=given.get("entries", {}),
            measurements=None if measurements is None else tuple(measurements),
            key_images=None if key_images is None else tuple(key_images),
        )
