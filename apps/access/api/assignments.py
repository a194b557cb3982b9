"""Assignments of doctors to patients, and the names by which studies refer to users, in the REST API."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access import assignments, people, physicians
from apps.access.api import fields
from apps.access.models import PhysicianName
from apps.accounts.guards import Guards, Open
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.models import TEXT_LENGTH, UID_LENGTH, Assignment, Patient, Study
from apps.core.errors import NotFound, Refused
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.saying import say


class AssignmentSerializer(CamelCaseModelSerializer):
    """A user assigned to a patient; one with `until` has ended."""

    patient_name = serializers.CharField(source="patient.name")
    patient_id = serializers.CharField(source="patient.patient_id")
    practice = serializers.IntegerField(source="patient.practice_id")
    username = serializers.CharField(source="user.username")
    assigned_by = serializers.CharField(source="assigned_by.username", default=None, allow_null=True)
    ended_by = serializers.CharField(source="ended_by.username", default=None, allow_null=True)

    class Meta:
        model = Assignment
        fields = (
            "id",
            "patient",
            "patient_name",
            "patient_id",
            "practice",
            "username",
            "origin",
            "since",
            "assigned_by",
            "reason",
            "until",
            "ended_by",
            "end_reason",
        )
        read_only_fields = fields


class AssignmentFilters(CamelCaseSerializer):
    patient = serializers.IntegerField(required=False, min_value=1)
    username = serializers.CharField(required=False, max_length=150, source="user__username")
    current = serializers.BooleanField(required=False)


class NewAssignmentSerializer(CamelCaseSerializer):
    """Whom to assign to which patient. The patient is named by any of their studies in the active practice."""

    study_instance_uid = serializers.CharField(max_length=UID_LENGTH)
    username = serializers.CharField(max_length=150)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=TEXT_LENGTH)


class AssignmentsView(ListAPIView[Assignment]):
    guards: Guards = {"GET": Open.TO_USERS, "POST": Permission.ADMINISTER}
    serializer_class = AssignmentSerializer

    def get_queryset(self) -> QuerySet[Assignment]:
        asked = filters(self.request, AssignmentFilters)
        if "current" in asked:
            asked["until__isnull"] = asked.pop("current")
        return assignments.visible_to(principal(self.request)).filter(**asked)

    @extend_schema(
        summary="Who is assigned to whom, the newest first", parameters=[AssignmentFilters],
        description="The caller's own assignments; for an administrator, all of the practice, ended ones too.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Assign a user to a patient", request=NewAssignmentSerializer, responses={201: AssignmentSerializer},
        description="Grants of the scope `patients` then reach the patient's studies. An assigned user stays so.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = NewAssignmentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, who = asked.validated_data, principal(request)
        patient = _patient(who, given["study_instance_uid"])
        user = people.colleague(patient.practice_id, given["username"])
        row = assignments.assign(who, patient, user, reason=given["reason"])
        return Response(AssignmentSerializer(row).data, status=status.HTTP_201_CREATED)


class EndAssignmentView(APIView):
    guards: Guards = {"POST": Permission.ADMINISTER}

    @extend_schema(
        summary="End an assignment", request=fields.NoteSerializer, responses=AssignmentSerializer,
        description="It stays as history, with `note` as the reason; 409 for one that has ended.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        fields.check_known(assignments.visible_to(principal(request)), pk)
        row = assignments.end(principal(request), pk, reason=fields.note(request))
        return Response(AssignmentSerializer(row).data)


class PhysicianNameSerializer(CamelCaseModelSerializer):
    """A name by which studies of the active practice refer to a user, as DICOM writes it (`Doe^Jane`)."""

    username = serializers.CharField(source="user.username", max_length=150)
    practice = serializers.IntegerField(source="practice_id", read_only=True)

    class Meta:
        model = PhysicianName
        fields = ("id", "practice", "username", "name", "added_at")
        read_only_fields = ("id", "added_at")


class PhysicianNamesView(ListAPIView[PhysicianName]):
    guards: Guards = {"GET": Permission.ADMINISTER, "POST": Permission.ADMINISTER}
    serializer_class = PhysicianNameSerializer

    def get_queryset(self) -> QuerySet[PhysicianName]:
        return PhysicianName.objects.visible_to(principal(self.request)).select_related("user")

    @extend_schema(summary="The names by which studies refer to users")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Let studies refer to a user by a name", request=PhysicianNameSerializer,
        responses={201: PhysicianNameSerializer},
        description="A study that comes with this Referring Physician's Name assigns its patient to the user.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = PhysicianNameSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        who = principal(request)
        if who.practice_id is None:
            raise Refused(say("You belong to no practice."))
        user = people.colleague(who.practice_id, asked.validated_data["user"]["username"])
        row = physicians.add(who, who.practice_id, user, asked.validated_data["name"])
        return Response(PhysicianNameSerializer(row).data, status=status.HTTP_201_CREATED)


class PhysicianNameView(APIView):
    guards: Guards = {"DELETE": Permission.ADMINISTER}

    @extend_schema(summary="Let no study refer to the user by this name any more", request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        physicians.remove(principal(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _patient(who: Principal, uid: str) -> Patient:
    rows = Study.objects.visible_to(who, Permission.ADMINISTER).filter(practice=who.practice_id)
    study = rows.filter(study_instance_uid=uid).select_related("patient").first()
    if study is None:
        raise NotFound(say("There is no such study."))
    return study.patient
