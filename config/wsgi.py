"""The WSGI application: Django's whole stack, and a thin one for the addresses of DICOMweb.

Django's default middleware costs as much as a small DICOMweb answer itself, and none of it serves a DICOMweb client:
those routes sign in by `apps.accounts.authentication` and protect their POSTs by origin.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# What is stored are patients' data: for this server's own account alone.
os.umask(0o077)

import django

django.setup()

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.urls import get_resolver
from django.utils.module_loading import import_string

from apps.sharing.mount import PREFIX, mounted


class Request(WSGIRequest):
    """Django's request, which bears a Content-Type that can't be read (RFC 2231): views say what is wrong."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:
            self.content_type, self.content_params = "", {}


class WholeHandler(WSGIHandler):
    """Django's request handler."""

    request_class = Request


class ThinHandler(WSGIHandler):
    """Django's request handler with `THIN_MIDDLEWARE` in place of `MIDDLEWARE`."""

    request_class = Request

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for name in reversed(settings.THIN_MIDDLEWARE):
            middleware = import_string(name)(handler)
            if hasattr(middleware, "process_exception"):
                self._exception_middleware.append(middleware.process_exception)
            handler = convert_exception_to_response(middleware)
        self._middleware_chain = handler


# All views are imported now: a first request must not wait seconds for it.
list(get_resolver().url_patterns)

SLASHES: Final = re.compile("/{2,}")
_whole = WholeHandler()
_thin = ThinHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request by the stack that its address belongs to.

    Slashes too many, which clients make of a root that ends in one, are taken out: a redirect would lose a POST's body.
    """
    address = environ["PATH_INFO"]
    if "//" in address:
        address = environ["PATH_INFO"] = SLASHES.sub("/", address)
    if address.startswith(PREFIX) and (shared := mounted(environ)):
        return _thin(shared, start_response)
    handler = _thin if address.startswith(settings.THIN_PREFIXES) else _whole
    return handler(environ, start_response)
