"""How django-allauth is to behave here: nobody signs up, lockouts are ours, secrets of second factors are encrypted."""

import base64
import hashlib
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts import reauthentication
from apps.core.errors import TooManyAttempts
from apps.core.languages import translated
from apps.core.requests import address_of

# Said after each sign-in and sign-out, these would only pile up until the next page that shows messages.
UNSAID: Final = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})
WRONG: Final = _("The user name or the password is not right. Check both, upper and lower case too, and try again.")


class AccountAdapter(DefaultAccountAdapter):
    """ACCOUNT_ADAPTER."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or no longer. Wait for the next one and try again."),
        "too_many_login_attempts": _("There were too many wrong codes. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Administrators make users; nobody makes themselves one."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by lockout.py, on every way in."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Said on the page, there were too many attempts. Raises ValidationError."""
        try:
            user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        except TooManyAttempts as error:
            raise ValidationError(translated(error.detail)) from error
        return user

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any, **how: Any
    ) -> None:
        if message_template not in UNSAID:
            super().add_message(request, level, message_template, *rest, **how)

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """A sign-in of the last minutes is proof enough."""
        return not reauthentication.is_recent(self.request)


class MFAAdapter(DefaultMFAAdapter):
    """MFA_ADAPTER."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return f"Fovea ({self._get_site_name()})"

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Fovea"}


def _fernet() -> MultiFernet:
    """By a key that follows from the site's secret: the database alone opens no account."""
    keys = [hashlib.blake2b(key.encode(), digest_size=32, person=b"fovea-mfa").digest() for key in _secrets()]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
