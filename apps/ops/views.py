"""What machines ask of this node: /healthz, /readyz and /metrics."""

import secrets
from typing import Final

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from apps.core.errors import Refused
from apps.ops import metrics
from apps.ops.health import checkup
from apps.saying import say

LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
FORWARDED: Final = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is up. Asks nothing else."""
    return HttpResponse(b"ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this node can do its work: 200 or 503, with each part's state and, to the operator, what is wrong."""
    answers = checkup.answers()
    shown = {
        answer.name: {"state": "ok" if answer.is_ok else "failed"}
        | ({"detail": answer.detail} if answer.detail and is_operator(request) else {})
        for answer in answers
    }
    is_ready = all(answer.is_ok for answer in answers)
    body = orjson.dumps({"state": "ok" if is_ready else "failed", "parts": shown})
    return HttpResponse(body, content_type="application/json", status=200 if is_ready else 503)


@require_safe
def metrics_text(request: HttpRequest) -> HttpResponse:
    """The metrics, to the operator."""
    if not is_operator(request):
        raise Refused(say("The metrics are shown on the server itself, or with the bearer token FOVEA_METRICS_TOKEN."))
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def is_operator(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself, not through a proxy on it, or bears the metrics' token."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    came_by_proxy = any(name in request.META for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not came_by_proxy
