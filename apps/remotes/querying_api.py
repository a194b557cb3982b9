"""Remotes by REST, as archives: searching one, importing from it, and sending to it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import UID_LENGTH
from apps.core.filters import filters
from apps.core.serializers import CamelCaseSerializer
from apps.jobs.api import JobSerializer
from apps.remotes import exporting, importing, searching
from apps.remotes.asking import Query
from apps.remotes.found import TEXT_LENGTH, Have
from apps.remotes.reaching import usable

SOURCE = "API"


class QueryFilters(CamelCaseSerializer):
    """At least one is needed. A name is matched from its beginning, unless it has wildcards (`*`, `?`)."""

    patient_name = serializers.CharField(required=False, max_length=TEXT_LENGTH)
    patient_id = serializers.CharField(required=False, max_length=64)
    birth_date = serializers.DateField(required=False)
    study_date_from = serializers.DateField(required=False)
    study_date_to = serializers.DateField(required=False)
    modality = serializers.CharField(required=False, max_length=16)
    accession_number = serializers.CharField(required=False, max_length=64)
    study_instance_uid = serializers.CharField(required=False, max_length=UID_LENGTH)


class FoundStudySerializer(CamelCaseSerializer):
    """A study at a remote, as the remote tells it; `have` is how much of it the practice's own archive has."""

    study_instance_uid = serializers.CharField()
    patient_name = serializers.CharField()
    patient_id = serializers.CharField()
    patient_birth_date = serializers.CharField(help_text="YYYYMMDD, or empty.")
    patient_sex = serializers.CharField()
    study_date = serializers.CharField(help_text="YYYYMMDD, or empty.")
    study_time = serializers.CharField()
    accession_number = serializers.CharField()
    description = serializers.CharField()
    modalities = serializers.ListField(child=serializers.CharField())
    series_count = serializers.IntegerField(allow_null=True)
    instance_count = serializers.IntegerField(allow_null=True)
    ours = serializers.IntegerField(help_text="How many of its instances are here.")
    have = serializers.ChoiceField([have.value for have in Have], source="have.value")


class ResultsSerializer(CamelCaseSerializer):
    """What was found; not complete where there is more than is listed."""

    studies = FoundStudySerializer(many=True)
    is_complete = serializers.BooleanField()


class FoundSeriesSerializer(CamelCaseSerializer):
    """A series at a remote."""

    series_instance_uid = serializers.CharField()
    modality = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    description = serializers.CharField()
    instance_count = serializers.IntegerField(allow_null=True)


def _uids() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=UID_LENGTH), max_length=importing.MOST_STUDIES, required=False
    )


class ImportSerializer(CamelCaseSerializer):
    """Which studies, by their UIDs."""

    studies = _uids()


class SendSerializer(CamelCaseSerializer):
    """Which studies, and which series of others, by their UIDs."""

    studies = _uids()
    series = _uids()


class RemoteStudiesView(APIView):
    guards: Guards = {"GET": Permission.FETCH}

    @extend_schema(summary="Search a remote", parameters=[QueryFilters], responses=ResultsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Asks the remote while you wait, for a minute at most; gives the newest studies first."""
        remote = usable(principal(request), pk, Permission.FETCH)
        query = Query(**filters(request, QueryFilters))
        found = searching.search(principal(request), remote, query, source=SOURCE)
        return Response(ResultsSerializer(found).data)


class RemoteSeriesView(APIView):
    guards: Guards = {"GET": Permission.FETCH}

    @extend_schema(summary="The series of a study at a remote", responses=FoundSeriesSerializer(many=True))
    def get(self, request: Request, pk: int, uid: str) -> Response:
        remote = usable(principal(request), pk, Permission.FETCH)
        return Response(FoundSeriesSerializer(searching.series(remote, uid), many=True).data)


class RemoteImportView(APIView):
    guards: Guards = {"POST": Permission.FETCH}

    @extend_schema(
        summary="Import studies from a remote", request=ImportSerializer, responses={202: JobSerializer},
        description="The job fetches what is not here yet, and tells in `progress` how far it is.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        remote = usable(principal(request), pk, Permission.FETCH)
        asked = ImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job = importing.ask(principal(request), remote, asked.validated_data.get("studies", ()))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class RemoteSendView(APIView):
    guards: Guards = {"POST": Permission.SEND}

    @extend_schema(
        summary="Send studies to a remote", request=SendSerializer, responses={202: JobSerializer},
        description="The job sends what the remote has not confirmed, and tells in `progress` how far it is.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        remote = usable(principal(request), pk, Permission.SEND)
        asked = SendSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        job = exporting.ask(principal(request), remote, given.get("studies", ()), given.get("series", ()))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
