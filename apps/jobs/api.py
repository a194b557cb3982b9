"""Jobs in the REST API: how they are doing, and cancelling and retrying them."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.jobs import control
from apps.jobs.models import TEXT_LENGTH, Job, State


class ProgressSerializer(CamelCaseSerializer):
    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total", allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(source="progress_text")


class JobSerializer(CamelCaseModelSerializer):
    """A job. `error` says in plain words what went wrong; `result` and `parameters` are as its kind defines them."""

    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    practice = serializers.IntegerField(source="practice_id", allow_null=True)
    progress = ProgressSerializer(source="*")

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "state",
            "progress",
            "attempts",
            "max_attempts",
            "parameters",
            "result",
            "error",
            "cancel_requested",
            "practice",
            "requested_by",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields


class JobFilters(CamelCaseSerializer):
    state = serializers.ChoiceField(State.choices, required=False)
    kind = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    created_after = serializers.DateTimeField(required=False, source="created_at__gt")
    finished_after = serializers.DateTimeField(required=False, source="finished_at__gt")


@extend_schema(summary="Jobs, newest first", parameters=[JobFilters])
class JobsView(ListAPIView[Job]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = JobSerializer
    orderings = {"id": "pk", "createdAt": "created_at", "finishedAt": "finished_at"}

    def get_queryset(self) -> QuerySet[Job]:
        return visible(self.request).filter(**filters(self.request, JobFilters))


@extend_schema(summary="One job: its state, progress and result")
class JobView(RetrieveAPIView[Job]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = JobSerializer

    def get_queryset(self) -> QuerySet[Job]:
        return visible(self.request)


class CancelView(APIView):
    guards: Guards = {"POST": Permission.VIEW}

    @extend_schema(
        summary="Cancel a job", request=None, responses=JobSerializer,
        description="A queued job is cancelled at once, a running one is asked to stop; 409 for one that has ended.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(JobSerializer(control.cancel(principal(request), pk)).data)


class RetryView(APIView):
    guards: Guards = {"POST": Permission.VIEW}

    @extend_schema(
        summary="Have a failed or cancelled job tried again", request=None, responses=JobSerializer,
        description="It is queued with all its attempts; 409 for a job that is queued, running or done.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(JobSerializer(control.retry(principal(request), pk)).data)


def visible(request: Request) -> QuerySet[Job]:
    return Job.objects.visible_to(principal(request)).select_related("requested_by")
