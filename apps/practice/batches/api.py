"""Batches in the REST API: many files in one form, and what became of each."""

from typing import Any, Final

from django.db.models import Count
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.errors import NotFound
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.jobs.models import State
from apps.practice.batches import receiving
from apps.practice.models import Batch, BatchFile, FileOutcome
from apps.saying import say

NO_SUCH: Final = say("There is no such batch among yours.")
FORM: Final[dict[str, Any]] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "files": {
                "type": "array",
                "items": {"type": "string", "format": "binary"},
                "description": "DICOM files, pictures (JPEG, PNG, TIFF), or zip archives of them.",
            },
            "leadId": {"type": "integer", "description": "Whose all of them are."},
            "userId": {"type": "string"},
            "xrayType": {"type": "string"},
            "dateTaken": {"type": "string"},
            "teeth": {"type": "string"},
            "notes": {"type": "string"},
            "metadata": {
                "type": "string",
                "description": 'JSON: what holds for a file, by its name: `{"a.jpg": {"leadId": 12}}`.',
            },
            "manifest": {
                "type": "string",
                "format": "binary",
                "description": "The same in a file: JSON, or a table (CSV) with the columns file, leadId and so on.",
            },
            "practice": {"type": "integer", "description": "Without it, the active one."},
        },
        "required": ["files"],
    }
}


class BatchFileSerializer(CamelCaseModelSerializer):
    """What became of a file. `detail` says what was wrong, for a person."""

    xray_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = BatchFile
        fields = ("name", "size", "outcome", "detail", "xray_id", "study_instance_uid", "at")
        read_only_fields = fields


class BatchCountsSerializer(CamelCaseSerializer):
    """How many files came to what; `waiting` ones have not had their turn."""

    waiting = serializers.IntegerField()
    stored = serializers.IntegerField()
    known = serializers.IntegerField()
    picture = serializers.IntegerField()
    refused = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    skipped = serializers.IntegerField()


class BatchProgressSerializer(CamelCaseSerializer):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class BatchFilesSerializer(CamelCaseSerializer):
    """A page of the files that are done with, in the order in which they were."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = BatchFileSerializer(many=True)


class BatchSerializer(CamelCaseSerializer):
    """A batch: how far it is and what became of its files. `error` says why it ended early, if it did."""

    id = serializers.IntegerField()
    job_id = serializers.IntegerField()
    practice = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    count = serializers.IntegerField(help_text="Files, those in archives included.")
    size = serializers.IntegerField(help_text="Bytes as they were uploaded.")
    progress = BatchProgressSerializer()
    percent = serializers.IntegerField()
    counts = BatchCountsSerializer()
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class BatchWithFilesSerializer(BatchSerializer):
    files = BatchFilesSerializer()


class BatchFilters(CamelCaseSerializer):
    job_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The job that was answered.")
    outcome = serializers.ChoiceField(FileOutcome.choices, required=False, help_text="Only files of this outcome.")


class BatchView(GenericAPIView[BatchFile]):
    """Its body is read as a stream, and never by the framework: the parser is there for the schema alone."""

    guards: Guards = {"GET": Permission.UPLOAD, "POST": Permission.UPLOAD}
    serializer_class = BatchSerializer
    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="Bring many X-rays at once",
        description=(
            "The files are kept and then stored by a job: `Location` says where to ask how it goes."
            " Nothing is kept of a batch that is refused."
        ),
        request=FORM,
        responses={202: BatchSerializer},
    )
    def post(self, request: Request) -> Response:
        batch = receiving.take(request._request, principal(request))  # noqa: SLF001 - what it wraps, unread
        place = f"{reverse('api-dental-xrays-batch', request=request)}?jobId={batch.job_id}"
        return Response(_said(batch), status=status.HTTP_202_ACCEPTED, headers={"Location": place})

    @extend_schema(
        summary="How a batch goes, and what became of its files",
        parameters=[BatchFilters],
        responses={200: OpenApiResponse(BatchWithFilesSerializer)},
    )
    def get(self, request: Request) -> Response:
        asked = filters(request, BatchFilters)
        visible = Batch.objects.visible_to(principal(request)).select_related("job")
        batch = visible.filter(job=asked["job_id"]).first()
        if batch is None:
            raise NotFound(NO_SUCH)
        files = batch.files.order_by("pk")
        page = self.paginate_queryset(files.filter(outcome=asked["outcome"]) if "outcome" in asked else files)
        shown = self.get_paginated_response(BatchFileSerializer(page, many=True).data)
        return Response({**_said(batch), "files": shown.data})


def _said(batch: Batch) -> dict[str, Any]:
    counted: dict[str, int] = dict(batch.files.order_by().values_list("outcome").annotate(Count("pk")))
    done = sum(counted.values())
    # An archive in an archive has files that nobody could count before.
    total = max(batch.total, done)
    return BatchSerializer(
        {
            "id": batch.pk,
            "job_id": batch.job_id,
            "practice": batch.practice_id,
            "state": batch.job.state,
            "count": total,
            "size": batch.size,
            "progress": {"done": done, "total": total},
            "percent": 100 * done // total if total else 0,
            "counts": {"waiting": total - done, **dict.fromkeys(FileOutcome.values, 0), **counted},
            "error": batch.job.error,
            "created_at": batch.created_at,
            "finished_at": batch.job.finished_at,
        }
    ).data
