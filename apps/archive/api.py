"""Studies in the REST API, to be read: finding one by what the practice knows, and what it holds."""

from datetime import date, time
from typing import Any

from django.db.models import Case, Prefetch, Q, QuerySet, When
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive import labels
from apps.archive.corrections import verbs
from apps.archive.corrections.requests import StudyEdit
from apps.archive.growing import modalities_of
from apps.archive.models import TEXT_LENGTH, Series, Study, StudyLabel
from apps.archive.viewing import viewer_url
from apps.core.errors import NotFound
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dicom.names import fold
from apps.dicom.uids import is_valid_uid
from apps.saying import say


@extend_schema_field(OpenApiTypes.DATE)
class DicomDate(serializers.Field[str, str, str | None, str]):
    """A DA value (PS3.5 6.2) as an ISO date; null where it is empty or none."""

    def to_representation(self, value: str) -> str | None:
        try:
            return date.fromisoformat(value).isoformat() if value.isdigit() else None
        except ValueError:
            return None


@extend_schema_field(OpenApiTypes.TIME)
class DicomTime(serializers.Field[str, str, str | None, str]):
    """A TM value as an ISO time, to the second; null where it is empty or none."""

    def to_representation(self, value: str) -> str | None:
        digits = value.partition(".")[0]
        try:
            return time.fromisoformat(digits).isoformat() if digits.isdigit() else None
        except ValueError:
            return None


class SeriesSerializer(CamelCaseModelSerializer):
    class Meta:
        model = Series
        fields = (
            "series_instance_uid",
            "series_number",
            "modality",
            "series_description",
            "body_part_examined",
            "instance_count",
            "size",
            "received_at",
        )


class StudySerializer(CamelCaseModelSerializer):
    """A study. Names are as DICOM writes them (`Doe^Jane`), sizes in bytes."""

    study_date = DicomDate(read_only=True, allow_null=True)
    study_time = DicomTime(read_only=True, allow_null=True)
    patient_id = serializers.CharField(source="patient_identifier")
    patient_birth_date = DicomDate(read_only=True, allow_null=True)
    modalities = serializers.SerializerMethodField()
    practice = serializers.IntegerField(source="practice_id")
    viewer_url = serializers.SerializerMethodField()
    labels = serializers.SerializerMethodField()

    class Meta:
        model = Study
        fields: tuple[str, ...] = (
            "study_instance_uid",
            "study_date",
            "study_time",
            "accession_number",
            "study_id",
            "study_description",
            "modalities",
            "referring_physician_name",
            "patient_name",
            "patient_id",
            "patient_id_issuer",
            "patient_birth_date",
            "patient_sex",
            "series_count",
            "instance_count",
            "size",
            "source",
            "practice",
            "received_at",
            "updated_at",
            "viewer_url",
            "labels",
        )

    def get_labels(self, study: Study) -> list[str]:
        return sorted(label.name for label in study.labels.all())

    def get_modalities(self, study: Study) -> list[str]:
        return sorted(modalities_of(study.modalities))

    def get_viewer_url(self, study: Study) -> str:
        return viewer_url(study.study_instance_uid)


class StudyDetailSerializer(StudySerializer):
    """A study with its series, in their order."""

    series = SeriesSerializer(many=True)

    class Meta(StudySerializer.Meta):
        fields = (*StudySerializer.Meta.fields, "series")


class LabelSerializer(CamelCaseSerializer):
    """A label of the studies in sight."""

    name = serializers.CharField()
    studies = serializers.IntegerField()


class StudyFilters(CamelCaseSerializer):
    """`patientName` finds the names that hold each of its words, whatever their case and accents; the rest is exact."""

    patient_name = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    patient_id = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    study_date_from = serializers.DateField(required=False)
    study_date_to = serializers.DateField(required=False)
    modality = serializers.CharField(required=False, max_length=16)
    accession_number = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    label = serializers.CharField(required=False, max_length=labels.MAX_LENGTH)  # type: ignore[assignment]
    patient_birth_date = serializers.DateField(required=False)
    study_description = serializers.CharField(required=False, max_length=TEXT_LENGTH, help_text="All of its words.")
    received_after = serializers.DateTimeField(required=False, help_text="For what came since one asked last.")


_EXACT = {
    "patient_id": "patient_identifier",
    "accession_number": "accession_number",
    "received_after": "received_at__gt",
}
_DAYS = {
    "study_date_from": "study_date__gte",
    "study_date_to": "study_date__lte",
    "patient_birth_date": "patient_birth_date",
}


class StudiesView(ListAPIView[Study]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = StudySerializer
    orderings = {
        "studyDate": "study_date",
        "receivedAt": "received_at",
        "patientName": "patient_name_key",
        "accessionNumber": "accession_number",
    }

    @extend_schema(summary="Studies, newest first", parameters=[StudyFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Study]:
        asked = condition(**filters(self.request, StudyFilters))
        seen = Study.objects.visible_to(principal(self.request))
        return seen.filter(asked).defer("found").prefetch_related("labels")


class StudyView(APIView):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": Permission.EDIT}

    @extend_schema(summary="One study and its series", responses=StudyDetailSerializer)
    def get(self, request: Request, uid: str) -> Response:
        """The active practice's, where several have a study of this UID."""
        return _study(principal(request), uid)

    @extend_schema(summary="Correct what a study says", request=StudyEdit, responses=StudyDetailSerializer)
    def patch(self, request: Request, uid: str) -> Response:
        """What was stored stays; what it said leaves with it, in the Original Attributes Sequence."""
        who, sent = principal(request), StudyEdit(data=request.data)
        verbs.edit_study(who, uid, sent.typed(), sent.validated_data["reason"])
        return _study(who, uid)


class LabelsView(ListAPIView[StudyLabel]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = LabelSerializer

    @extend_schema(summary="Labels, and on how many studies each is")
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> Any:
        return labels.counted(principal(self.request))


class StudyLabelView(APIView):
    guards: Guards = {"PUT": Permission.EDIT, "DELETE": Permission.EDIT}

    @extend_schema(summary="Put a label on a study", request=None, responses={204: None})
    def put(self, request: Request, uid: str, name: str) -> Response:
        labels.add(principal(request), [uid], name)
        return Response(status=204)

    @extend_schema(summary="Take a label off a study", responses={204: None})
    def delete(self, request: Request, uid: str, name: str) -> Response:
        labels.remove(principal(request), [uid], name)
        return Response(status=204)


def _study(who: Principal, uid: str) -> Response:
    if not is_valid_uid(uid):
        raise NotFound(say("There is no such study."))
    own_first = Case(When(practice=who.practice_id, then=0), default=1)
    found = Study.objects.visible_to(who).filter(study_instance_uid=uid)
    found = found.defer("found").order_by(own_first, "pk")
    study = found.prefetch_related("labels", Prefetch("series", Series.objects.defer("found"))).first()
    if study is None:
        raise NotFound(say("There is no such study."))
    return Response(StudyDetailSerializer(study).data)


def condition(**given: Any) -> Q:
    """What the filters ask for."""
    found = Q(**{lookup: given[name] for name, lookup in _EXACT.items() if name in given})
    for word in fold(given.get("patient_name", "")).replace("^", " ").split():
        found &= Q(patient_name_key__contains=word) | Q(patient_name_other_keys__contains=word)
    for word in fold(given.get("study_description", "")).split():
        found &= Q(study_description_key__contains=word)
    for name, lookup in _DAYS.items():
        if name in given:
            found &= Q(**{lookup: f"{given[name]:%Y%m%d}"})
    if "study_date_to" in given:
        found &= Q(study_date__gt="")
    if "modality" in given:
        found &= Q(modalities__contains=f"\\{given['modality'].upper()}\\")
    if "label" in given:
        found &= Q(pk__in=StudyLabel.objects.filter(name=given["label"]).order_by().values("study"))
    return found
