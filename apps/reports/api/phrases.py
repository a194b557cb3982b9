"""Phrases in the REST API: one's own, and those of one's practices."""

from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.core.errors import Invalid
from apps.core.filters import filters
from apps.core.paging import BoundedPaging
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.reports import phrases
from apps.reports.api.fields import LARGEST
from apps.reports.models import Phrase
from apps.reports.models.phrases import NAME_LENGTH, PHRASE_LENGTH
from apps.saying import say

SOURCE: Final = "API"
WRITES: Final = phrases.WRITES


class PhraseFilters(CamelCaseSerializer):
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    practice = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)


class PhraseSerializer(CamelCaseModelSerializer):
    """A text by its name. `isOwn`: it is the caller's, not everybody's in the practice."""

    practice = serializers.IntegerField(source="practice_id", read_only=True)
    is_own = serializers.SerializerMethodField()
    may_change = serializers.SerializerMethodField()

    class Meta:
        model = Phrase
        fields = ("id", "practice", "language", "name", "text", "is_own", "may_change")
        read_only_fields = fields

    def get_is_own(self, phrase: Phrase) -> bool:
        return phrase.user_id is not None

    def get_may_change(self, phrase: Phrase) -> bool:
        return phrases.may_change(self.context["who"], phrase)


class ChangedPhraseSerializer(CamelCaseSerializer):
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    text = serializers.CharField(max_length=PHRASE_LENGTH, trim_whitespace=False, required=False)


class NewPhraseSerializer(CamelCaseSerializer):
    """`practice`: the active one, if left out."""

    practice = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    language = serializers.ChoiceField(settings.LANGUAGES)
    name = serializers.CharField(max_length=NAME_LENGTH)
    text = serializers.CharField(max_length=PHRASE_LENGTH, trim_whitespace=False)
    is_own = serializers.BooleanField(default=True)


class PhrasesView(GenericAPIView[Phrase]):
    guards: Guards = {"GET": WRITES, "POST": WRITES}
    serializer_class = PhraseSerializer
    pagination_class = BoundedPaging

    @extend_schema(
        summary="One's own phrases, and those of one's practices, by name", operation_id="phrases_list",
        parameters=[PhraseFilters], responses=PhraseSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = phrases.phrases(principal(request)).filter(**filters(request, PhraseFilters))
        return self.get_paginated_response([_told(request, each) for each in self.paginate_queryset(rows) or ()])

    @extend_schema(
        summary="Add a phrase", request=NewPhraseSerializer, responses={201: PhraseSerializer},
        description="One's own, or with `isOwn` false everybody's in the practice, for who administers it.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        who = principal(request)
        given = _given(request, NewPhraseSerializer)
        practice = given.pop("practice", who.practice_id)
        if practice is None:
            reason = say("Say in which practice.")
            raise Invalid(reason, [("practice", reason)])
        user = who.user_id if given.pop("is_own") else None
        phrase = phrases.save(who, Phrase(practice_id=practice, user_id=user, **given), source=SOURCE)
        place = reverse("api-phrase", args=[phrase.pk], request=request)
        return Response(_told(request, phrase), status=status.HTTP_201_CREATED, headers={"Location": place})


class PhraseView(APIView):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), WRITES)

    @extend_schema(summary="One phrase", responses=PhraseSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_told(request, phrases.phrase_of(principal(request), pk)))

    @extend_schema(summary="Change a phrase", request=ChangedPhraseSerializer, responses=PhraseSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who = principal(request)
        phrase = phrases.phrase_of(who, pk)
        for name, value in _given(request, ChangedPhraseSerializer).items():
            setattr(phrase, name, value)
        return Response(_told(request, phrases.save(who, phrase, source=SOURCE)))

    @extend_schema(summary="Remove a phrase", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        who = principal(request)
        phrases.remove(who, phrases.phrase_of(who, pk), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _given(request: Request, serializer: type[Any]) -> dict[str, Any]:
    wanted = serializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


def _told(request: Request, phrase: Phrase) -> Any:
    return PhraseSerializer(phrase, context={"who": principal(request)}).data
