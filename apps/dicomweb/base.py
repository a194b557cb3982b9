"""The address of this server's DICOMweb root, as the client must write it: absolute, and right behind a proxy."""

import re
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from apps.accounts.mounted import mount_of
from apps.core.errors import Invalid
from apps.saying import say

ROOT: Final = "/dicom-web"
_FORWARDED: Final = re.compile(r'(?:^|;)\s*(host|proto)\s*=\s*(?:"([^"]*)"|([^;"\s]*))', re.IGNORECASE)
_PREFIX: Final = re.compile(r"(?:/[\w.~-]+)+", re.ASCII)


def base_url(request: HttpRequest) -> str:
    """The DICOMweb root without a slash at its end, such as `https://pacs.example.org/dicom-web`.

    It is the one that the request came by: of whoever holds a share link, that of the share.
    """
    return f"{site_url(request)}{ROOT}"


def site_url(request: HttpRequest) -> str:
    """Where this server's addresses begin, without a slash at its end, such as `https://pacs.example.org`.

    Taken from FOVEA_PUBLIC_URL where the site sets it; else, behind a proxy that is trusted (FOVEA_HTTPS), from
    `Forwarded` (RFC 7239) or `X-Forwarded-*`; else from the request itself. A forwarded host outside of
    ALLOWED_HOSTS is passed over. Raises Invalid for a host of the request's own that is not among them.
    """
    mount = mount_of(request)
    below = mount.address if mount else ""
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL.rstrip('/')}{below}"
    if settings.HTTPS:
        return f"{_forwarded(request)}{below}"
    return f"{request.scheme}://{_own_host(request)}{request.META.get('SCRIPT_NAME', '')}{below}"


def _forwarded(request: HttpRequest) -> str:
    """From what the proxy says; of several proxies the one nearest to the client, which comes first."""
    headers = request.META
    said = dict[str, str]()
    for name, quoted, bare in _FORWARDED.findall(_first(headers.get("HTTP_FORWARDED", ""))):
        said[name.lower()] = quoted or bare
    scheme = (said.get("proto") or _first(headers.get("HTTP_X_FORWARDED_PROTO", ""))).lower()
    host = said.get("host") or _first(headers.get("HTTP_X_FORWARDED_HOST", ""))
    host = _with_port(host, _first(headers.get("HTTP_X_FORWARDED_PORT", "")), scheme)
    prefix = _first(headers.get("HTTP_X_FORWARDED_PREFIX", "")).rstrip("/")
    prefix = prefix if _PREFIX.fullmatch(prefix) else headers.get("SCRIPT_NAME", "")
    scheme = scheme if scheme in {"http", "https"} else request.scheme or "https"
    return f"{scheme}://{host if _is_allowed(host) else _own_host(request)}{prefix}"


def _own_host(request: HttpRequest) -> str:
    """The name that the request asks for. Raises Invalid for one that is not this site's."""
    try:
        return request.get_host()
    except DisallowedHost as error:
        raise Invalid(
            say(
                "This server is not known by the host name of the request: use another, or let "
                "FOVEA_ALLOWED_HOSTS list it."
            )
        ) from error


def _first(header: str) -> str:
    return header.partition(",")[0].strip()


def _with_port(host: str, port: str, scheme: str) -> str:
    """The host with the port that the proxy names, unless it has one or it is the scheme's own."""
    if not host or not port.isdecimal() or split_domain_port(host)[1]:
        return host
    return host if (scheme, port) in {("http", "80"), ("https", "443")} else f"{host}:{port}"


def _is_allowed(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
