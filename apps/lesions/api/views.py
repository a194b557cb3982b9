"""Which lesions there are; recorded, changed, joined and removed; and what RECIST 1.1 says of a study."""

from typing import Any, Final

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import Serializer, ValidationError
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.filters import asked, filters
from apps.lesions import keeping
from apps.lesions.api.reaching import assessed, lesions_of, seen_studies, study_of, whose
from apps.lesions.api.serializers import (
    AssessmentFilters,
    AssessmentSerializer,
    ChangedLesionSerializer,
    JoinSerializer,
    LesionFilters,
    LesionSerializer,
    NewFindingSerializer,
    NewLesionSerializer,
)
from apps.lesions.models import Lesion

SOURCE: Final = "API"
WHAT: Final = "lesions"
_UID: Final = OpenApiParameter("uid", OpenApiTypes.STR, OpenApiParameter.PATH, description="Study Instance UID")


class LesionsView(APIView):
    guards: Guards = {"GET": Permission.VIEW, "POST": keeping.KEEPS}

    @extend_schema(
        summary="A patient's lesions", operation_id="lesions_list", parameters=[LesionFilters],
        responses=LesionSerializer(many=True),
        description="In the order in which they were recorded, each with how it was found in every study. Reports that "
        "have come are read right then, so that sizes are what they say now.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        who, wanted = principal(request), filters(request, LesionFilters)
        if len(wanted) != 1:
            raise ValidationError(gettext("Say whose lesions: a patient, or a study of theirs."))
        patient = whose(who, wanted)
        found = lesions_of(who, patient)
        access.note_search(who, WHAT, asked(request, LesionFilters), len(found))
        told = LesionSerializer(found, many=True, context={"studies": seen_studies(who, patient)})
        return Response(told.data)

    @extend_schema(
        summary="Record a lesion", request=NewLesionSerializer, responses={201: LesionSerializer},
        description="409 says what RECIST 1.1 doesn't let be: too many targets, or too small ones.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = _given(request, NewLesionSerializer)
        lesion = keeping.add(principal(request), given.pop("study"), given, source=SOURCE)
        place = reverse("api-lesion", args=[lesion.pk], request=request)
        return Response(_told(request, lesion.pk), status=status.HTTP_201_CREATED, headers={"Location": place})


class LesionView(APIView):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": keeping.KEEPS, "DELETE": keeping.KEEPS}

    @extend_schema(summary="One lesion", responses=LesionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_told(request, pk))

    @extend_schema(
        summary="Change a lesion's name, organ or role", request=ChangedLesionSerializer, responses=LesionSerializer
    )
    def patch(self, request: Request, pk: int) -> Response:
        keeping.change(principal(request), pk, _given(request, ChangedLesionSerializer), source=SOURCE)
        return Response(_told(request, pk))

    @extend_schema(
        summary="Remove a lesion", responses={204: None}, description="In all studies. What was measured stays."
    )
    def delete(self, request: Request, pk: int) -> Response:
        keeping.remove(principal(request), pk, source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class JoinLesionView(APIView):
    guards: Guards = {"POST": keeping.KEEPS}

    @extend_schema(
        summary="Make one of two lesions that are the same", request=JoinSerializer, responses=LesionSerializer,
        description="It takes over the other's findings in studies where it has none; the other is gone then.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        keeping.join(principal(request), pk, _given(request, JoinSerializer)["lesion"], source=SOURCE)
        return Response(_told(request, pk))


@extend_schema(parameters=[_UID])
class LesionFindingView(APIView):
    guards: Guards = {"PUT": keeping.KEEPS, "DELETE": keeping.KEEPS}

    @extend_schema(
        summary="Say how a lesion was found in a study", request=NewFindingSerializer, responses=LesionSerializer
    )
    def put(self, request: Request, pk: int, uid: str) -> Response:
        keeping.note(principal(request), pk, uid, _given(request, NewFindingSerializer), source=SOURCE)
        return Response(_told(request, pk))

    @extend_schema(summary="Take back how a lesion was found in a study", responses={204: None})
    def delete(self, request: Request, pk: int, uid: str) -> Response:
        keeping.unsay(principal(request), pk, uid, source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AssessmentView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(
        summary="What RECIST 1.1 says of a study", parameters=[AssessmentFilters], responses=AssessmentSerializer,
        description="By the patient's lesions as they were found up to it. Of images alone: tumour markers and how the "
        "patient fares are not known here. 409 where nobody has said how lesions were found in it.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        who = principal(request)
        wanted = filters(request, AssessmentFilters)
        study = study_of(who, wanted["study"])
        history, visit = assessed(who, study)
        access.note(who, study.practice_id, study.study_instance_uid, "an assessment of lesions")
        return Response(
            AssessmentSerializer(visit, context={"history": history, "stable_days": wanted["stable_days"]}).data
        )


def _given(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    wanted = serializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


def _told(request: Request, pk: int) -> Any:
    """The lesion as it is now, on record."""
    who = principal(request)
    lesion = Lesion.objects.with_findings().visible_to(who).filter(pk=pk).first()
    if lesion is None:
        raise NotFound(keeping.NO_LESION)
    access.note(who, lesion.study.practice_id, lesion.study.study_instance_uid, "a lesion")
    return LesionSerializer(lesion, context={"studies": seen_studies(who, lesion.patient)}).data
