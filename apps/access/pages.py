"""What the pages outside the administration have in common."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.core.errors import FoveaError


class OwnPage(LoginRequiredMixin, View):
    """A page for whoever is signed in."""

    request: HttpRequest

    @property
    def me(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def who(self) -> Principal:
        return principal(self.request)


def show(request: HttpRequest, template: str, error: FoveaError | None = None, **context: Any) -> HttpResponse:
    """The page, with what went wrong if anything did."""
    status = error.status if error else 200
    return render(request, f"access/{template}.html", {**context, "error": error}, status=status)
