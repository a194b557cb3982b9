"""The forms of the pages where people sign in."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm as UnfoldAuthenticationForm

from apps.core.errors import TooManyAttempts


class SignInForm(AuthenticationForm):
    """Django's own, which says it on the page when there were too many attempts."""

    error_messages = {
        "invalid_login": (
            "The user name or the password is not right. Check both, upper and lower case too, and try again."
        ),
        "inactive": "This account has been closed. Ask whoever runs Fovea in your practice.",
    }

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except TooManyAttempts as error:
            raise ValidationError(error.detail) from error


class AdminSignInForm(SignInForm, UnfoldAuthenticationForm):
    """The same in the admin, which is for staff."""

    error_messages = {**AdminAuthenticationForm.error_messages, "inactive": SignInForm.error_messages["inactive"]}
