"""Addresses that are handed to people."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request


def address(request: HttpRequest | Request, link: str) -> str:
    """The invitation's whole address, as people outside reach this site."""
    path = reverse("access-invitation", args=[link])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
