"""Posters and strips of thumbnails in the REST API, for pages that show videos before they play."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive import retrieve
from apps.archive.retrieve import StoredInstance
from apps.archive.rights import NO_SUCH
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.filters import filters
from apps.core.negotiation import Anything
from apps.core.serializers import CamelCaseSerializer
from apps.dicom.uids import is_valid_uid
from apps.video import strips

JPEG: Final = "image/jpeg"
# Seconds: a day.
LONGEST: Final = 86_400.0
UID: Final = OpenApiParameter("uid", OpenApiTypes.STR, OpenApiParameter.PATH, description="SOP Instance UID")


class PosterParameters(CamelCaseSerializer):
    """`width` in pixels; `time` in seconds from the start, in the middle where it is left out."""

    width = serializers.IntegerField(
        required=False, min_value=strips.POSTER_WIDTHS[0], max_value=strips.POSTER_WIDTHS[1]
    )
    time = serializers.FloatField(required=False, min_value=0, max_value=LONGEST)


class StripParameters(CamelCaseSerializer):
    """How many thumbnails, and how wide each is, in pixels."""

    count = serializers.IntegerField(required=False, min_value=strips.COUNTS[0], max_value=strips.COUNTS[1])
    width = serializers.IntegerField(required=False, min_value=strips.TILE_WIDTHS[0], max_value=strips.TILE_WIDTHS[1])


class StripSerializer(CamelCaseSerializer):
    """Where in `image` each thumbnail lies: in rows, from left to right. `times` are the seconds that they show."""

    columns = serializers.IntegerField()
    rows = serializers.IntegerField()
    tile_width = serializers.IntegerField()
    tile_height = serializers.IntegerField()
    times = serializers.ListField(child=serializers.FloatField())
    image = serializers.CharField()


class PosterView(APIView):
    guards: Guards = {"GET": Permission.VIEW}
    content_negotiation_class = Anything

    @extend_schema(
        summary="A picture of a video, as JPEG",
        parameters=[UID, PosterParameters],
        responses={(200, JPEG): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, uid: str) -> HttpResponse:
        """The key picture at or before `time`, never enlarged. Any image that can be drawn has one."""
        asked = filters(request, PosterParameters)
        return _picture(strips.poster(_instance(request, uid, "poster"), **asked))


class StripView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(
        summary="A strip of thumbnails of a video: where they lie in its image, and their times",
        parameters=[UID, StripParameters],
        responses=StripSerializer,
    )
    def get(self, request: Request, uid: str) -> Response:
        """Evenly spread over the video; each shows the key picture near its time. `image` is where the image is."""
        asked = filters(request, StripParameters)
        found = strips.strip(_instance(request, uid, "strip"), **asked)
        query = f"?{urlencode(asked)}" if asked else ""
        told = {name: getattr(found, name) for name in ("columns", "rows", "tile_width", "tile_height", "times")}
        return Response(StripSerializer({**told, "image": f"/api/instances/{uid}/strip.jpg{query}"}).data)


class StripImageView(APIView):
    guards: Guards = {"GET": Permission.VIEW}
    content_negotiation_class = Anything

    @extend_schema(
        summary="The image of a strip of thumbnails, as JPEG",
        parameters=[UID, StripParameters],
        responses={(200, JPEG): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, uid: str) -> HttpResponse:
        """Its thumbnails lie as the strip tells that was asked for with the same parameters."""
        asked = filters(request, StripParameters)
        return _picture(strips.strip(_instance(request, uid, "strip"), **asked).jpeg)


def _picture(jpeg: bytes) -> HttpResponse:
    """A browser may keep it, and asks each time whether it still may show it."""
    return HttpResponse(jpeg, content_type=JPEG, headers={"Cache-Control": "private, no-cache"})


def _instance(request: Request, uid: str, what: str) -> StoredInstance:
    who = principal(request)
    if not is_valid_uid(uid):
        raise NotFound(NO_SUCH)
    stored = retrieve.by_uid(who, uid)
    access.note(who, stored.practice_id, stored.study_instance_uid, what)
    return stored
