"""Analyses in the REST API: asked for, watched, run again, stopped and removed."""

from collections.abc import Callable
from typing import Final

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.analysis import asking, judging, kinds
from apps.analysis.asking import Asked
from apps.analysis.models import Analysis, AnalysisQuerySet
from apps.analysis.serializers import (
    AnalysisFilters,
    AnalysisKindSerializer,
    AnalysisSerializer,
    AskedSerializer,
    NewAnalysisSerializer,
    OneAnalysisSerializer,
    VerdictSerializer,
)
from apps.archive.models import Study
from apps.archive.rights import NO_SUCH
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging

SOURCE: Final = "API"
SEES: Final = Permission.VIEW
ASKS: Final = Permission.ANALYSE
WHAT: Final = "analyses"
Judge = Callable[..., Analysis]
_UID: Final = OpenApiParameter("uid", OpenApiTypes.STR, OpenApiParameter.PATH, description="Study Instance UID")


class KindsView(APIView):
    guards: Guards = {"GET": SEES}

    @extend_schema(
        summary="The kinds of analyses, with what may be asked of each",
        operation_id="analyses_kinds_list", responses=AnalysisKindSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response(AnalysisKindSerializer(kinds.every(), many=True).data)


class AnalysesView(ListAPIView[Analysis]):
    guards: Guards = {"GET": SEES}
    serializer_class = AnalysisSerializer
    pagination_class = CursorPaging

    def get_queryset(self) -> QuerySet[Analysis]:
        return _filtered(self.request, visible(self.request))

    @extend_schema(summary="Analyses of all studies that one sees, newest first", parameters=[AnalysisFilters])
    def get(self, request: Request) -> Response:
        response = self.list(request)
        access.note_search(principal(request), WHAT, asked(request, AnalysisFilters), len(response.data["results"]))
        return response


@extend_schema(parameters=[_UID])
class StudyAnalysesView(ListAPIView[Analysis]):
    guards: Guards = {"GET": SEES, "POST": ASKS}
    serializer_class = AnalysisSerializer
    pagination_class = CursorPaging

    def get_queryset(self) -> QuerySet[Analysis]:
        return _filtered(self.request, visible(self.request).filter(study=_study(self.request, self.kwargs["uid"])))

    @extend_schema(summary="Analyses of a study, newest first", parameters=[AnalysisFilters])
    def get(self, request: Request, uid: str) -> Response:
        response = self.list(request)
        study = _study(request, uid)
        access.note(principal(request), study.practice_id, study.study_instance_uid, WHAT)
        return response

    @extend_schema(
        summary="Ask for an analysis of a study", request=NewAnalysisSerializer,
        responses={202: AskedSerializer, 200: AskedSerializer},
        description="A job does it: `Location` says where to ask how it goes. What comes of it is stored in the study, "
        "as series of their own; a later run replaces them. 200 where the same is at work, or a run would give what is "
        "stored (`again` runs it all the same).",
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        wanted = NewAnalysisSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        of_study = asking.ask(
            principal(request), uid, given["kind"], given["parameters"], again=given["again"], source=SOURCE
        )
        return _told(request, of_study)


class AnalysisView(RetrieveAPIView[Analysis]):
    guards: Guards = {"GET": SEES, "DELETE": ASKS}
    serializer_class = OneAnalysisSerializer

    def get_queryset(self) -> QuerySet[Analysis]:
        return visible(self.request)

    @extend_schema(summary="One analysis: how far it is, and what came of it")
    def get(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        access.note(principal(request), row.study.practice_id, row.study.study_instance_uid, "an analysis")
        return Response(self.get_serializer(row).data)

    @extend_schema(
        summary="Remove an analysis and the series that came of it", responses={204: None},
        description="For whoever asked for it, and for who may delete studies. 409 while it is at work.",
    )  # fmt: skip
    def delete(self, request: Request, pk: int) -> Response:
        asking.remove(principal(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class _ChangeView(GenericAPIView[Analysis]):
    guards: Guards = {"POST": ASKS}
    serializer_class = AnalysisSerializer

    def get_queryset(self) -> QuerySet[Analysis]:
        return visible(self.request)


class RerunView(_ChangeView):
    @extend_schema(
        summary="Run an analysis again", request=None, responses={202: AskedSerializer, 200: AskedSerializer},
        description="Whatever is stored: its series are replaced once the new ones are. 200 while it is at work.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return _told(request, asking.rerun(principal(request), self.get_object(), source=SOURCE))


class CancelAnalysisView(_ChangeView):
    @extend_schema(
        summary="Stop an analysis", request=None, responses=AnalysisSerializer,
        description="At once while it waits, at its next step while it runs; 409 for one that has ended. For whoever "
        "asked for it, and for administrators. What an earlier run has stored stays.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(asking.cancel(principal(request), self.get_object())).data)


class _VerdictView(GenericAPIView[Analysis]):
    guards: Guards = {"POST": judging.JUDGES}
    serializer_class = AnalysisSerializer

    def get_queryset(self) -> QuerySet[Analysis]:
        return visible(self.request)

    def judge(self, request: Request, verdict: Judge) -> Response:
        said = VerdictSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = verdict(principal(request), self.get_object(), remark=said.validated_data["remark"], source=SOURCE)
        return Response(self.get_serializer(row).data)


class AcceptView(_VerdictView):
    @extend_schema(
        summary="Stand for what an analysis has found", request=VerdictSerializer, responses=AnalysisSerializer,
        description="Its structured reports are replaced by verified ones that name you (PS3.3 C.17.2). 409 for what "
        "is at work, no finding, or judged already: running it again makes it unverified.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.judge(request, judging.accept)


class RejectView(_VerdictView):
    @extend_schema(
        summary="Say that what an analysis has found is wrong",
        request=VerdictSerializer, responses=AnalysisSerializer,
        description="Its series stay until it is removed. 409 as of accepting.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.judge(request, judging.reject)


def visible(request: Request) -> AnalysisQuerySet:
    return Analysis.objects.with_study().visible_to(principal(request)).order_by("-pk")


def _filtered(request: Request, rows: AnalysisQuerySet) -> AnalysisQuerySet:
    given = {name: value for name, value in filters(request, AnalysisFilters).items() if value is not None}
    state = given.pop("state", None)
    rows = rows.filter(**given)
    return rows.in_state(state) if state else rows


def _study(request: Request, uid: str) -> Study:
    """The study of this UID, the active practice's of several. Raises NotFound."""
    who = principal(request)
    rows = Study.objects.visible_to(who).filter(study_instance_uid=uid)
    found = list(rows.only("practice_id", "study_instance_uid").order_by("practice_id"))
    if not found:
        raise NotFound(NO_SUCH)
    return next((study for study in found if study.practice_id == who.practice_id), found[0])


def _told(request: Request, of_study: Asked) -> Response:
    row, is_started = of_study.analysis, of_study.is_started
    data = AskedSerializer(row, context={"request": request, "is_started": is_started}).data
    place = reverse("api-analysis", args=[row.pk], request=request)
    answer = status.HTTP_202_ACCEPTED if is_started else status.HTTP_200_OK
    return Response(data, status=answer, headers={"Location": place})
