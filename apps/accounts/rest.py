"""The same sign-in for Django REST framework."""

from typing import cast

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.accounts.authentication import sign_in
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.core.errors import SignInRequired


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


def principal(request: Request) -> Principal:
    """Who makes this request, which has been let in."""
    return cast(Principal, request.auth)
