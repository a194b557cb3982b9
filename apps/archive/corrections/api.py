"""Patients and corrections in the REST API: finding, editing, merging, moving, what was done, and undoing it."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.api import DicomDate, StudySerializer
from apps.archive.corrections import plan, reading, verbs
from apps.archive.corrections.fields import PATIENT, texts_of
from apps.archive.corrections.reach import NO_PATIENT
from apps.archive.corrections.requests import Merge, Move, PatientEdit
from apps.archive.models import TEXT_LENGTH, Correction, Patient, Study
from apps.core.errors import Invalid, NotFound
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dicom.names import fold
from apps.saying import say

MOST_STUDIES = 500


class PatientSerializer(CamelCaseModelSerializer):
    """A patient: who the images say they are, after corrections. The name is as DICOM writes it (`Doe^Jane`)."""

    patient_name = serializers.CharField(source="name")
    patient_id_issuer = serializers.CharField(source="issuer")
    patient_birth_date = DicomDate(source="birth_date", read_only=True, allow_null=True)
    patient_sex = serializers.CharField(source="sex")
    study_count = serializers.IntegerField()
    practice = serializers.IntegerField(source="practice_id")
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)

    class Meta:
        model = Patient
        fields: tuple[str, ...] = (
            "id",
            "patient_name",
            "patient_id",
            "patient_id_issuer",
            "patient_birth_date",
            "patient_sex",
            "study_count",
            "practice",
            "merged_into",
        )


class PatientDetailSerializer(PatientSerializer):
    """A patient with their studies, newest first, 500 at the most. The name has all its component groups."""

    patient_name = serializers.SerializerMethodField()  # type: ignore[assignment]
    other_patient_ids = serializers.SerializerMethodField()
    studies = serializers.SerializerMethodField()

    class Meta(PatientSerializer.Meta):
        fields = (*PatientSerializer.Meta.fields, "other_patient_ids", "studies")

    def get_patient_name(self, patient: Patient) -> str:
        return str(_texts(patient)["patient_name"])

    def get_other_patient_ids(self, patient: Patient) -> list[str]:
        return list(_texts(patient)["other_patient_ids"])

    @extend_schema(responses=StudySerializer(many=True))
    def get_studies(self, patient: Patient) -> list[dict[str, Any]]:
        who: Principal = self.context["principal"]
        mine = Study.objects.visible_to(who).filter(patient=patient).defer("found")
        return [dict(row) for row in StudySerializer(mine[:MOST_STUDIES], many=True).data]


class PatientFilters(CamelCaseSerializer):
    """`patientName` finds the names that hold each of its words, whatever their case and accents; the ID is exact."""

    patient_name = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    patient_id = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    patient_id_issuer = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    patient_birth_date = serializers.DateField(required=False)


class ChangeSerializer(CamelCaseSerializer):
    tag = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()


class CorrectionSerializer(CamelCaseModelSerializer):
    """A correction; one that was undone says when and by whom. Patients are given by their ids."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid", default=None)
    patient = serializers.IntegerField(source="patient_id", allow_null=True)
    into = serializers.IntegerField(source="into_id", allow_null=True)
    changes = serializers.SerializerMethodField()

    class Meta:
        model = Correction
        fields = (
            "id",
            "kind",
            "patient",
            "into",
            "study_instance_uid",
            "changes",
            "reason",
            "made_at",
            "made_by",
            "undone_at",
            "undone_by",
        )

    @extend_schema(responses=ChangeSerializer(many=True))
    def get_changes(self, made: Correction) -> list[dict[str, Any]]:
        return [dict(row) for row in ChangeSerializer(reading.changes(made), many=True).data]


class PatientsView(ListAPIView[Patient]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = PatientSerializer
    orderings = {"patientName": "name_key", "patientId": "patient_id", "patientBirthDate": "birth_date", "id": "pk"}

    @extend_schema(summary="Patients by name", parameters=[PatientFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Patient]:
        given = filters(self.request, PatientFilters)
        asked = Q(merged_into=None)
        for word in fold(given.get("patient_name", "")).replace("^", " ").split():
            asked &= Q(name_key__contains=word)
        if "patient_id" in given:
            asked &= Q(patient_id=given["patient_id"])
        if "patient_id_issuer" in given:
            asked &= Q(issuer=given["patient_id_issuer"])
        if "patient_birth_date" in given:
            asked &= Q(birth_date=f"{given['patient_birth_date']:%Y%m%d}")
        return _patients(principal(self.request)).filter(asked).order_by("name_key", "pk")


class PatientView(APIView):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": Permission.EDIT}

    @extend_schema(summary="One patient and their studies", responses=PatientDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _patient(request, pk)

    @extend_schema(summary="Correct who a patient is", request=PatientEdit, responses=PatientDetailSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """In all their studies, and in those that come later. What was stored stays; what it said leaves with it."""
        sent = PatientEdit(data=request.data)
        verbs.edit_patient(principal(request), pk, sent.typed(), sent.validated_data["reason"])
        return _patient(request, pk)


class MergeView(APIView):
    guards: Guards = {"POST": Permission.MERGE}

    @extend_schema(summary="Merge a patient into another", request=Merge, responses=CorrectionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Their studies, also later ones, are the other's from now on."""
        sent = Merge(data=request.data)
        sent.is_valid(raise_exception=True)
        made = verbs.merge(principal(request), pk, sent.validated_data["into"], sent.validated_data["reason"])
        return Response(CorrectionSerializer(made).data)


class UnmergeView(APIView):
    guards: Guards = {"POST": Permission.MERGE}

    @extend_schema(summary="Undo a merge", request=None, responses=CorrectionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """`pk` is the patient who was merged into another."""
        return Response(CorrectionSerializer(verbs.unmerge(principal(request), pk)).data)


class MoveView(APIView):
    guards: Guards = {"POST": Permission.MERGE}

    @extend_schema(summary="Move a study to another patient", request=Move, responses=CorrectionSerializer)
    def post(self, request: Request, uid: str) -> Response:
        sent = Move(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        if ("patient" in given) is ("new_patient" in given):
            raise Invalid(say("Name either patient or newPatient."))
        to = given["patient"] if "patient" in given else dict(given["new_patient"])
        return Response(CorrectionSerializer(verbs.move(principal(request), uid, to, given["reason"])).data)


class PatientCorrectionsView(ListAPIView[Correction]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = CorrectionSerializer

    @extend_schema(summary="A patient's corrections, newest first")
    def get(self, request: Request, pk: int) -> Response:
        """For those who may edit or merge."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Correction]:
        return reading.of_patient(principal(self.request), self.kwargs["pk"])


class StudyCorrectionsView(ListAPIView[Correction]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = CorrectionSerializer

    @extend_schema(summary="A study's corrections and those of its patient, newest first")
    def get(self, request: Request, uid: str) -> Response:
        """For those who may edit or merge."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Correction]:
        return reading.of_study(principal(self.request), self.kwargs["uid"])


class UndoView(APIView):
    # Which of the permissions to edit and to merge is needed, the correction says.
    guards: Guards = {"POST": Permission.VIEW}

    @extend_schema(summary="Undo a correction", request=None, responses=CorrectionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """By whoever may make such a one; what was made later stays."""
        return Response(CorrectionSerializer(verbs.undo(principal(request), pk)).data)


def _patients(who: Principal) -> QuerySet[Patient]:
    seen = Study.objects.visible_to(who).order_by().values("pk")
    return Patient.objects.visible_to(who).annotate(study_count=Count("studies", filter=Q(studies__in=seen)))


def _patient(request: Request, pk: int) -> Response:
    who = principal(request)
    patient = _patients(who).filter(pk=pk).first()
    if patient is None:
        raise NotFound(NO_PATIENT)
    return Response(PatientDetailSerializer(patient, context={"principal": who}).data)


def _texts(patient: Patient) -> dict[str, Any]:
    return texts_of(plan.demographics(patient), PATIENT)
