"""What the generated schema of the REST API can't know by itself, and the page that shows it."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.problems import MEDIA_TYPE
from apps.saying import say

PROBLEM: Final = {
    "type": "object",
    "description": say("A problem document (RFC 9457): what was wrong and what to do."),
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Where it is described."},
        "code": {"type": "string", "description": "For programs, such as `not-found`: /api/problems lists them."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "requestId": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFERENCE: Final = {
    "description": say("The request failed."),
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
# JSON Schema's "time" has a zone, which DICOM's has not; and an address that nobody has entered is empty.
NOT_KEPT: Final = frozenset({"time", "email"})
# Swagger UI's own images are data: addresses in its style sheet; everything it loads is this server's.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Name the problem document as the answer of every operation that fails."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", REFERENCE)
    return result


def drop_formats(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Take out the formats that the answers don't keep to."""
    for schema in result["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            if field.get("format") in NOT_KEPT:
                del field["format"]
    return result


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI over the schema, from this server's own files."""
    response = render(request, "api/docs.html")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
