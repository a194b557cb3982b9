"""Lesions, their findings and assessments as the REST API writes them."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.archive.api import DicomDate
from apps.archive.models import UID_LENGTH
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.lesions.history import Visit, best_so_far, when
from apps.lesions.models import NAME_LENGTH, FoundAs, Lesion, LesionFinding, Role
from apps.lesions.organs import Organ
from apps.lesions.recist.responses import WORDS, Response

LARGEST: Final = 2**31 - 1
CRITERIA: Final = "RECIST 1.1"
# Six weeks: what the paper names as usual (4.6).
STABLE_DAYS: Final = 42


class LesionFindingSerializer(CamelCaseModelSerializer):
    """How a lesion was found in a study. `size` (mm) is what counts of it: the longest diameter, of a node the short
    axis. `trackingUid` is that of the measurement (`GET /api/measurements`) it is from."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    study_date = DicomDate(source="study.study_date", allow_null=True)
    diameter = serializers.FloatField(source="diameter_mm", allow_null=True)
    short_axis = serializers.FloatField(source="short_axis_mm", allow_null=True)
    size = serializers.FloatField(source="size_mm", allow_null=True)
    position = serializers.ListField(
        source="point", child=serializers.FloatField(), allow_null=True, help_text="In the patient (LPS, mm)"
    )
    noted_by = serializers.CharField(source="noted_by.username", default=None, allow_null=True)

    class Meta:
        model = LesionFinding
        fields = (
            "study_instance_uid", "study_date", "state", "size", "diameter", "short_axis", "tracking_uid",
            "series_instance_uid", "sop_instance_uid", "frame_number", "position", "noted_by", "noted_at",
        )  # fmt: skip
        read_only_fields = fields


class LesionSerializer(CamelCaseModelSerializer):
    """A lesion of a patient, how it was found in each study that the caller sees, and where it was first recorded.

    `trackingUid` is that of its measurements in structured reports, in all studies.
    """

    patient = serializers.IntegerField(source="study.patient_id")
    practice = serializers.IntegerField(source="study.practice_id")
    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    findings = serializers.SerializerMethodField()

    class Meta:
        model = Lesion
        fields = (
            "id", "patient", "practice", "study_instance_uid", "tracking_uid", "name", "organ", "is_node", "role",
            "made_at", "findings",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(LesionFindingSerializer(many=True))
    def get_findings(self, lesion: Lesion) -> Any:
        seen: set[int] = self.context["studies"]
        found = sorted((each for each in lesion.findings.all() if each.study_id in seen), key=_when)
        return LesionFindingSerializer(found, many=True).data


class LesionFilters(CamelCaseSerializer):
    """Whose lesions: one of the two."""

    patient = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="As in GET /api/patients."
    )
    study = serializers.CharField(
        required=False, max_length=UID_LENGTH, help_text="Study Instance UID: the lesions of its patient"
    )


class _FoundSerializer(CamelCaseSerializer):
    """By which measurement of the study it was measured, or how else it was found."""

    measurement = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="A length in millimetres of GET /api/measurements."
    )
    state = serializers.ChoiceField(FoundAs.choices, required=False)


class NewLesionSerializer(_FoundSerializer):
    """A lesion that was seen in a study. `name` and `organ` are the measurement's label and site where left out."""

    study = serializers.CharField(max_length=UID_LENGTH, help_text="Study Instance UID")
    role = serializers.ChoiceField(Role.choices)
    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    organ = serializers.ChoiceField(Organ.choices, required=False)
    is_node = serializers.BooleanField(required=False, help_text="Of the organ lymph-node it is, if left out.")


class ChangedLesionSerializer(CamelCaseSerializer):
    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    organ = serializers.ChoiceField(Organ.choices, required=False)
    is_node = serializers.BooleanField(required=False)
    role = serializers.ChoiceField(Role.choices, required=False)


class NewFindingSerializer(_FoundSerializer):
    """How a lesion was found in another study."""


class JoinSerializer(CamelCaseSerializer):
    """The lesion that turns out to be the same one, and is gone then."""

    lesion = serializers.IntegerField(min_value=1, max_value=LARGEST)


class AssessmentFilters(CamelCaseSerializer):
    study = serializers.CharField(max_length=UID_LENGTH, help_text="Study Instance UID")
    stable_days = serializers.IntegerField(
        required=False, min_value=0, max_value=3650, default=STABLE_DAYS,
        help_text="How many days after baseline stable disease counts as such, as the protocol says",
    )  # fmt: skip


class ResponseSerializer(CamelCaseSerializer):
    """A response: CR, PR, SD, PD, NE or Non-CR/Non-PD, and what people call it."""

    response = serializers.ChoiceField([each.value for each in Response])
    text = serializers.CharField()


class VisitSerializer(CamelCaseSerializer):
    """The assessment of one study. Sums are of the target lesions' sizes, in millimetres; changes are in percent.

    `nadir` is the smallest sum of the studies before this one. The responses are null at baseline, and `target` or
    `nonTarget` where there are no such lesions.
    """

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    study_date = DicomDate(source="study.study_date", allow_null=True)
    sum = serializers.FloatField(source="assessment.sum_mm", allow_null=True)
    baseline = serializers.FloatField(source="assessment.baseline_mm", allow_null=True)
    nadir = serializers.FloatField(source="assessment.nadir_mm", allow_null=True)
    change_since_baseline = serializers.FloatField(source="assessment.of_baseline", allow_null=True)
    change_since_nadir = serializers.FloatField(source="assessment.of_nadir", allow_null=True)
    has_new = serializers.BooleanField(source="assessment.has_new")
    target = serializers.SerializerMethodField()
    non_target = serializers.SerializerMethodField()
    overall = serializers.SerializerMethodField()

    @extend_schema_field(ResponseSerializer(allow_null=True))
    def get_target(self, visit: Visit) -> Any:
        return _said(visit.assessment.target)

    @extend_schema_field(ResponseSerializer(allow_null=True))
    def get_non_target(self, visit: Visit) -> Any:
        return _said(visit.assessment.non_target)

    @extend_schema_field(ResponseSerializer(allow_null=True))
    def get_overall(self, visit: Visit) -> Any:
        return _said(visit.assessment.overall)


class AssessmentSerializer(VisitSerializer):
    """The assessment of the study asked about; `visits` are those of all studies up to it, from baseline on.

    `best` is the best overall response so far where responses are to be confirmed; null at baseline, without targets,
    and where a study has no date.
    """

    criteria = serializers.SerializerMethodField()
    best = serializers.SerializerMethodField()
    visits = serializers.SerializerMethodField()

    def get_criteria(self, visit: Visit) -> str:
        return CRITERIA

    @extend_schema_field(ResponseSerializer(allow_null=True))
    def get_best(self, visit: Visit) -> Any:
        return _said(best_so_far(self.context["history"].until(visit), self.context["stable_days"]))

    @extend_schema_field(VisitSerializer(many=True))
    def get_visits(self, visit: Visit) -> Any:
        return VisitSerializer(self.context["history"].until(visit), many=True).data


def _when(finding: LesionFinding) -> tuple[str, str, int]:
    return when(finding.study)


def _said(response: Response | None) -> Any:
    if response is None:
        return None
    return ResponseSerializer({"response": response.value, "text": translated(WORDS[response])}).data
