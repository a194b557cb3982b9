"""The addresses of DICOMweb and of the viewer once more below a share's, such as `/s/12/dicom-web/studies`.

There the caller is whoever has opened the share, and nobody else: what the browser holds of it is all that counts. The
link's secret is in none of these addresses, so that no log, document or history has it.
"""

import re
from functools import partial
from typing import Any, Final

from django.http import HttpRequest, parse_cookie

from apps.accounts.mounted import ENVIRON, Mount
from apps.dicomweb.base import site_url
from apps.sharing.opening import holder

PREFIX: Final = "/s/"
_ADDRESS: Final = re.compile(r"(/s/([0-9]{1,18}))(/(?:dicom-web|wado|viewer)(?:/.*)?)", re.ASCII | re.DOTALL)


def address_of(pk: int) -> str:
    """Where a share's addresses begin."""
    return f"{PREFIX}{pk}"


def cookie_of(pk: int) -> str:
    """The name of the cookie that a browser holds once it has opened this share."""
    return f"share-{pk}"


def link_url(request: HttpRequest, secret: str) -> str:
    """The link itself, to be given to somebody."""
    return f"{site_url(request)}{PREFIX}{secret}"


def mounted(environ: dict[str, Any]) -> dict[str, Any] | None:
    """The request (PEP 3333) as one to the site's own address, made by the share's holder; None for other addresses."""
    found = _ADDRESS.fullmatch(environ["PATH_INFO"])
    if found is None:
        return None
    address, number, inner = found.groups()
    pk = int(number)
    presented = parse_cookie(environ.get("HTTP_COOKIE", "")).get(cookie_of(pk), "")
    mount = Mount(address, presented, partial(holder, pk=pk))
    # Not by way of SCRIPT_NAME, which Django puts before addresses that have no place below a share.
    return environ | {"PATH_INFO": inner, ENVIRON: mount}
