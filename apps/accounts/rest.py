"""The same sign-in and the same guards for Django REST framework."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts.authentication import sign_in
from apps.accounts.guards import Guard, Open, refused
from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import Refused, SignInRequired
from apps.saying import say

if TYPE_CHECKING:  # The framework's views import this module.
    from rest_framework.views import APIView

CLOSED = say("This address is closed: nobody has said who may use it.")


class PrincipalAuthentication(BaseAuthentication):
    """Session, HTTP Basic or bearer token; `request.auth` is the principal."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Principal] | None:
        try:
            principal = sign_in(request._request)  # noqa: SLF001 - what it wraps
        except SignInRequired:
            if request.META.get("HTTP_AUTHORIZATION"):
                raise
            return None
        user = User.objects.filter(pk=principal.user_id, is_active=True).first()
        if user is None:
            raise SignInRequired
        return user, principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Fovea"'


class Guarded(BasePermission):
    """Lets in whom the view's `guards` name for the method, as HEAD whom they name for GET.

    A method that they leave out is closed to everybody. One that the view doesn't know, and OPTIONS, are for whoever
    is signed in: the framework says then which there are.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        guard = _guard_of(view, request.method or "")
        if guard is Open.TO_ANYBODY:
            return True
        if not isinstance(request.auth, Principal):
            raise SignInRequired
        if guard is None:
            raise Refused(CLOSED)
        if isinstance(guard, Permission) and not request.auth.may(guard):
            raise refused(guard)
        return True


def _guard_of(view: "APIView", method: str) -> Guard | None:
    guards: Mapping[str, Guard] = getattr(view, "guards", {})
    if method in guards:
        return guards[method]
    if method == "OPTIONS" or method not in view.allowed_methods:
        return Open.TO_USERS
    return guards.get("GET") if method == "HEAD" else None


def principal(request: Request) -> Principal:
    """Who makes this request, which has been let in."""
    return cast(Principal, request.auth)
