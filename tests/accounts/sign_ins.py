"""What the tests of signing in have in common."""

import base64
from typing import Final

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from apps.accounts import authentication
from apps.accounts.models import User
from apps.accounts.sessions import SIGNED_IN_AT
from tests.conftest import PASSWORD

STUDIES: Final = "/dicom-web/studies"
LOGIN: Final = "/accounts/login/"
ACCOUNT: Final = "/accounts/"


def basic(user: User, password: str = PASSWORD) -> dict[str, str]:
    """The header of HTTP Basic (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user.username}:{password}".encode()).decode()}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def post_sign_in(client: Client, user: User, password: str = PASSWORD, **more: str) -> str:
    """Where the sign-in page leads to."""
    answer = client.post(LOGIN, {"username": user.username, "password": password, **more})
    return str(answer.headers.get("Location", ""))


def grow_old(client: Client, seconds: float) -> None:
    """Let the client's sign-in be so long ago."""
    session = client.session
    session[SIGNED_IN_AT] = session[SIGNED_IN_AT] - seconds
    session.save()
    authentication.forget_all()


def set_up_app(user: User) -> str:
    """Give the user an authenticator app; its key."""
    key = generate_totp_secret()
    TOTP.activate(user, key)
    return key
