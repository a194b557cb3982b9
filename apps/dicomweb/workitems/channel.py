"""Where the events of workitems are to be had (PS3.18 8.10.4)."""

from typing import Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest

from apps.dicomweb.base import ROOT, base_url

PATH: Final = "/subscribers/"


def address_of_channel(request: HttpRequest, subscriber: str) -> str:
    """The WebSocket that tells this AE title, as its user must write it.

    FOVEA_EVENTS_URL where the site sets it; else below the DICOMweb root where the site has a public address, whose
    proxy passes it on; else the port of the process itself.
    """
    return f"{_root(request)}{PATH}{quote(subscriber)}"


def _root(request: HttpRequest) -> str:
    if settings.EVENTS_URL:
        return str(settings.EVENTS_URL)
    base = urlsplit(base_url(request))
    scheme = "wss" if base.scheme == "https" else "ws"
    if settings.PUBLIC_URL or settings.HTTPS:
        return f"{scheme}://{base.netloc}{base.path}"
    host = f"[{base.hostname}]" if ":" in (base.hostname or "") else base.hostname
    return f"{scheme}://{host}:{settings.EVENTS_PORT}{ROOT}"
