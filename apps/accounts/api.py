"""Who is signed in, and the bearer tokens that let other systems in as them."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import DestroyAPIView, GenericAPIView, ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import authentication, reauthentication, tokens
from apps.accounts.guards import Guards, Open
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.core.errors import NotFound, Refused
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.saying import say


class PrincipalScheme(OpenApiAuthenticationExtension):
    """The three ways to sign in, for the schema."""

    target_class = "apps.accounts.rest.PrincipalAuthentication"
    name = ["session", "basic", "bearer"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": "The browser's."},
            {
                "type": "http",
                "scheme": "basic",
                "description": "User name and password, without two-step verification.",
            },
            {"type": "http", "scheme": "bearer", "description": "A token of /api/tokens, for programs."},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]


class PermissionsField(serializers.ListField):
    """Names of permissions."""

    child = serializers.ChoiceField(Permission.choices)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=len(Permission), **options)


class PracticeSerializer(CamelCaseSerializer):
    """A practice, and what the caller may do for anything in it."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    permissions = PermissionsField(read_only=True)


class MeSerializer(CamelCaseModelSerializer):
    """The signed-in user. `practice` is the active one: where what they upload goes."""

    practice = PracticeSerializer(allow_null=True)
    practices = PracticeSerializer(many=True)

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_superuser", "practice", "practices")
        read_only_fields = fields


class ActivePracticeSerializer(CamelCaseSerializer):
    practice = serializers.IntegerField(min_value=1, help_text="The id of one of your practices.")


def _to_come(time: datetime) -> None:
    if time <= timezone.now():
        raise serializers.ValidationError(gettext("This time has passed."))


class TokenSerializer(CamelCaseModelSerializer):
    """A bearer token: its first characters, never the token itself.

    `expiresAt` is 90 days from now unless it is given; null is for a token that never ends. `permissions` are what the
    caller may do, without `delete` and `administer`, unless they are given. `practice` null stands for all of the
    caller's.
    """

    expires_at = serializers.DateTimeField(required=False, allow_null=True, validators=[_to_come])
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all(), required=False, allow_null=True)
    permissions = PermissionsField(required=False)

    class Meta:
        model = Token
        fields: tuple[str, ...] = (
            "id", "name", "hint", "practice", "permissions", "created_at", "expires_at", "last_used_at",
        )  # fmt: skip
        read_only_fields = ("id", "hint", "created_at", "last_used_at")


class NewTokenSerializer(TokenSerializer):
    """A token as it is made, with the token itself for this one time."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")


class MeView(APIView):
    guards: Guards = {"GET": Open.TO_USERS, "PATCH": Open.TO_USERS}

    @extend_schema(summary="Who is signed in", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return _me(request, principal(request))

    @extend_schema(
        summary="Work in another of one's practices", request=ActivePracticeSerializer, responses=MeSerializer
    )
    def patch(self, request: Request) -> Response:
        asked = ActivePracticeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        who = principal(request)
        if who.via.startswith(tokens.BY_TOKEN):
            raise Refused(say("A token stays in its practice: sign in with a user name and password."))
        if asked.validated_data["practice"] not in who.practice_ids:
            raise NotFound(say("You don't belong to such a practice."))
        user = cast(User, request.user)
        user.practice_id = asked.validated_data["practice"]
        user.save(update_fields=["practice"])
        authentication.forget_all()
        return _me(request, Principal.of(user))


def _me(request: Request, who: Principal) -> Response:
    practices = [
        {"id": pk, "name": name, "permissions": [each for each in Permission if who.may_in(each, pk)]}
        for pk, name in Practice.objects.filter(pk__in=who.practice_ids).values_list("pk", "name")
    ]
    active = next((practice for practice in practices if practice["id"] == who.practice_id), None)
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
        reauthentication.demand(request._request, principal(request))  # noqa: SLF001 - what it wraps
        asked = TokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = tokens.Wanted(**{"expires_at": tokens.in_time(), **asked.validated_data})
        made = tokens.issue(principal(request), cast(User, request.user), wanted)
        return Response(_shown_once(*made), status=status.HTTP_201_CREATED)


@extend_schema(summary="Revoke a token")
class TokenView(DestroyAPIView[Token]):
    guards: Guards = {"DELETE": Open.TO_USERS}
    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[Token]:
        return own_tokens(self.request)

    def perform_destroy(self, instance: Token) -> None:
        tokens.revoke(principal(self.request), instance)


class RotateTokenView(GenericAPIView[Token]):
    guards: Guards = {"POST": Open.TO_USERS}
    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[Token]:
        return own_tokens(self.request)

    @extend_schema(
        summary="Give a token a new secret",
        request=None,
        responses=NewTokenSerializer,
        description="The old one lets nobody in any more. Not by a token: sign in for it.",
    )
    def post(self, request: Request, pk: int) -> Response:
        reauthentication.demand(request._request, principal(request))  # noqa: SLF001 - what it wraps
        token = self.get_object()
        return Response(_shown_once(token, tokens.rotate(principal(request), token)))


def own_tokens(request: Request) -> QuerySet[Token]:
    """The caller's tokens and nobody else's: not even a superuser acts with another's."""
    return Token.objects.filter(user_id=principal(request).user_id).select_related("user")


def _shown_once(token: Token, secret: str) -> dict[str, Any]:
    return {**TokenSerializer(token).data, "token": secret}
