"""Every request has an id, one line in the log, its place in the metrics, and a plain answer to what went wrong.

The line names the route's template and never the path or the query string: those hold names and identifiers.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import Any, Final, cast

from django.conf import settings
from django.core.signals import got_request_exception
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.core import metrics, problems

# As long as the audit's column at most; nothing that could break a line of the log.
SANE_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,36}")
# As long as the audit's column: an IPv6 address with its zone.
MOST_ADDRESS: Final = 64
UNKNOWN_ROUTE: Final = "unknown"
FORBIDDEN: Final = 403
BODILESS: Final = frozenset({204, 304})

logger = logging.getLogger("fovea.request")

# Of an answer 403: request (HttpRequest), route (its template), user (the name, "" for nobody).
denied = Signal()


@dataclass(slots=True)
class Exchange:
    """What is known of the request at work in this context."""

    request_id: str
    started: float
    address: str = ""
    user: str = ""
    via: str = ""
    error: BaseException | None = None


_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def request_id() -> str:
    """The id of the request at work; empty outside one."""
    exchange = _current.get()
    return exchange.request_id if exchange else ""


def current() -> Exchange | None:
    """The request at work; None outside one."""
    return _current.get()


@contextmanager
def at_work(exchange: Exchange) -> Iterator[None]:
    """Let what is done within be known as this exchange's: for what is asked of the server, but not by HTTP."""
    before = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(before)


def signed_in(username: str, via: str = "") -> None:
    """Name the user of the request at work and how they came in, for its line in the log and for the record."""
    if exchange := _current.get():
        exchange.user, exchange.via = username, via


def address_of(request: HttpRequest) -> str:
    """The IP address of the caller; behind the site's own proxy (FOVEA_HTTPS), what that proxy says it is.

    A caller may put anything before what the proxy adds to X-Forwarded-For, so that only its last part counts.
    """
    headers = request.META
    forwarded = headers.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() if settings.HTTPS else ""
    return (forwarded or headers.get("REMOTE_ADDR") or "")[:MOST_ADDRESS]


class RequestLog:
    """The outermost middleware of both stacks (config/wsgi.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if SANE_ID.fullmatch(given) else token_hex(8)
        exchange = Exchange(request_id, perf_counter(), address_of(request))
        _current.set(exchange)
        response = self.get_response(request)
        if exchange.error is not None:
            # What failed in a middleware never came by `process_exception`.
            answer = problems.answer(request, exchange.error, exchange.request_id)
            response = answer or problems.fault(request, exchange.request_id) or response
        response.headers["X-Request-ID"] = exchange.request_id
        if isinstance(response, StreamingHttpResponse):
            chunks = cast(Iterable[bytes], response.streaming_content)
            response.streaming_content = _streamed(chunks, exchange, request, response.status_code)
        else:
            size = len(cast(HttpResponse, response).content)
            if size or response.status_code not in BODILESS:
                response.setdefault("Content-Length", str(size))
            _finish(exchange, request, response.status_code, size)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer to an error that has one; anything else goes on to Django."""
        exchange = _current.get()
        response = problems.answer(request, exception, request_id())
        if exchange and response is not None and response.status_code >= 500:
            exchange.error = exception
        return response


@receiver(got_request_exception, dispatch_uid="fovea.request")
def _remember_error(**_: Any) -> None:
    if exchange := _current.get():
        exchange.error = sys.exception()


def _streamed(chunks: Iterable[bytes], exchange: Exchange, request: HttpRequest, status: int) -> Iterator[bytes]:
    """`chunks` as they are; the request ends when they do, or when the client goes away."""
    sent = 0
    _current.set(exchange)
    try:
        for chunk in chunks:
            sent += len(chunk)
            yield chunk
    except Exception as error:
        exchange.error = error
        raise
    finally:
        _finish(exchange, request, status, sent)


def _finish(exchange: Exchange, request: HttpRequest, status: int, sent: int) -> None:
    seconds = perf_counter() - exchange.started
    match = request.resolver_match
    route = match.route if match else UNKNOWN_ROUTE
    method = request.method or ""
    metrics.request_done(route, method, status, seconds)
    user = exchange.user or _session_user(request)
    if status == FORBIDDEN:
        _tell_denied(request, route, user)
    facts = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "bytes": sent,
        "user": user,
    }
    if exchange.error is None:
        _write(logging.INFO, "request", facts)
    else:
        metrics.error_seen(exchange.error)
        _write(logging.ERROR, "request failed", facts, exchange.error)
    _current.set(None)


def _tell_denied(request: HttpRequest, route: str, user: str) -> None:
    """A listener that fails doesn't make another answer of it."""
    for _, answer in denied.send_robust(sender=RequestLog, request=request, route=route, user=user):
        if isinstance(answer, Exception):
            logger.error("A refusal could not be put on record.", exc_info=answer)


def _write(level: int, message: str, facts: dict[str, Any], error: BaseException | None = None) -> None:
    """What `logger.log` does, without its search for the calling line, which costs as much as all the rest."""
    if logger.isEnabledFor(level):
        trace = (type(error), error, error.__traceback__) if error else None
        extra = {"facts": facts}
        logger.handle(logger.makeRecord(logger.name, level, "", 0, message, (), trace, extra=extra))


def _session_user(request: HttpRequest) -> str:
    """Who is signed in, if the view asked: the log makes no query of its own."""
    user = getattr(request, "_cached_user", None)
    return user.get_username() if user is not None else ""
