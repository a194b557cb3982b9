"""What Django REST framework says when it refuses, as problem documents; its settings name `answer`."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    ValidationError,
)
from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

from apps.core import problems
from apps.core.errors import (
    FoveaError,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Refused,
    SignInRequired,
    Unsupported,
)
from apps.core.languages import translated
from apps.core.requests import request_id
from apps.saying import say

if TYPE_CHECKING:  # The framework's views import this module.
    from rest_framework.views import APIView

ERRORS: Final[dict[int, type[FoveaError]]] = {
    error.status: error for error in (Invalid, Refused, NotFound, MethodNotAllowed, NotAcceptable, Unsupported)
}
# Enough to mend a request by; a long list of items could bring thousands.
MOST_ERRORS: Final = 50


class Methods(BaseMetadata):
    """What OPTIONS tells: the methods. The framework's own looks at the views' rows for more; /api/schema has it."""

    def determine_metadata(self, request: Request, view: "APIView") -> dict[str, Any]:
        return {"methods": view.allowed_methods}


def answer(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """The answer to an exception of the framework's; None for others, which `core.requests` answers."""
    match error:
        case NotAuthenticated() | AuthenticationFailed():
            raise SignInRequired from error
        case Http404():
            raise NotFound(say("There is nothing at this address.")) from error
        case PermissionDenied():
            raise Refused from error
        case ValidationError():
            errors = [{"field": field, "detail": translated(detail)} for field, detail in flat(error.detail)]
            return _problem(error, say("Some of what was sent is not right: see errors."), errors[:MOST_ERRORS])
        case APIException():
            return _problem(error, str(error.detail))
    return None


def _problem(error: APIException, detail: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    status = error.status_code
    known, phrase = ERRORS.get(status), HTTPStatus(status).phrase
    code = known.code if known else phrase.lower().replace(" ", "-")
    body = problems.document(status, known.title if known else phrase, detail, request_id(), errors, code)
    response = HttpResponse(body, content_type=problems.MEDIA_TYPE, status=status)
    if wait := getattr(error, "wait", None):
        response.headers["Retry-After"] = str(int(wait))
    return response


def flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The framework's nested errors as (field, text), the field of a nested one as in `items.0.name`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from flat(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from flat(inner, f"{path}.{number}".lstrip(".") if nested else path)
    else:
        yield path, str(detail)
