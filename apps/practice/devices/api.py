"""`/api/dental/dicom/query` and `…/import`: other archives, asked and imported from for a lead."""

from typing import Any, Final

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import UID_LENGTH
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.serializers import CamelCaseSerializer, camel
from apps.jobs.api import JobSerializer
from apps.practice.appointments.choosing import LARGEST, lead_of, number
from apps.practice.devices import importing, querying
from apps.practice.devices.judging import Verdict
from apps.practice.linking.serializers import EvidenceSerializer
from apps.practice.models.leads import ID_LENGTH
from apps.remotes.asking import Query
from apps.remotes.found import TEXT_LENGTH
from apps.remotes.importing import MOST_STUDIES
from apps.remotes.models import Remote
from apps.remotes.querying_api import FoundStudySerializer
from apps.remotes.reaching import NO_SUCH, usable

SOURCE: Final = "API"
NAME_LENGTH: Final = 64


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "maxLength": NAME_LENGTH}]})
class RemoteField(serializers.Field[Any, Any, Any, Any]):
    """A remote, by its number or its name."""

    def to_internal_value(self, value: Any) -> int | str:
        is_number = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST
        is_name = isinstance(value, str) and 0 < len(value) <= NAME_LENGTH and "\x00" not in value
        if not (is_number or is_name):
            raise serializers.ValidationError(gettext("Give the number or the name of a remote."))
        known: int | str = value
        return known


class OfRemoteSerializer(CamelCaseSerializer):
    """Which remote is asked, and for whom."""

    remote = RemoteField()
    lead_id = number(required=False)
    lead_external_id = serializers.CharField(
        required=False, max_length=ID_LENGTH, help_text="In place of `leadId`: what your software calls the lead."
    )


class DeviceQuerySerializer(OfRemoteSerializer):
    """What is looked for. With a lead and nothing else of the patient, the lead's own numbers and name are."""

    patient_id = serializers.CharField(required=False, max_length=ID_LENGTH)
    patient_name = serializers.CharField(required=False, max_length=TEXT_LENGTH, help_text="`Doe` or `Doe, Jane`.")
    birth_date = serializers.DateField(required=False)
    modality = serializers.CharField(required=False, max_length=16)
    study_date_from = serializers.DateField(required=False)
    study_date_to = serializers.DateField(required=False)
    accession_number = serializers.CharField(required=False, max_length=ID_LENGTH)


class DeviceImportSerializer(OfRemoteSerializer):
    """Which studies, by their Study Instance UIDs, and whose they are."""

    studies = serializers.ListField(
        child=serializers.CharField(max_length=UID_LENGTH), min_length=1, max_length=MOST_STUDIES
    )


class JudgementSerializer(CamelCaseSerializer):
    """Whether a study is the lead's, and why; `notes` say what speaks against it."""

    verdict = serializers.ChoiceField([verdict.value for verdict in Verdict])
    probability = serializers.FloatField()
    explanation = EvidenceSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class JudgedStudySerializer(FoundStudySerializer):
    """A study at a remote, how much of it is here, and whether it is the lead's; null where no lead was named."""

    match = serializers.SerializerMethodField()

    @extend_schema_field(JudgementSerializer(allow_null=True))
    def get_match(self, study: Any) -> dict[str, Any] | None:
        judgement = self.context["judged"].get(study.study_instance_uid)
        return JudgementSerializer(judgement).data if judgement else None


class DeviceResultsSerializer(CamelCaseSerializer):
    """What was found; not complete where there is more than is listed."""

    studies = JudgedStudySerializer(many=True)
    is_complete = serializers.BooleanField()


class DeviceQueryView(APIView):
    guards: Guards = {"POST": Permission.FETCH}

    @extend_schema(
        summary="Ask another archive for a lead's studies", request=DeviceQuerySerializer,
        responses=DeviceResultsSerializer,
        description="Asks the remote while you wait, for a minute at most each time; gives the newest studies first.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = DeviceQuerySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        who, remote = principal(request), _remote(request, given.pop("remote"))
        lead = lead_of(request, given, remote.practice_id, Permission.VIEW)
        if lead:
            access.note_search(who, "a lead", ["lead"], 1)
        answer = querying.ask(who, remote, Query(**given), lead, source=SOURCE)
        return Response(DeviceResultsSerializer(answer, context={"judged": answer.judged}).data)


class DeviceImportView(APIView):
    guards: Guards = {"POST": Permission.FETCH}

    @extend_schema(
        summary="Import studies from another archive for a lead", request=DeviceImportSerializer,
        responses={202: JobSerializer},
        description="The job fetches what is not here yet, and links it to the lead. A study that clearly shows"
        " somebody else is left to be reviewed: `result.review` of the job names it.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = DeviceImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        remote = _remote(request, given.pop("remote"))
        lead = lead_of(request, given, remote.practice_id, Permission.VIEW)
        if lead is None:
            raise serializers.ValidationError(
                {camel("lead_id"): [gettext("Say whose they are: leadId or leadExternalId.")]}
            )
        job = importing.ask(principal(request), remote, lead, given["studies"])
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def _remote(request: Request, named: int | str) -> Remote:
    """The remote of this number or name, the active practice's first. Raises ValidationError, and Refused."""
    who = principal(request)
    pk = named if isinstance(named, int) else _named(request, named)
    try:
        return usable(who, pk, Permission.FETCH)
    except NotFound as error:
        raise serializers.ValidationError({"remote": [NO_SUCH]}) from error


def _named(request: Request, name: str) -> int:
    """Names are of one practice: the active one counts, else the only one that has it. 0 for none."""
    who = principal(request)
    found = list(Remote.objects.visible_to(who, Permission.FETCH).filter(name=name).order_by("pk")[:20])
    own = [remote for remote in found if remote.practice_id == who.practice_id]
    chosen = own or (found if len(found) == 1 else [])
    return chosen[0].pk if chosen else 0
