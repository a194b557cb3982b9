"""Report templates as the REST API writes them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.models import Practice
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.models.templates import IDENTIFIER_LENGTH
from apps.reports.mrrt import limits

LARGEST = 2**31 - 1


class TemplateVersionSerializer(CamelCaseModelSerializer):
    """A version of a template: `digest` is the SHA-256 of its source."""

    made_by = serializers.CharField(source="made_by.username", default=None, allow_null=True)

    class Meta:
        model = TemplateVersion
        fields = ("number", "digest", "made_at", "made_by")
        read_only_fields = fields


class TemplateSerializer(CamelCaseModelSerializer):
    """A template; `practice` is null for one of the product's, which stays as it is."""

    class Meta:
        model = ReportTemplate
        fields = ("id", "practice", "identifier", "title", "language", "modalities", "is_retired")
        read_only_fields = fields


class OneTemplateSerializer(TemplateSerializer):
    """A template with its versions, the newest first."""

    versions = serializers.SerializerMethodField()

    class Meta:
        model = ReportTemplate
        fields = (*TemplateSerializer.Meta.fields, "versions")
        read_only_fields = fields

    @extend_schema_field(TemplateVersionSerializer(many=True))
    def get_versions(self, template: ReportTemplate) -> list[dict[str, Any]]:
        rows = template.versions.select_related("made_by").defer("source").order_by("-number")
        return list(TemplateVersionSerializer(rows[:100], many=True).data)


class TemplateFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    modality = serializers.RegexField(r"^[A-Z][A-Z0-9_]{1,15}$", required=False, help_text="Such as CT")
    identifier = serializers.CharField(required=False, max_length=IDENTIFIER_LENGTH)
    is_retired = serializers.BooleanField(required=False)


class SourceFilters(CamelCaseSerializer):
    version = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)


class TemplateSourceSerializer(CamelCaseSerializer):
    """A template's source: MRRT (HTML5)."""

    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        max_length=limits.SOURCE_BYTES, trim_whitespace=False
    )  # fmt: skip


class NewTemplateSerializer(TemplateSourceSerializer):
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.none())


class TemplateImportSerializer(CamelCaseSerializer):
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.none())
    file = serializers.FileField(max_length=255)


class ChangedTemplateSerializer(CamelCaseSerializer):
    is_retired = serializers.BooleanField()


class TemplateProblemSerializer(CamelCaseSerializer):
    """What is wrong, or left out, and the line of the source that it is in."""

    text = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)


class PreviewSerializer(CamelCaseSerializer):
    html = serializers.CharField()
    problems = TemplateProblemSerializer(many=True)
    left_out = TemplateProblemSerializer(many=True)
