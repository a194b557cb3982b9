"""Analyses and their kinds as the REST API writes them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.analysis import kinds
from apps.analysis.describing import schema_of
from apps.analysis.kinds import Kind
from apps.analysis.models import KIND_LENGTH, REMARK_LENGTH, Analysis, Verdict
from apps.analysis.results import is_outdated
from apps.archive.viewing import viewer_url
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.jobs.api import ProgressSerializer
from apps.jobs.models import State

LARGEST = 2**31 - 1


class AnalysisKindSerializer(CamelCaseSerializer):
    """A kind of analysis: `parameters` is a JSON Schema of what may be asked of it."""

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    code_version = serializers.IntegerField()
    parameters = serializers.SerializerMethodField()

    def get_title(self, kind: Kind) -> str:
        return translated(kind.title)

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_parameters(self, kind: Kind) -> dict[str, Any]:
        return schema_of(kind.parameters())


class InputFlagSerializer(CamelCaseSerializer):
    flag = serializers.CharField()
    text = serializers.CharField(help_text="For a person.")


class AnalysisInputsSerializer(CamelCaseSerializer):
    """What the result was worked out of; `digest` is SHA-256 over the hashes of the objects."""

    series_instance_uids = serializers.ListField(child=serializers.CharField())
    digest = serializers.CharField()


class AnalysisSerializer(CamelCaseModelSerializer):
    """An analysis: what was asked, how far it is (`state`, `progress`), and the result of the last run that was stored.

    `error` says why the last run failed. `isQuantifiable` is false where one of the `flags` of the images forbids to
    measure in the result. `viewerUrl` opens the result in the viewer. `verdict` is what a person says of what a machine
    has found: unverified until it is accepted or rejected; empty where it has found nothing.
    """

    study_instance_uid = serializers.CharField(source="study.study_instance_uid", read_only=True)
    practice = serializers.IntegerField(source="study.practice_id", read_only=True)
    title = serializers.SerializerMethodField()
    parameters = serializers.SerializerMethodField()
    state = serializers.ChoiceField(State.choices, read_only=True)
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    inputs = serializers.SerializerMethodField()
    flags = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    series_instance_uids = serializers.ListField(child=serializers.CharField(), read_only=True)
    viewer_url = serializers.SerializerMethodField()
    job_id = serializers.IntegerField(read_only=True, allow_null=True, help_text="null once its row is removed.")
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True, read_only=True)
    verdict = serializers.ChoiceField(Verdict.choices, allow_blank=True, read_only=True)
    judged_by = serializers.CharField(source="judged_by.username", default=None, allow_null=True, read_only=True)

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = (
            "id", "study_instance_uid", "practice", "kind", "title", "parameters", "state", "progress", "error", "run",
            "series_instance_uids", "instance_count", "viewer_url", "flags", "is_quantifiable", "summary", "inputs",
            "code_version", "software_version", "job_id", "requested_by", "asked_at", "stored_at",
            "verdict", "judged_by", "judged_at", "remark",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields

    def get_title(self, row: Analysis) -> str:
        return title_of(row)

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_parameters(self, row: Analysis) -> Any:
        return row.parameters

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, row: Analysis) -> Any:
        return ProgressSerializer(row.job).data if row.job else None

    def get_error(self, row: Analysis) -> str:
        return translated(row.error)

    @extend_schema_field(AnalysisInputsSerializer(allow_null=True))
    def get_inputs(self, row: Analysis) -> Any:
        return row.inputs or None

    @extend_schema_field(InputFlagSerializer(many=True))
    def get_flags(self, row: Analysis) -> Any:
        return flags_of(row)

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_summary(self, row: Analysis) -> Any:
        return row.summary

    @extend_schema_field(OpenApiTypes.URI)
    def get_viewer_url(self, row: Analysis) -> str | None:
        """Where nothing is stored yet there is none."""
        address = viewer_url_of(row)
        request = self.context.get("request")
        return request.build_absolute_uri(address) if address and request else address


class OneAnalysisSerializer(AnalysisSerializer):
    """The same, and whether the images or the code have changed since, so that a run would give another result."""

    is_outdated = serializers.SerializerMethodField()

    class Meta(AnalysisSerializer.Meta):
        fields = (*AnalysisSerializer.Meta.fields, "is_outdated")
        read_only_fields = fields

    def get_is_outdated(self, row: Analysis) -> bool:
        return is_outdated(row)


class AskedSerializer(AnalysisSerializer):
    """The same, and whether a run was begun: one that is at work, and a result that is current, are given back."""

    is_started = serializers.SerializerMethodField()

    class Meta(AnalysisSerializer.Meta):
        fields = (*AnalysisSerializer.Meta.fields, "is_started")
        read_only_fields = fields

    def get_is_started(self, row: Analysis) -> bool:
        return bool(self.context["is_started"])


class NewAnalysisSerializer(CamelCaseSerializer):
    """What is asked: a kind of `GET /api/analyses/kinds` with its parameters; what is left out has its default."""

    kind = serializers.CharField(max_length=KIND_LENGTH)
    parameters = serializers.DictField(required=False, default=dict, help_text="As the kind's JSON Schema says.")
    again = serializers.BooleanField(
        required=False, default=False, help_text="Run it although a run would give what is stored."
    )


class VerdictSerializer(CamelCaseSerializer):
    """What a person says with it; of patients no more than must be."""

    remark = serializers.CharField(required=False, allow_blank=True, default="", max_length=REMARK_LENGTH)


class AnalysisFilters(CamelCaseSerializer):
    kind = serializers.CharField(required=False, max_length=KIND_LENGTH)
    state = serializers.ChoiceField(State.choices, required=False)
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, source="study__practice_id")
    job_id = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    asked_after = serializers.DateTimeField(required=False, source="asked_at__gt")
    is_quantifiable = serializers.BooleanField(required=False, default=None, allow_null=True)
    verdict = serializers.ChoiceField(Verdict.choices, required=False)


def title_of(row: Analysis) -> str:
    """What people call its kind; the bare name of one that is no longer here."""
    kind = kinds.find(row.kind)
    return translated(kind.title) if kind else row.kind


def flags_of(row: Analysis) -> list[dict[str, str]]:
    """The flags of what it was worked out of, with their words."""
    kind = kinds.find(row.kind)
    return [{"flag": flag, "text": translated(kind.flag_text(flag)) if kind else flag} for flag in row.flags]


def viewer_url_of(row: Analysis) -> str | None:
    """The viewer with the result in front; None where there is none."""
    if not row.series_instance_uids:
        return None
    return viewer_url(row.study.study_instance_uid, row.series_instance_uids[0])
