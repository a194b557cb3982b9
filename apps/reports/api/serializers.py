"""The forms of reports in the REST API's schema, and what is asked of them."""

from typing import Any

from rest_framework import serializers

from apps.archive.models import TEXT_LENGTH, UID_LENGTH
from apps.core.serializers import CamelCaseSerializer
from apps.reports.api.fields import LARGEST, KeyImageSerializer
from apps.reports.models import Status
from apps.reports.models.templates import IDENTIFIER_LENGTH


class ReportFilters(CamelCaseSerializer):
    """`study`: Study Instance UID or number."""

    study = serializers.CharField(max_length=UID_LENGTH, required=False)
    status = serializers.ChoiceField(Status.choices, required=False)


class NewReportSerializer(CamelCaseSerializer):
    """`study`: Study Instance UID or number. `template`: number or identifier; left out, the best for the study."""

    study = serializers.CharField(max_length=UID_LENGTH)
    template = serializers.CharField(max_length=IDENTIFIER_LENGTH, required=False)


class AmendSerializer(CamelCaseSerializer):
    reason = serializers.CharField(max_length=TEXT_LENGTH)


class DifferenceFilters(CamelCaseSerializer):
    """Numbers of revisions: by default from what was signed last, else the first, to the newest."""

    to = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)

    def get_fields(self) -> dict[str, Any]:
        begin = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
        return {**super().get_fields(), "from": begin}


class TemplateOfReportSerializer(CamelCaseSerializer):
    id = serializers.IntegerField()
    identifier = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()


class PersonSerializer(CamelCaseSerializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ReportSummarySerializer(CamelCaseSerializer):
    """A report in a list. `reason` is why it is, or was last, amended."""

    id = serializers.IntegerField()
    study_instance_uid = serializers.CharField()
    practice = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    revision = serializers.IntegerField()
    language = serializers.CharField()
    template = TemplateOfReportSerializer()
    author = PersonSerializer(allow_null=True)
    reader = PersonSerializer(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    changed_by = PersonSerializer(allow_null=True)
    preliminary_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)


class OtherSerializer(CamelCaseSerializer):
    name = serializers.CharField()
    seen_at = serializers.DateTimeField()


class PresenceSerializer(CamelCaseSerializer):
    """Who else has the report open, and its revision now."""

    others = OtherSerializer(many=True)
    revision = serializers.IntegerField()


class EntrySerializer(CamelCaseSerializer):
    """`isEdited`: it is another value than its source gave."""

    value = serializers.JSONField()
    source: Any = serializers.JSONField(allow_null=True)
    is_confirmed = serializers.BooleanField()
    is_edited = serializers.BooleanField()


class ContentSerializer(CamelCaseSerializer):
    entries = serializers.DictField(child=EntrySerializer())
    measurements = serializers.ListField(child=serializers.IntegerField())
    key_images = serializers.ListField(child=KeyImageSerializer())


class SavedSerializer(CamelCaseSerializer):
    """What a change has come to: `entries` are those that were changed, as they are now."""

    revision = serializers.IntegerField()
    changed_at = serializers.DateTimeField()
    others = OtherSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    entries = serializers.DictField(child=EntrySerializer(allow_null=True))


class SignatureOfReportSerializer(CamelCaseSerializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    credentials = serializers.CharField()
    signed_at = serializers.DateTimeField()
    reason = serializers.CharField()
    digest = serializers.CharField()
    is_stored = serializers.BooleanField()


class StudyReportSerializer(ReportSummarySerializer):
    """A report with all that is needed to write it. `structure` has sections with their items: a section, a field or a
    note each. `missing` are the keys of required fields without an answer. `patient` and `examination` are as DICOM
    writes them."""

    structure = serializers.DictField()
    content = ContentSerializer()
    measurements = serializers.ListField(child=serializers.DictField())
    missing = serializers.ListField(child=serializers.CharField())
    others = OtherSerializer(many=True)
    signatures = SignatureOfReportSerializer(many=True)
    may_write = serializers.BooleanField()
    may_sign = serializers.BooleanField()
    viewer_url = serializers.CharField()
    patient = serializers.DictField(child=serializers.CharField())
    examination = serializers.DictField()


class RevisionSerializer(CamelCaseSerializer):
    number = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    changed_at = serializers.DateTimeField()
    changed_by = PersonSerializer(allow_null=True)


class OneRevisionSerializer(RevisionSerializer):
    content = ContentSerializer()


class PartSerializer(CamelCaseSerializer):
    what = serializers.ChoiceField(["same", "deleted", "inserted"])
    text = serializers.CharField()


class DifferenceSerializer(CamelCaseSerializer):
    """A field whose answer is another one; `html` is the same with `ins` and `del`, escaped."""

    key = serializers.CharField()
    label: Any = serializers.CharField()
    kind = serializers.CharField()
    parts = PartSerializer(many=True)
    html = serializers.CharField()


class DifferencesSerializer(CamelCaseSerializer):
    to = serializers.IntegerField()
    fields_ = DifferenceSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {"from": serializers.IntegerField(), "to": fields["to"], "fields": fields["fields"]}
