"""The addresses that an Orthanc calls: what it tells of is noted, acknowledged, and fetched by a job."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards, Open, refused
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.outcomes import Status
from apps.core.errors import SignInRequired
from apps.core.http import body_stream
from apps.core.requests import address_of
from apps.core.serializers import CamelCaseSerializer
from apps.practice.models import Level
from apps.practice.orthancs import noticing, signature
from apps.practice.orthancs.bringing import bring
from apps.practice.orthancs.noticing import Call
from apps.practice.xrays.receiving import Taken
from apps.saying import say

NOTICE_BYTES: Final = 64 << 10
SIGNED: Final = say(
    "Signed by the Orthanc's secret: `X-Fovea-Signature` is `sha256=` and the HMAC-SHA-256, in hexadecimal digits, over"
    " the text `<timestamp>.<delivery>.` and the body. A delivery is taken once: the same one again is answered with"
    " the same job. Other changes than StableStudy, NewStudy, StableSeries and NewInstance need nothing and are"
    " answered with `ignored`. An unknown source, a wrong signature and an old timestamp are all answered 401."
)
HEADERS: Final = [
    OpenApiParameter(signature.SOURCE, str, OpenApiParameter.HEADER, description="Which Orthanc it is."),
    OpenApiParameter(
        signature.PARAMETER, str, OpenApiParameter.QUERY, description="The same, where no such header can be sent."
    ),
    OpenApiParameter(
        signature.TIMESTAMP,
        str,
        OpenApiParameter.HEADER,
        description="Unix time in seconds; five minutes may lie between.",
    ),
    OpenApiParameter(
        signature.DELIVERY, str, OpenApiParameter.HEADER, description="A number of its own, 8 to 64 letters and digits."
    ),
    OpenApiParameter(signature.SIGNATURE, str, OpenApiParameter.HEADER, description="sha256=…"),
]


class ToldSerializer(serializers.Serializer[Any]):
    """What has happened, in Orthanc's own words (as in `/changes`). `Path` may stand for `ResourceType` and `ID`."""

    ChangeType = serializers.CharField(required=False, help_text="StableStudy or NewInstance.")
    ResourceType = serializers.ChoiceField([("Study", "Study"), ("Series", "Series"), ("Instance", "Instance")])
    ID = serializers.CharField(help_text="Orthanc's name of the resource.")
    Path = serializers.CharField(required=False, help_text="Such as /studies/<ID>. It is never fetched as it is.")


class NotedSerializer(CamelCaseSerializer):
    """What is done about a notice: `jobId` is the job that fetches, null where nothing is to be done."""

    state = serializers.ChoiceField(["accepted", "known", "ignored"])
    job_id = serializers.IntegerField(allow_null=True)
    level = serializers.ChoiceField(Level.choices, allow_null=True)
    resource = serializers.CharField(allow_null=True)


class BroughtSerializer(CamelCaseSerializer):
    """What became of an object: `conflict` says why the study did not get the lead that was named."""

    state = serializers.ChoiceField([status.value for status in (Status.STORED, Status.KNOWN, Status.OVERWRITTEN)])
    study_instance_uid = serializers.CharField()
    series_instance_uid = serializers.CharField()
    sop_instance_uid = serializers.CharField()
    xray_id = serializers.IntegerField(allow_null=True)
    conflict = serializers.CharField(allow_blank=True)


class WebhookView(APIView):
    """Its guard is the signature."""

    guards: Guards = {"POST": Open.TO_ANYBODY}
    authentication_classes: tuple[type[BaseAuthentication], ...] = ()

    @extend_schema(
        summary="An Orthanc tells of a new instance or a stable study",
        parameters=HEADERS, request=ToldSerializer, responses={200: NotedSerializer, 202: NotedSerializer},
        description=SIGNED, auth=[],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        return _noted(request)


class ReceiveView(APIView):
    """A signed notice, or the object itself from whoever may upload."""

    guards: Guards = {"POST": Open.TO_ANYBODY}

    @extend_schema(
        summary="Receive one instance: from an Orthanc that tells of it, or as a DICOM object",
        parameters=[
            *HEADERS, OpenApiParameter("leadId", int, OpenApiParameter.QUERY, description="Whose the object is."),
        ],
        request={
            "application/json": ToldSerializer,
            "application/dicom": OpenApiTypes.BINARY,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}, "leadId": {"type": "integer"}},
                "required": ["file"],
            },
        },
        responses={
            200: NotedSerializer, 201: BroughtSerializer, 202: NotedSerializer,
        },
        description=f"{SIGNED} Without a signature, a caller who may upload sends one DICOM object, as the body or as"
        " the part `file` of a form, with `leadId` where it is known whose it is: answered 201, or 200 where it was"
        " here already.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        if signature.SIGNATURE in request.headers:
            return _noted(request)
        if not isinstance(request.auth, Principal):
            raise SignInRequired
        if not request.auth.may(Permission.UPLOAD):
            raise refused(Permission.UPLOAD)
        taken = bring(request._request, request.auth)  # noqa: SLF001 - what it wraps
        return Response(_brought(taken), status.HTTP_201_CREATED if taken.is_new else status.HTTP_200_OK)


def _noted(request: Request) -> Response:
    plain = request._request  # noqa: SLF001 - what it wraps
    body = b"".join(body_stream(plain, limit=NOTICE_BYTES))
    proof = signature.proof_of(plain.headers, plain.GET)
    noted = noticing.take(Call(proof, body, address_of(plain)))
    notice = noted.notice
    told = {
        "state": "ignored" if notice is None else "accepted" if noted.is_new else "known",
        "job_id": noted.job_id,
        "level": notice.level if notice else None,
        "resource": notice.resource if notice else None,
    }
    is_known = notice is not None and not noted.is_new
    return Response(NotedSerializer(told).data, status.HTTP_200_OK if is_known else status.HTTP_202_ACCEPTED)


def _brought(taken: Taken) -> dict[str, Any]:
    outcome = taken.outcome
    told = {
        "state": outcome.status.value,
        "study_instance_uid": outcome.study_instance_uid,
        "series_instance_uid": outcome.series_instance_uid,
        "sop_instance_uid": outcome.sop_instance_uid,
        "xray_id": taken.xray.pk if taken.xray else None,
        "conflict": taken.conflict,
    }
    return dict(BroughtSerializer(told).data)
