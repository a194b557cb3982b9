"""Matches in the REST API: the queue, whose a study is and why, and what people decide about it."""

from collections.abc import Callable
from typing import Any, Final

from django.db.models import Case, Prefetch, QuerySet, When
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.api import StudySerializer
from apps.archive.models import Study
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging
from apps.core.serializers import camel
from apps.dicom.uids import is_valid_uid
from apps.practice.linking import confirming, verbs
from apps.practice.linking.serializers import (
    INSIDE,
    STATES,
    ConfirmedListSerializer,
    ConfirmSerializer,
    DecidedLeadSerializer,
    DecidedSerializer,
    MatchDetailSerializer,
    MatchFilters,
    MatchSerializer,
    SeenSerializer,
)
from apps.practice.models import Candidate, How, Lead, Match, MatchDecision, MatchState
from apps.practice.models.matches import DECIDING
from apps.saying import say

SOURCE: Final = "API"
MOST_HISTORY: Final = 100
NO_STUDY: Final = say("There is no such study.")
NO_LEAD: Final = say("There is no such lead in the practice of this study.")
WHICH_LEAD: Final = say("Say which lead: leadId or leadExternalId.")
DECIDED: Final = say(
    "Holds for the patient's other studies too, where no person has decided and the demographics are the same."
)


class MatchesView(ListAPIView[Match]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = MatchSerializer
    pagination_class = CursorPaging
    orderings: Final = {"changedAt": "changed_at", "probability": "probability", "id": "pk"}

    def get_queryset(self) -> QuerySet[Match]:
        given = filters(self.request, MatchFilters)
        wanted = {_PATHS[name]: INSIDE[value] if name == "state" else value for name, value in given.items()}
        rows = Match.objects.visible_to(principal(self.request)).select_related("study").defer("study__found")
        return rows.filter(**wanted).order_by("-changed_at", "-pk")

    @extend_schema(
        summary="Whose studies are, the last changed first", parameters=[MatchFilters],
        description="With `state=needsReview` the queue of what waits for a person.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(principal(request), "matches", asked(request, MatchFilters), len(answer.data["results"]))
        return answer


class MatchView(RetrieveAPIView[Match]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = MatchDetailSerializer

    def get_queryset(self) -> QuerySet[Match]:
        return detailed().visible_to(principal(self.request))

    @extend_schema(summary="Whose a study is and why, who else it may be, and what was decided")
    def get(self, request: Request, pk: int) -> Response:
        answer = self.retrieve(request, pk=pk)
        access.note_search(principal(request), "a match", ["id"], 1)
        return answer


class ConfirmMatchesView(APIView):
    guards: Guards = {"POST": DECIDING}

    @extend_schema(
        summary="Confirm several matches", request=ConfirmSerializer, responses=ConfirmedListSerializer,
        description="Each study is linked to the one lead that comes into question. Where there are several, or "
        "something says that it is somebody else, it is left to be looked at.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = ConfirmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        numbers = list(dict.fromkeys(asked.validated_data["matches"]))
        rows = Match.objects.visible_to(principal(request), DECIDING).select_related("study", "lead")
        found = {row.pk: row for row in rows.prefetch_related("candidates__lead").filter(pk__in=numbers)}
        done = [
            confirming.confirm(principal(request), found[pk], source=SOURCE)
            if pk in found
            else confirming.Confirmed(pk, None, say("There is no such match."))
            for pk in numbers
        ]
        return Response(ConfirmedListSerializer({"results": done}).data)


class StudyMatchView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(
        summary="Whose a study is",
        responses=MatchDetailSerializer,
        description="`pending`: nobody has looked yet.",
    )
    def get(self, request: Request, uid: str) -> Response:
        study = study_of(principal(request), uid)
        access.note_search(principal(request), "a match", ["study"], 1)
        return _answer(study)


class _Deciding(APIView):
    guards: Guards = {"POST": DECIDING}

    def decide(self, request: Request, uid: str, sent: type[serializers.Serializer[Any]], deed: "Deed") -> Response:
        """Do it with what was sent, and answer with what it has come to."""
        who = principal(request)
        asked = sent(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        study = study_of(who, uid)
        options: dict[str, Any] = {"source": SOURCE, "seen": given.get("version")}
        if "reason" in given:
            options["reason"] = given["reason"]
        if sent is DecidedLeadSerializer:
            options["lead"] = _lead(study, given)
        deed(who, study, **options)
        return _answer(study)


class LinkView(_Deciding):
    @extend_schema(
        summary="Say whose a study is", request=DecidedLeadSerializer, responses=MatchDetailSerializer,
        description=DECIDED,
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        return self.decide(request, uid, DecidedLeadSerializer, verbs.link)


class RejectView(_Deciding):
    @extend_schema(
        summary="Say that a study's patient is not this lead", request=DecidedLeadSerializer,
        responses=MatchDetailSerializer, description="Remembered for all of the patient's studies.",
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        return self.decide(request, uid, DecidedLeadSerializer, verbs.reject)


class NoLeadView(_Deciding):
    @extend_schema(
        summary="Say that a study is no lead's", request=DecidedSerializer, responses=MatchDetailSerializer,
        description=DECIDED,
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        return self.decide(request, uid, DecidedSerializer, verbs.say_no_lead)


class UnlinkView(_Deciding):
    @extend_schema(
        summary="Take back whose a study is", request=DecidedSerializer, responses=MatchDetailSerializer,
        description="It waits for a person then, and is not linked again but by one.",
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        return self.decide(request, uid, DecidedSerializer, verbs.unlink)


class CreateLeadView(_Deciding):
    @extend_schema(
        summary="Make a lead of what a study says of its patient, and link it", request=SeenSerializer,
        responses=MatchDetailSerializer,
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        return self.decide(request, uid, SeenSerializer, verbs.create_lead_of)


class UndoMatchView(_Deciding):
    @extend_schema(
        summary="Take back the last decision about a study", request=SeenSerializer, responses=MatchDetailSerializer,
        description="What other studies of the patient took over from it is taken back too; the server looks again.",
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        return self.decide(request, uid, SeenSerializer, verbs.undo_last)


class LeadStudiesView(ListAPIView[Study]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = StudySerializer
    pagination_class = CursorPaging

    def get_queryset(self) -> QuerySet[Study]:
        who = principal(self.request)
        lead = Lead.objects.visible_to(who).filter(pk=self.kwargs["pk"]).first()
        if lead is None:
            raise NotFound(say("There is no such lead."))
        mine = Study.objects.visible_to(who).filter(match__lead=lead, match__state=MatchState.LINKED)
        return mine.defer("found").prefetch_related("labels").order_by("-study_date", "-pk")

    @extend_schema(summary="The studies of a lead, the newest first")
    def get(self, request: Request, pk: int) -> Response:
        answer = self.list(request)
        access.note_search(principal(request), "studies", ["lead"], len(answer.data["results"]))
        return answer


Deed = Callable[..., object]
_PATHS: Final = {
    "practice": "practice",
    "state": "state",
    "how": "how",
    "lead": "lead",
    "study": "study__study_instance_uid",
    "since": "changed_at__gte",
}


def detailed() -> Any:
    """Matches with all that is told of one."""
    history = MatchDecision.objects.order_by("-pk")[:MOST_HISTORY]
    return Match.objects.select_related("study", "practice").prefetch_related(
        Prefetch("candidates", Candidate.objects.order_by("rank")),
        Prefetch("decisions", history, to_attr="shown_decisions"),
    )


def study_of(who: Principal, uid: str) -> Study:
    """The study, the active practice's first; of practices whose leads the caller may see. Raises NotFound."""
    if not is_valid_uid(uid):
        raise NotFound(NO_STUDY)
    own_first = Case(When(practice=who.practice_id, then=0), default=1)
    found = Study.objects.visible_to(who).filter(study_instance_uid=uid).order_by(own_first, "pk")
    study = next((each for each in found[:10] if who.may_in_all_of(Permission.VIEW, each.practice_id)), None)
    if study is None:
        raise NotFound(NO_STUDY)
    return study


def _lead(study: Study, given: dict[str, Any]) -> Lead:
    here = Lead.objects.filter(practice=study.practice_id)
    if pk := given.get("lead_id"):
        lead, name = here.filter(pk=pk).first(), "leadId"
    elif external_id := given.get("lead_external_id"):
        lead, name = here.filter(external_id=external_id).first(), "leadExternalId"
    else:
        raise serializers.ValidationError({"leadId": [WHICH_LEAD]})
    if lead is None:
        raise serializers.ValidationError({name: [NO_LEAD]})
    return lead


def _answer(study: Study) -> Response:
    match = detailed().filter(study=study).first()
    return Response(MatchDetailSerializer(match).data if match else _pending(study))


def _pending(study: Study) -> dict[str, Any]:
    """What is told of a study that nobody has looked at yet."""
    nothing: dict[str, Any] = {camel(name): None for name in MatchDetailSerializer.Meta.fields}
    lists: dict[str, Any] = {name: [] for name in ("notes", "explanation", "candidates", "history")}
    known = {"practice": study.practice_id, "study": study.study_instance_uid, "version": 0}
    return {**nothing, **lists, **known, "state": STATES[MatchState.PENDING], "how": How.MACHINE.value}
