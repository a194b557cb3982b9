"""Critical findings in the REST API: raised by who writes reports, acknowledged by who looks at the study."""

from typing import Any, ClassVar, Final

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import TEXT_LENGTH, UID_LENGTH
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.reports import critical
from apps.reports.api.fields import LARGEST
from apps.reports.critical import Raised
from apps.reports.models import CriticalFinding, CriticalStep, Urgency
from apps.reports.reaching import study_of

SOURCE: Final = "API"


class CriticalStepSerializer(CamelCaseModelSerializer):
    """Something that was done about it."""

    what = serializers.SerializerMethodField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)

    class Meta:
        model = CriticalStep
        fields = ("at", "what", "by")
        read_only_fields = fields

    def get_what(self, step: CriticalStep) -> str:
        return translated(step.what)


class CriticalFindingSerializer(CamelCaseModelSerializer):
    """Something that somebody must know of. `dueAt` is when it is told again; `escalations` how often it was."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    report_id = serializers.IntegerField(allow_null=True)
    recipient = serializers.CharField(source="recipient.username", default=None, allow_null=True)
    raised_by = serializers.CharField(source="raised_by.username", default=None, allow_null=True)
    acknowledged_by = serializers.CharField(source="acknowledged_by.username", default=None, allow_null=True)
    steps = CriticalStepSerializer(many=True)

    class Meta:
        model = CriticalFinding
        fields = (
            "id", "study_instance_uid", "report_id", "urgency", "text", "recipient", "raised_by", "raised_at", "due_at",
            "escalations", "acknowledged_by", "acknowledged_at", "how", "steps",
        )  # fmt: skip
        read_only_fields = fields


class NewCriticalFindingSerializer(CamelCaseSerializer):
    """`study` is its Study Instance UID, `recipient` the key of a user; without one, all who may look at the study."""

    study = serializers.CharField(max_length=UID_LENGTH)
    urgency = serializers.ChoiceField(Urgency.choices)
    text = serializers.CharField(max_length=TEXT_LENGTH)
    recipient = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)
    report = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)


class AcknowledgementSerializer(CamelCaseSerializer):
    how = serializers.CharField(
        max_length=TEXT_LENGTH, required=False, default="", allow_blank=True,
        help_text="How who must know has been told, such as: by telephone, to Dr Weber.",
    )  # fmt: skip


class CriticalFindingFilters(CamelCaseSerializer):
    study = serializers.CharField(
        required=False, max_length=UID_LENGTH, source="study__study_instance_uid", help_text="Study Instance UID"
    )
    open = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Only those that nobody has acknowledged, or the others.",
    )
    urgency = serializers.ChoiceField(Urgency.choices, required=False)


def findings(request: Request) -> QuerySet[CriticalFinding]:
    """Those of studies that the caller sees, with what is told of each."""
    seen = CriticalFinding.objects.visible_to(principal(request), critical.READS)
    people = seen.select_related("study", "recipient", "raised_by", "acknowledged_by").prefetch_related("steps__by")
    return people.defer("study__found", "study__original_found", "study__correction")


class CriticalFindingsView(ListAPIView[CriticalFinding]):
    guards: Guards = {"GET": Permission.VIEW, "POST": critical.RAISES}
    serializer_class = CriticalFindingSerializer
    orderings: ClassVar[dict[str, str]] = {"raisedAt": "raised_at", "dueAt": "due_at", "id": "pk"}

    def get_queryset(self) -> QuerySet[CriticalFinding]:
        wanted = filters(self.request, CriticalFindingFilters)
        is_open = wanted.pop("open", None)
        rows = findings(self.request).filter(**wanted)
        return rows if is_open is None else rows.filter(acknowledged_at__isnull=is_open)

    @extend_schema(summary="Critical findings, the newest first", parameters=[CriticalFindingFilters])
    def get(self, request: Request) -> Response:
        response = self.list(request)
        found = len(response.data["results"])
        access.note_search(principal(request), "critical findings", asked(request, CriticalFindingFilters), found)
        return response

    @extend_schema(
        summary="Raise a critical finding", request=NewCriticalFindingSerializer,
        responses={201: CriticalFindingSerializer},
        description="It is told at once, and again while nobody acknowledges it "
        f"(after {', '.join(f'{minutes} min' for minutes in settings.CRITICAL_MINUTES.values())} by its urgency here).",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        who = principal(request)
        given = _given(NewCriticalFindingSerializer(data=request.data))
        study = study_of(who, given.pop("study"))
        row = critical.raise_finding(
            who, study, Raised(**{**given, "urgency": Urgency(given["urgency"])}), source=SOURCE
        )
        place = reverse("api-critical-finding", args=[row.pk], request=request)
        return Response(_told(request, row.pk), status=status.HTTP_201_CREATED, headers={"Location": place})


@extend_schema(summary="One critical finding")
class CriticalFindingView(RetrieveAPIView[CriticalFinding]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = CriticalFindingSerializer

    def get_queryset(self) -> QuerySet[CriticalFinding]:
        return findings(self.request)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        access.note(principal(request), row.study.practice_id, row.study.study_instance_uid, "a critical finding")
        return Response(CriticalFindingSerializer(row).data)


class AcknowledgeView(APIView):
    guards: Guards = {"POST": Permission.VIEW}

    @extend_schema(
        summary="Acknowledge a critical finding", request=AcknowledgementSerializer,
        responses=CriticalFindingSerializer, description="409 where somebody has done so before.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        given = _given(AcknowledgementSerializer(data=request.data))
        critical.acknowledge(principal(request), pk, given["how"], source=SOURCE)
        return Response(_told(request, pk))


def _given(serializer: CamelCaseSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _told(request: Request, pk: int) -> Any:
    return CriticalFindingSerializer(findings(request).get(pk=pk)).data
