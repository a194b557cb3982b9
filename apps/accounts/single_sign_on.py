"""Signing in by the organisation's own identity provider (OpenID Connect Core 1.0, code flow with PKCE, RFC 7636)."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.core.languages import translated


class SocialAdapter(DefaultSocialAccountAdapter):
    """SOCIALACCOUNT_ADAPTER."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie a newcomer to the one user whose e-mail the provider has verified; to nobody if there are several.

        A user's e-mail here was typed by an administrator, and so is nobody's claim of their own.
        """
        if sociallogin.is_existing:
            return
        addresses = [address.email for address in sociallogin.email_addresses if address.verified]
        found = [user for address in addresses for user in User.objects.filter(email__iexact=address)[:2]]
        if len({user.pk for user in found}) == 1:
            sociallogin.connect(request, found[0])

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether somebody whom nobody here knows becomes a user, without any rights yet."""
        taken = any(User.objects.filter(email__iexact=each.email).exists() for each in sociallogin.email_addresses)
        return settings.OIDC_CREATE_USERS and not taken

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> AbstractBaseUser:
        user: AbstractBaseUser = super().save_user(request, sociallogin, form)
        user.set_unusable_password()
        user.save(update_fields=["password"])
        return user


@require_POST
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the provider: by a page that leads there, since a form may only lead to this site.

    Policies hold `form-action` to every redirect that follows, and who knows where a provider sends its users next.
    """
    response: HttpResponse = views.login(request, provider_id)
    there = response.headers.get("Location", "")
    if not urlsplit(there).netloc:
        return response
    return render(request, "socialaccount/leaving.html", {"there": there, "name": translated(settings.OIDC_NAME)})
