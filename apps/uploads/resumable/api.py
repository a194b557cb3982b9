"""Resumable uploads in the REST API, as tus 1.0.0 has them; and for people's programs what there is, as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards, Open
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.errors import FoveaError, MethodNotAllowed, TooLarge, Unsupported
from apps.core.filters import filters
from apps.core.http import body_stream, declared_length
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.saying import say
from apps.uploads.models import Upload, UploadQuerySet
from apps.uploads.resumable import protocol, receiving
from apps.uploads.resumable.errors import OtherVersion
from apps.uploads.resumable.receiving import Wanted

FIELDS: Final[Mapping[str, str]] = {"Tus-Resumable": protocol.VERSION, "Tus-Version": protocol.VERSION}
JOB: Final = "Fovea-Job"
OF_TUS: Final = [OpenApiParameter("Tus-Resumable", str, "header", required=True, enum=[protocol.VERSION])]
OF_OFFSET: Final = [
    OpenApiParameter("Upload-Offset", int, "header", required=True, description="Where these bytes begin."),
    OpenApiParameter("Upload-Checksum", str, "header", description="An algorithm and a digest in Base64."),
]
OF_CREATION: Final = [
    OpenApiParameter("Upload-Length", int, "header", required=True, description="Bytes of the whole file."),
    OpenApiParameter(
        "Upload-Metadata",
        str,
        "header",
        description="Pairs of key and Base64, by commas: filename, practice, purpose, leadId and what else holds.",
    ),
]
BYTES: Final[dict[str, Any]] = {protocol.MEDIA_TYPE: OpenApiTypes.BINARY}
NOTHING: Final = OpenApiResponse(description="Done. The header fields tell how far the upload is.")


class UploadSerializer(CamelCaseModelSerializer):
    """An upload. `jobId` is there when it is whole, and a job has taken it; `error` says why nothing became of it."""

    id = serializers.CharField(source="key")
    offset = serializers.IntegerField(source="received", help_text="Bytes that are safe.")
    percent = serializers.IntegerField()
    user = serializers.CharField(source="user.username")
    job_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Upload
        fields = (
            "id", "name", "purpose", "length", "offset", "percent", "practice", "user", "created_at", "expires_at",
            "job_id", "error",
        )  # fmt: skip
        read_only_fields = fields


class UploadFilters(CamelCaseSerializer):
    unfinished = serializers.BooleanField(required=False, help_text="Only those that no job has taken, or that all.")


class Tus(APIView):
    """What all of its addresses have in common. Their bodies are read as streams, and never by the framework."""

    header_fields = FIELDS

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What the server can do."""
        told = {
            "Tus-Max-Size": str(settings.MAX_BODY_BYTES),
            "Tus-Extension": protocol.EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(protocol.HASHES),
        }
        return Response(status=204, headers=told)


class UploadsView(Tus, ListAPIView[Upload]):
    """All that the caller may see, and the beginning of another one."""

    guards: Guards = {"GET": Permission.UPLOAD, "POST": Permission.UPLOAD, "OPTIONS": Open.TO_ANYBODY}
    serializer_class = UploadSerializer
    orderings: ClassVar[dict[str, str]] = {"id": "pk"}

    def get_queryset(self) -> UploadQuerySet:
        asked = filters(self.request, UploadFilters)
        visible = Upload.objects.visible_to(principal(self.request)).select_related("user")
        return visible.filter(job__isnull=asked["unfinished"]) if "unfinished" in asked else visible

    @extend_schema(summary="Uploads, newest first", parameters=[UploadFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Begin a resumable upload (tus 1.0.0)",
        description="`Location` is where its bytes go, with PATCH; the first of them may be in this request's body.",
        parameters=[*OF_TUS, *OF_CREATION],
        request=BYTES,
        responses={201: OpenApiResponse(description="Begun: `Location` says where.")},
    )
    def post(self, request: Request) -> HttpResponse:
        _check_version(request)
        headers = request.headers
        length = protocol.length(headers.get("Upload-Length"), headers.get("Upload-Defer-Length"))
        checksum = protocol.checksum(headers.get("Upload-Checksum"))
        upload = receiving.create(principal(request), Wanted(length, headers.get("Upload-Metadata", "")))
        try:
            if request.content_type == protocol.MEDIA_TYPE:
                upload = receiving.append(upload, 0, _body(request, length), checksum)
            else:
                upload = receiving.finish(upload)
        except FoveaError:
            # The caller doesn't know where to go on.
            receiving.end(principal(request), upload.key)
            raise
        place = reverse("api-upload", args=[upload.key])
        return HttpResponse(status=201, headers={"Location": place, **_told(upload)})


class UploadView(Tus):
    """One upload."""

    guards: Guards = {
        "GET": Permission.UPLOAD,
        "POST": Permission.UPLOAD,
        "PATCH": Permission.UPLOAD,
        "DELETE": Permission.UPLOAD,
        "OPTIONS": Open.TO_ANYBODY,
    }

    @extend_schema(summary="How far an upload is", responses=UploadSerializer)
    def get(self, request: Request, upload: str) -> Response:
        return Response(UploadSerializer(receiving.find(principal(request), upload)).data)

    def head(self, request: Request, upload: str) -> HttpResponse:
        """Where to go on."""
        _check_version(request)
        found = receiving.finish(receiving.there(receiving.find(principal(request), upload)))
        told = {"Upload-Length": str(found.length), "Cache-Control": "no-store", **_told(found)}
        if found.metadata:
            told["Upload-Metadata"] = found.metadata
        return HttpResponse(headers=told)

    @extend_schema(
        summary="Go on with an upload (tus 1.0.0)",
        description=f"With the last byte a job takes the file: `{JOB}` says where to ask how it goes.",
        parameters=[*OF_TUS, *OF_OFFSET],
        request=BYTES,
        responses={204: NOTHING},
    )
    def patch(self, request: Request, upload: str) -> HttpResponse:
        _check_version(request)
        if request.content_type != protocol.MEDIA_TYPE:
            raise Unsupported(say("Send the bytes as {type}.", type=protocol.MEDIA_TYPE))
        found = receiving.own(principal(request), upload)
        offset = protocol.offset(request.headers.get("Upload-Offset"))
        checksum = protocol.checksum(request.headers.get("Upload-Checksum"))
        chunks = _body(request, found.length - offset)
        return HttpResponse(status=204, headers=_told(receiving.append(found, offset, chunks, checksum)))

    @extend_schema(summary="Take an upload back (tus 1.0.0)", parameters=OF_TUS, responses={204: NOTHING})
    def delete(self, request: Request, upload: str) -> HttpResponse:
        _check_version(request)
        receiving.end(principal(request), upload)
        return HttpResponse(status=204)

    @extend_schema(
        summary="PATCH, DELETE or HEAD, for networks that let neither by",
        operation_id="uploads_tunnel",
        parameters=[*OF_TUS, OpenApiParameter("X-HTTP-Method-Override", str, "header", required=True)],
        request=BYTES,
        responses={204: NOTHING},
    )
    def post(self, request: Request, upload: str) -> HttpResponse:
        _check_version(request)
        methods = {"PATCH": self.patch, "DELETE": self.delete, "HEAD": self.head}
        method = methods.get(request.headers.get("X-HTTP-Method-Override", "").upper())
        if method is None:
            raise MethodNotAllowed(say("POST needs an X-HTTP-Method-Override here: PATCH, DELETE or HEAD."))
        return method(request, upload)


def _check_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != protocol.VERSION:
        raise OtherVersion(say("Say Tus-Resumable: {version} in the request.", version=protocol.VERSION))


def _body(request: Request, most: int) -> Iterator[bytes]:
    """The request's bytes, no more than the upload lacks. Raises TooLarge before the first one is read."""
    plain = request._request  # noqa: SLF001 - what it wraps, unread
    if plain.META.get("HTTP_CONTENT_ENCODING", "identity") not in ("", "identity"):
        raise Unsupported(say("Send the bytes as they are: their number is the upload's offset."))
    if (declared_length(plain) or 0) > max(most, 0):
        raise TooLarge(say("These are more bytes than the upload lacks."))
    return body_stream(plain, limit=max(most, 0))


def _told(upload: Upload) -> dict[str, str]:
    told = {"Upload-Offset": str(upload.received)}
    if not upload.is_complete:
        told["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if upload.job_id:
        told[JOB] = reverse("api-job", args=[upload.job_id])
    return told
