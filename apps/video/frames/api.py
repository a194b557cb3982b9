"""Pictures and parts of stored videos in the REST API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.serializers import CamelCaseSerializer
from apps.jobs.api import JobSerializer
from apps.jobs.models import Job
from apps.saying import say
from apps.video.frames import asking
from apps.video.frames.asking import Picks
from apps.video.frames.picking import MOST_PICTURES

LONGEST = 24 * 3600.0
LARGEST = 2**31 - 1
_UID = OpenApiParameter("uid", OpenApiTypes.STR, OpenApiParameter.PATH, description="SOP Instance UID of a video")


class StillsSerializer(CamelCaseSerializer):
    """Which pictures: `frames` by number (from 1), `times` in seconds from the start, or so many `keyFrames`."""

    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST), required=False, max_length=MOST_PICTURES
    )
    times = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=LONGEST), required=False, max_length=MOST_PICTURES
    )
    key_frames = serializers.IntegerField(min_value=1, max_value=MOST_PICTURES, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        count = len(given.get("frames", ())) + len(given.get("times", ())) + given.get("key_frames", 0)
        if not 1 <= count <= MOST_PICTURES:
            raise serializers.ValidationError(
                str(say("Ask for 1 to {most} pictures, by frames, times or keyFrames.", most=MOST_PICTURES))
            )
        return given


class ClipSerializer(CamelCaseSerializer):
    """The part from `from` to before `to`, in seconds from the start. The border before and behind them are taken."""

    to = serializers.FloatField(min_value=0, max_value=LONGEST)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        return {"from": serializers.FloatField(min_value=0, max_value=LONGEST), **super().get_fields()}


class _AskView(APIView):
    guards: Guards = {"POST": Permission.UPLOAD}

    @staticmethod
    def told(request: Request, job: Job) -> Response:
        place = reverse("api-job", args=[job.pk], request=request)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED, headers={"Location": place})


@extend_schema(parameters=[_UID])
class StillsView(_AskView):
    @extend_schema(
        summary="Make images of pictures of a video", request=StillsSerializer, responses={202: JobSerializer},
        description="VL Endoscopic, Microscopic or Photographic Images in a series of their own. The job's result "
        "names them. The same picture asked for again is the same image.",
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        asked = StillsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        picks = Picks(tuple(given.get("frames", ())), tuple(given.get("times", ())), given.get("key_frames", 0))
        return self.told(request, asking.ask_for_stills(principal(request), uid, picks))


@extend_schema(parameters=[_UID])
class ClipsView(_AskView):
    @extend_schema(
        summary="Cut a part out of a video", request=ClipSerializer, responses={202: JobSerializer},
        description="A video of its own, not encoded anew: it begins at the key picture at or before `from` and ends "
        "before the one at or behind `to`. The job's result says where that is.",
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        asked = ClipSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        return self.told(request, asking.ask_for_clip(principal(request), uid, given["from"], given["to"]))
