"""Settings of signing in that come from one variable each: the identity provider, and the mail server."""

from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

# The provider's name in addresses: what is registered there ends in /accounts/provider/sso/callback/.
PROVIDER: Final = "sso"
WHO: Final = frozenset({"nobody", "staff", "everybody"})
MAIL_SECONDS: Final = 15


def providers(issuer: str, name: str) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS. Raises ImproperlyConfigured for half a configuration."""
    if not issuer:
        return {}
    client, secret = env.text("FOVEA_OIDC_CLIENT_ID"), env.text("FOVEA_OIDC_CLIENT_SECRET")
    if not client:
        raise ImproperlyConfigured("FOVEA_OIDC_ISSUER needs FOVEA_OIDC_CLIENT_ID as well.")
    app = {
        "provider_id": PROVIDER,
        "name": name,
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def who_needs_two_steps() -> str:
    """FOVEA_REQUIRE_MFA. Raises ImproperlyConfigured."""
    value = env.text("FOVEA_REQUIRE_MFA", "nobody").lower()
    if value not in WHO:
        raise ImproperlyConfigured(f"FOVEA_REQUIRE_MFA is {value!r}: write nobody, staff or everybody.")
    return value


def mail(url: str) -> dict[str, Any]:
    """Django's settings for `smtp://user:password@host:port` (STARTTLS; `?tls=0` without) or `smtps://…` (TLS).

    Without a URL no mail leaves the server.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("FOVEA_EMAIL_URL must look like smtp://user:password@host:587 or smtps://….")
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if is_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": not is_tls and parse_qs(parts.query).get("tls") != ["0"],
        "EMAIL_TIMEOUT": MAIL_SECONDS,
    }
