"""Addresses of this site that leave it: on paper and in mail, where no request says what the site is called."""

from django.conf import settings
from django.urls import reverse


def verification(secret: str) -> str:
    """Where anybody who holds a signed report can check it; empty where FOVEA_PUBLIC_URL doesn't say what the site is
    called, or for no secret: paper lasts, and an address that was guessed would lead nowhere."""
    return _public(reverse("report-verify", args=[secret])) if secret else ""


def share(secret: str) -> str:
    """The address of a share link; empty without FOVEA_PUBLIC_URL."""
    return _public(reverse("share", args=[secret]))


def _public(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else ""
