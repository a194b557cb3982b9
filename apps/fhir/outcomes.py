"""OperationOutcome: how FHIR's clients are told of errors and warnings (FHIR R4, OperationOutcome)."""

from collections.abc import Iterable
from typing import Final

import orjson

from apps.core.errors import FoveaError, Invalid
from apps.core.languages import translated
from apps.core.problems import Dialect
from apps.fhir import terms
from apps.fhir.datatypes import Json, filled

# Issue types (http://hl7.org/fhir/issue-type) by status.
_TYPES: Final = {
    400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported",
    409: "conflict", 410: "deleted", 412: "conflict", 413: "too-long", 415: "not-supported", 422: "processing",
    429: "throttled", 503: "transient", 507: "no-store",
}  # fmt: skip
_FAULT: Final = "exception"


def issue(severity: str, kind: str, text: str, expression: str = "") -> Json:
    """One issue, its text in the active language; `expression` is where, as FHIRPath."""
    paths = [expression] if expression else []
    return filled({"severity": severity, "code": kind, "details": {"text": translated(text)}, "expression": paths})


def outcome(issues: Iterable[Json]) -> Json:
    """An OperationOutcome; with nothing to say, it says that all is well."""
    told = list(issues) or [issue("information", "informational", "OK")]
    return {"resourceType": "OperationOutcome", "issue": told}


def warning(text: str) -> Json:
    """An issue that hinders nothing."""
    return issue("warning", "informational", text)


def document(error: FoveaError, request_id: str) -> bytes:
    """The body of an answer that refuses: the fields that are wrong one by one, else the error."""
    kind = _TYPES.get(error.status, _FAULT)
    wrong = error.errors if isinstance(error, Invalid) else ()
    issues = [issue("error", "value", detail, field) for field, detail in wrong] or [
        issue("fatal" if error.status >= 500 else "error", kind, error.detail)
    ]
    told = outcome(issues)
    return orjson.dumps({**told, "id": request_id} if request_id else told)


DIALECT: Final = Dialect(terms.MEDIA_TYPE, document)
