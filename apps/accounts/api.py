"""Who is signed in, and the bearer tokens that let other systems in as them."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import DestroyAPIView, ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import authentication
from apps.accounts.guards import Guards, Open
from apps.accounts.models import Practice, Token, User
from apps.accounts.rest import principal
from apps.core.errors import Conflict, Refused
from apps.core.serializers import CamelCaseModelSerializer

MOST_TOKENS = 50


class PrincipalScheme(OpenApiAuthenticationExtension):
    """The three ways to sign in, for the schema."""

    target_class = "apps.accounts.rest.PrincipalAuthentication"
    name = ["session", "basic", "bearer"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            {"type": "http", "scheme": "basic"},
            {"type": "http", "scheme": "bearer"},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]


class PracticeSerializer(CamelCaseModelSerializer):
    class Meta:
        model = Practice
        fields = ("id", "name")


class MeSerializer(CamelCaseModelSerializer):
    """The signed-in user. `practice` is the active one: where what they upload goes."""

    practice = PracticeSerializer(allow_null=True)
    practices = PracticeSerializer(many=True)

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_superuser", "practice", "practices")
        read_only_fields = fields


def _to_come(time: datetime) -> None:
    if time <= timezone.now():
        raise serializers.ValidationError("This time has passed.")


class TokenSerializer(CamelCaseModelSerializer):
    """A bearer token: its first characters, never the token itself."""

    expires_at = serializers.DateTimeField(required=False, allow_null=True, validators=[_to_come])

    class Meta:
        model = Token
        fields: tuple[str, ...] = ("id", "name", "hint", "created_at", "expires_at")
        read_only_fields = ("id", "hint", "created_at")


class NewTokenSerializer(TokenSerializer):
    """A token as it is made, with the token itself for this one time."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")


class MeView(APIView):
    guards: Guards = {"GET": Open.TO_USERS}

    @extend_schema(summary="Who is signed in", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        who = principal(request)
        practices = list(Practice.objects.filter(pk__in=who.practice_ids))
        active = next((practice for practice in practices if practice.pk == who.practice_id), None)
        user = request.user
        facts = {name: getattr(user, name) for name in ("username", "first_name", "last_name", "email", "is_superuser")}
        return Response(MeSerializer({**facts, "practice": active, "practices": practices}).data)


class TokensView(ListCreateAPIView[Token]):
    guards: Guards = {"GET": Open.TO_USERS, "POST": Open.TO_USERS}
    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[Token]:
        return own_tokens(self.request)

    @extend_schema(summary="The caller's tokens, newest first")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Make a token",
        request=TokenSerializer,
        responses={201: NewTokenSerializer},
        description="The answer holds the token itself, which is never shown again. Not by a token: sign in for it.",
    )
    def post(self, request: Request) -> Response:
        if request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer"):
            raise Refused("A token can't make another one: sign in with a user name and password.")
        asked = TokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        if self.get_queryset().count() >= MOST_TOKENS:
            raise Conflict(f"You have {MOST_TOKENS} tokens. Revoke those that are no longer used.")
        token, secret = Token.issue(cast(User, request.user), **asked.validated_data)
        made = {**TokenSerializer(token).data, "token": secret}
        return Response(made, status=status.HTTP_201_CREATED)


@extend_schema(summary="Revoke a token")
class TokenView(DestroyAPIView[Token]):
    guards: Guards = {"DELETE": Open.TO_USERS}
    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[Token]:
        return own_tokens(self.request)

    def perform_destroy(self, instance: Token) -> None:
        instance.delete()
        authentication.forget_all()


def own_tokens(request: Request) -> QuerySet[Token]:
    """The caller's tokens and nobody else's: not even a superuser acts with another's."""
    return Token.objects.filter(user_id=principal(request).user_id)
