"""Users, roles and grants in the REST API, for administrators within their practices."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import granting, people, reauthentication
from apps.accounts.api import PermissionsField
from apps.accounts.guards import Guards
from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.core.errors import Invalid
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer

# Those that can be named; a patient's are given where the patient is at hand.
SCOPES = [(scope.value, scope.label) for scope in Scope if scope is not Scope.PATIENT]
READ: Guards = {"GET": Permission.ADMINISTER}


class UserSerializer(CamelCaseModelSerializer):
    """An account. A closed one (`isActive` false) signs in nowhere; `isStaff` may open the administration."""

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id", "username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser",
            "last_login", "date_joined",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = ("id", "username", "is_superuser", "last_login", "date_joined")


class NewUserSerializer(UserSerializer):
    """A new account and its first role. The password is to be changed at the first sign-in."""

    password = serializers.CharField(write_only=True, max_length=200)
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all(), write_only=True)
    role = serializers.PrimaryKeyRelatedField(queryset=Role.objects.all(), write_only=True)
    scope = serializers.ChoiceField(SCOPES, default=Scope.PRACTICE, write_only=True)
    subject = serializers.CharField(default="", allow_blank=True, max_length=250, write_only=True)

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "password", "practice", "role", "scope", "subject")
        read_only_fields = ("id", "is_active", "is_superuser", "last_login", "date_joined")

    def validate_password(self, password: str) -> str:
        validate_password(password)
        return password


class RoleSerializer(CamelCaseModelSerializer):
    """A bundle of permissions; `practice` null for the product's own, which stay as they are."""

    permissions = PermissionsField()
    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )

    class Meta:
        model = Role
        fields = ("id", "name", "practice", "permissions")
        validators: tuple[Any, ...] = ()


class NewRoleSerializer(RoleSerializer):
    """A role of a practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class GrantSerializer(CamelCaseModelSerializer):
    """A role for a user: in a practice, for a scope, from `validFrom` until `validUntil` (null until it is ended)."""

    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())
    role = serializers.PrimaryKeyRelatedField(queryset=Role.objects.all())
    scope = serializers.ChoiceField(Scope.choices, default=Scope.PRACTICE)
    granted_by = serializers.CharField(source="granted_by.username", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Grant
        fields = (
            "id", "user", "practice", "role", "scope", "subject", "valid_from", "valid_until", "reason", "origin",
            "granted_by", "granted_at",
        )  # fmt: skip
        read_only_fields = ("id", "origin", "granted_at")

    def validate_scope(self, scope: str) -> str:
        if scope == Scope.PATIENT:
            raise serializers.ValidationError(gettext("One patient is given by assignment, request or invitation."))
        return scope


class EndSerializer(CamelCaseSerializer):
    reason = serializers.CharField(default="", allow_blank=True, max_length=250)


class GrantFilters(CamelCaseSerializer):
    user = serializers.IntegerField(required=False)
    practice = serializers.IntegerField(required=False)
    role = serializers.IntegerField(required=False)
    current = serializers.BooleanField(required=False, help_text="Those that hold at this moment.")


class UsersView(ListAPIView[User]):
    guards: Guards = {"GET": Permission.ADMINISTER, "POST": Permission.ADMINISTER}
    serializer_class = UserSerializer

    def get_queryset(self) -> QuerySet[User]:
        return people.users(principal(self.request)).order_by("username")

    @extend_schema(summary="Users of one's practices")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Make a user", request=NewUserSerializer, responses={201: UserSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewUserSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        first = Grant(**{name: facts.pop(name) for name in ("practice", "role", "scope", "subject")})
        password = facts.pop("password")
        user = User(**facts, must_change_password=True)
        user.set_password(password)
        first.user = user
        check(first)
        granting.add_user(who, user, first)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class UserView(RetrieveAPIView[User]):
    guards: Guards = {"GET": Permission.ADMINISTER, "PATCH": Permission.ADMINISTER}
    serializer_class = UserSerializer

    def get_queryset(self) -> QuerySet[User]:
        return people.users(principal(self.request))

    @extend_schema(summary="One user")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(
        summary="Change an account",
        description="403 for a superuser's, for one of another practice too, and for one that may do more than you.",
    )
    def patch(self, request: Request, pk: int) -> Response:
        who, user = deciding(request), self.get_object()
        asked = UserSerializer(user, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(user, name, value)
        if asked.validated_data:
            granting.change_user(who, user, asked.validated_data.keys())
        return Response(UserSerializer(user).data)


class RolesView(ListAPIView[Role]):
    guards: Guards = {"GET": Permission.ADMINISTER, "POST": Permission.ADMINISTER}
    serializer_class = RoleSerializer

    def get_queryset(self) -> QuerySet[Role]:
        return people.roles(principal(self.request))

    @extend_schema(summary="The product's roles and those of one's practices")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Make a role of a practice", request=NewRoleSerializer, responses={201: RoleSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewRoleSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        role = Role(**asked.validated_data)
        check(role)
        granting.save_role(who, role)
        return Response(RoleSerializer(role).data, status=status.HTTP_201_CREATED)


class RoleView(RetrieveAPIView[Role]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), Permission.ADMINISTER)
    serializer_class = RoleSerializer

    def get_queryset(self) -> QuerySet[Role]:
        return people.roles(principal(self.request))

    @extend_schema(summary="One role")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change a practice's role", request=RoleSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, role = deciding(request), self.get_object()
        asked = RoleSerializer(role, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(role, name, value)
        check(role)
        granting.save_role(who, role)
        return Response(RoleSerializer(role).data)

    @extend_schema(summary="Delete a practice's role that nobody ever had", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        granting.remove_role(deciding(request), self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class GrantsView(ListAPIView[Grant]):
    guards: Guards = {"GET": Permission.ADMINISTER, "POST": Permission.ADMINISTER}
    serializer_class = GrantSerializer

    def get_queryset(self) -> QuerySet[Grant]:
        given = filters(self.request, GrantFilters)
        is_current = given.pop("current", False)
        rows = people.grants(principal(self.request)).filter(**given).select_related("granted_by").order_by("-pk")
        return rows.filter(pk__in=Grant.objects.current().values("pk")) if is_current else rows

    @extend_schema(summary="What was given to whom, newest first", parameters=[GrantFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Give a role",
        responses={201: GrantSerializer},
        description="Within what you have yourself, in a practice of yours, and to others.",
    )
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = GrantSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        grant = Grant(**asked.validated_data)
        check(grant)
        granting.give(who, [grant])
        return Response(GrantSerializer(grant).data, status=status.HTTP_201_CREATED)


@extend_schema(summary="One grant")
class GrantView(RetrieveAPIView[Grant]):
    guards: Guards = READ
    serializer_class = GrantSerializer

    def get_queryset(self) -> QuerySet[Grant]:
        return people.grants(principal(self.request)).select_related("granted_by")


class EndGrantView(GenericAPIView[Grant]):
    guards: Guards = {"POST": Permission.ADMINISTER}
    serializer_class = GrantSerializer

    def get_queryset(self) -> QuerySet[Grant]:
        return people.grants(principal(self.request)).select_related("granted_by", "user", "role")

    @extend_schema(summary="End a grant now", request=EndSerializer, responses=GrantSerializer)
    def post(self, request: Request, pk: int) -> Response:
        who, grant = deciding(request), self.get_object()
        asked = EndSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        granting.end(who, [grant], asked.validated_data["reason"])
        return Response(GrantSerializer(grant).data)


def deciding(request: Request) -> Principal:
    """Whoever changes something here; by session, with a sign-in of the last minutes. Raises Refused."""
    who = principal(request)
    reauthentication.demand(request._request, who)  # noqa: SLF001 - what it wraps
    return who


def narrow(asked: serializers.BaseSerializer[Any], who: Principal) -> None:
    """Let a serializer's fields name nothing but what the caller may know of."""
    known: dict[str, QuerySet[Any]] = {
        "practice": people.practices(who), "role": people.roles(who), "user": people.users(who),
    }  # fmt: skip
    for name, rows in known.items():
        field: Any = asked.fields.get(name)  # type: ignore[attr-defined]
        if field is not None and not field.read_only:
            field.queryset = rows


def check(row: Grant | Role) -> None:
    """Raises Invalid for what the model's own rules don't allow."""
    try:
        row.clean_fields(exclude=["user", "granted_by"])
        row.clean()
        row.validate_constraints()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
