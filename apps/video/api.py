"""Films in the REST API: brought, watched, stopped, tried again; masks over them; how a practice has them converted."""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.people_api import deciding, narrow
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import Invalid
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging
from apps.saying import say
from apps.uploads.deciding import decide
from apps.video import administering, controlling, form
from apps.video.models import MaskTemplate, PracticePolicy, Video, VideoQuerySet
from apps.video.serializers import (
    MaskFilters,
    MaskTemplateSerializer,
    NewMaskTemplateSerializer,
    OneVideoSerializer,
    PolicyFilters,
    VideoFilters,
    VideoPolicySerializer,
    VideoSerializer,
    VideosTakenSerializer,
)
from apps.video.wishes import WishesSerializer

SOURCE: Final = "API"
BRINGS: Final = Permission.UPLOAD
DECIDES: Final = Permission.ADMINISTER


def _form() -> dict[str, Any]:
    """The form, in the schema's words."""
    files = {
        "type": "array",
        "items": {"type": "string", "format": "binary"},
        "description": "Videos. A file of one's name with `.json` behind or in place of its ending is its sidecar.",
    }
    sidecar = {"type": "string", "description": "A sidecar for all of them (JSON, docs/video.md)."}
    batch = {"type": "string", "description": "The same for what belongs to one study, over several requests."}
    practice = {"type": "integer", "description": "Without it, the active one."}
    named = {"files": files, "metadata": sidecar, "batch": batch, "practice": practice}
    wishes = WishesSerializer().fields
    others = {name: {"type": "string", "description": str(each.help_text or "")} for name, each in wishes.items()}
    return {"multipart/form-data": {"type": "object", "properties": named | others, "required": ["files"]}}


class VideosView(ListAPIView[Video]):
    """Its body is read as a stream, and never by the framework: the parser is there for the schema alone."""

    guards: Guards = {"GET": BRINGS, "POST": BRINGS}
    serializer_class = VideoSerializer
    pagination_class = CursorPaging
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[Video]:
        given = filters(self.request, VideoFilters)
        state = given.pop("state", None)
        videos = _visible(self.request).filter(**given)
        return (videos.in_state(state) if state else videos).order_by("-pk")

    @extend_schema(summary="Videos that were brought, newest first", parameters=[VideoFilters])
    def get(self, request: Request) -> Response:
        response = self.list(request)
        access.note_search(principal(request), "videos", asked(request, VideoFilters), len(response.data["results"]))
        return response

    @extend_schema(
        summary="Bring videos", request=_form(), responses={202: VideosTakenSerializer},
        description="Each is kept, and made a DICOM object by a job: `Location` says where to ask how it goes. Nothing "
        "is kept of a request that is refused. What comes in one request makes one study.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        videos = form.take(request._request, principal(request))  # noqa: SLF001 - what it wraps, unread
        told = {"batch": videos[0].batch, "count": len(videos), "results": videos}
        data = VideosTakenSerializer(told, context={"request": request}).data
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": _place(request, videos)})


class VideoView(RetrieveAPIView[Video]):
    guards: Guards = {"GET": BRINGS, "DELETE": BRINGS}
    serializer_class = OneVideoSerializer

    def get_queryset(self) -> QuerySet[Video]:
        return _visible(self.request)

    @extend_schema(summary="One video: how far it is, what is done to it and why, and what verification found")
    def get(self, request: Request, pk: int) -> Response:
        video = self.get_object()
        access.note(principal(request), video.practice_id, video.study_instance_uid, "a video")
        return Response(self.get_serializer(video).data)

    @extend_schema(
        summary="Forget a video and its file", responses={204: None},
        description="The object that it became stays in the archive. 409 while it is being converted.",
    )  # fmt: skip
    def delete(self, request: Request, pk: int) -> Response:
        controlling.forget(principal(request), self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class _ChangeView(GenericAPIView[Video]):
    guards: Guards = {"POST": BRINGS}
    serializer_class = OneVideoSerializer

    def get_queryset(self) -> QuerySet[Video]:
        return _visible(self.request)

    def told(self, video: Video) -> Response:
        return Response(self.get_serializer(video).data)


class VideoCancelView(_ChangeView):
    @extend_schema(
        summary="Stop a video's conversion", request=None, responses=OneVideoSerializer,
        description="At once while it waits, at its next step while it runs; 409 for one that has ended.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.told(controlling.cancel(principal(request), self.get_object()))


class VideoRetryView(_ChangeView):
    @extend_schema(
        summary="Convert a video once more", request=None, responses=OneVideoSerializer,
        description="For one that failed or was cancelled, while its file is kept (`keptUntil`); 409 for others.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.told(controlling.retry(principal(request), self.get_object()))


class VideoPolicyView(APIView):
    guards: Guards = {"GET": BRINGS, "PATCH": DECIDES}

    @extend_schema(
        summary="How a practice has its videos converted", parameters=[PolicyFilters], responses=VideoPolicySerializer
    )
    def get(self, request: Request) -> Response:
        practice_id = _practice(request)
        decide(principal(request), practice_id)
        return Response(VideoPolicySerializer(administering.policy_of(practice_id)).data)

    @extend_schema(
        summary="Change how a practice has its videos converted", parameters=[PolicyFilters],
        request=VideoPolicySerializer, responses=VideoPolicySerializer,
    )  # fmt: skip
    def patch(self, request: Request) -> Response:
        who, practice_id = deciding(request), _practice(request)
        administering.decide(who, practice_id)
        policy = administering.policy_of(practice_id)
        wanted = VideoPolicySerializer(policy, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        return Response(VideoPolicySerializer(_saved(who, policy, wanted.validated_data)).data)


class VideoMasksView(ListAPIView[MaskTemplate]):
    guards: Guards = {"GET": BRINGS, "POST": DECIDES}
    serializer_class = MaskTemplateSerializer

    def get_queryset(self) -> QuerySet[MaskTemplate]:
        given = filters(self.request, MaskFilters)
        return MaskTemplate.objects.visible_to(principal(self.request)).filter(**given).order_by("name", "pk")

    @extend_schema(summary="Mask templates of one's practices", parameters=[MaskFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Add a mask template", request=NewMaskTemplateSerializer, responses={201: MaskTemplateSerializer}
    )
    def post(self, request: Request) -> Response:
        who = deciding(request)
        wanted = NewMaskTemplateSerializer(data=request.data)
        narrow(wanted, who)
        wanted.is_valid(raise_exception=True)
        saved = administering.save_mask(who, MaskTemplate(**wanted.validated_data), source=SOURCE)
        return Response(MaskTemplateSerializer(saved).data, status=status.HTTP_201_CREATED)


class VideoMaskView(RetrieveAPIView[MaskTemplate]):
    guards: Guards = {"GET": BRINGS, "PATCH": DECIDES, "DELETE": DECIDES}
    serializer_class = MaskTemplateSerializer

    def get_queryset(self) -> QuerySet[MaskTemplate]:
        permission = BRINGS if self.request.method in SAFE_METHODS else DECIDES
        return MaskTemplate.objects.visible_to(principal(self.request), permission)

    @extend_schema(summary="One mask template")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change a mask template", request=MaskTemplateSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, template = deciding(request), self.get_object()
        wanted = MaskTemplateSerializer(template, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        for name, value in wanted.validated_data.items():
            setattr(template, name, value)
        return Response(MaskTemplateSerializer(administering.save_mask(who, template, source=SOURCE)).data)

    @extend_schema(
        summary="Remove a mask template", responses={204: None},
        description="What was converted by it stays as it is.",
    )  # fmt: skip
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove_mask(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _visible(request: Request) -> VideoQuerySet:
    return Video.objects.visible_to(principal(request)).select_related("job", "requested_by")


def _place(request: Request, videos: list[Video]) -> str:
    """Where to ask how it goes: one video's address, or the list of those of a batch."""
    if len(videos) == 1:
        return reverse("api-video", args=[videos[0].pk], request=request)
    return f"{reverse('api-videos', request=request)}?batch={videos[0].batch}"


def _practice(request: Request) -> int:
    """The practice that is asked for, or the active one. Raises Invalid for none."""
    practice_id = filters(request, PolicyFilters).get("practice") or principal(request).practice_id
    if practice_id is None:
        raise Invalid(errors=[("practice", say("Say the practice."))])
    return int(practice_id)


def _saved(who: Principal, policy: PracticePolicy, wanted: dict[str, Any]) -> PracticePolicy:
    for name, value in wanted.items():
        setattr(policy, name, value)
    return administering.save_policy(who, policy, source=SOURCE)
