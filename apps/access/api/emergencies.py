"""Emergency access in the REST API."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access import emergencies
from apps.access.api import fields
from apps.access.models import SHORTEST_REASON, Emergency, Kind
from apps.accounts.guards import Guards, Open
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import TEXT_LENGTH
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer


class EmergencySerializer(CamelCaseModelSerializer):
    """An emergency: access to one patient until `until`, unless it was ended before."""

    username = serializers.CharField(source="user.username")
    practice = serializers.IntegerField(source="practice_id")
    patient_name = serializers.CharField(source="patient.name", default=None, allow_null=True)
    patient_id = serializers.CharField(source="patient.patient_id", default=None, allow_null=True)
    ended_by = serializers.CharField(source="ended_by.username", default=None, allow_null=True)
    reviewed_by = serializers.CharField(source="reviewed_by.username", default=None, allow_null=True)

    class Meta:
        model = Emergency
        fields = (
            "id",
            "practice",
            "username",
            "patient_name",
            "patient_id",
            "reason",
            "started_at",
            "until",
            "is_current",
            "ended_at",
            "ended_by",
            "reviewed_at",
            "reviewed_by",
            "review_note",
        )
        read_only_fields = fields


class NewEmergencySerializer(CamelCaseSerializer):
    """The patient, by Patient ID and date of birth or by a study's number, and what the emergency is."""

    kind = serializers.ChoiceField(Kind.choices)
    value = serializers.CharField(max_length=TEXT_LENGTH)
    birth_date = serializers.DateField(required=False, help_text="With a Patient ID.")
    reason = serializers.CharField(min_length=SHORTEST_REASON, max_length=TEXT_LENGTH)


class EmergencyFilters(CamelCaseSerializer):
    reviewed = serializers.BooleanField(required=False)


class EmergenciesView(ListAPIView[Emergency]):
    guards: Guards = {"GET": Open.TO_USERS, "POST": Permission.VIEW}
    serializer_class = EmergencySerializer

    def get_queryset(self) -> QuerySet[Emergency]:
        asked = filters(self.request, EmergencyFilters)
        rows = Emergency.objects.of(principal(self.request))
        if "reviewed" in asked:
            rows = rows.filter(reviewed_at__isnull=not asked["reviewed"])
        return rows.select_related("user", "patient", "ended_by", "reviewed_by")

    @extend_schema(
        summary="Emergencies, the newest first", parameters=[EmergencyFilters],
        description="The caller's own; for an administrator, all of the practice.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Declare an emergency", request=NewEmergencySerializer, responses={201: EmergencySerializer},
        description="Opens the patient's studies in the active practice at once, to look at, for some hours"
        " (`FOVEA_EMERGENCY_HOURS`). Administrators are alerted and review it. Not by a token.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = NewEmergencySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        born = given.get("birth_date")
        declared = emergencies.Declared(
            Kind(given["kind"]), given["value"], given["reason"], f"{born:%Y%m%d}" if born else ""
        )
        made = emergencies.declare(principal(request), declared)
        return Response(EmergencySerializer(made).data, status=status.HTTP_201_CREATED)


class EndEmergencyView(APIView):
    guards: Guards = {"POST": Open.TO_USERS}

    @extend_schema(
        summary="End an emergency before its time", request=None, responses=EmergencySerializer,
        description="One's own, or as an administrator; 409 for one that has ended.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(EmergencySerializer(emergencies.end(principal(request), pk)).data)


class ReviewEmergencyView(APIView):
    guards: Guards = {"POST": Permission.ADMINISTER}

    @extend_schema(
        summary="Say what the review of an emergency found", request=fields.ReasonSerializer,
        responses=EmergencySerializer, description="Not of one's own (403).",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        fields.check_known(Emergency.objects.of(principal(request)), pk)
        reviewed = emergencies.review(principal(request), pk, note=fields.reason(request))
        return Response(EmergencySerializer(reviewed).data)
