"""The kinds of events that webhooks tell of: their names, what they are in words, and what their `data` holds.

An app that has something to tell registers its kinds when Django starts, and calls `outbox.put`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STUDY_RECEIVED: Final = "study.received"
STUDY_STABLE: Final = "study.stable"
STUDY_MATCHED: Final = "study.matched"
STUDY_NEEDS_REVIEW: Final = "study.needsReview"
STUDY_UNMATCHED: Final = "study.unmatched"
JOB_FINISHED: Final = "job.finished"
REPORT_SIGNED: Final = "report.signed"
REPORT_AMENDED: Final = "report.amended"
CRITICAL_RAISED: Final = "criticalFinding.raised"
CRITICAL_ESCALATED: Final = "criticalFinding.escalated"
CRITICAL_ACKNOWLEDGED: Final = "criticalFinding.acknowledged"
TEST: Final = "webhook.test"

_UID: Final = {"type": "string", "description": "Study Instance UID"}
_NUMBER: Final = {"type": "integer"}
_TEXT: Final = {"type": "string"}
_STUDY: Final = {
    "studyInstanceUid": _UID,
    "modalities": {"type": "array", "items": _TEXT},
    "series": _NUMBER,
    "instances": _NUMBER,
}
_MATCH: Final = {
    "studyInstanceUid": _UID,
    "matchId": _NUMBER,
    "state": {"type": "string", "enum": ["linked", "review", "no_lead", "pending"]},
    "leadId": {"type": ["integer", "null"]},
    "how": {"type": "string", "enum": ["machine", "appointment", "declared", "person"]},
}
_REPORT: Final = {
    "studyInstanceUid": _UID,
    "reportId": _NUMBER,
    "signature": {"type": "integer", "description": "Its number: 1 the first time, more for amendments"},
    "digest": {"type": "string", "description": "SHA-256 of what was signed"},
    "pdfDigest": {"type": "string", "description": "SHA-256 of the PDF"},
    "pdfInstanceUid": {"type": "string", "description": "SOP Instance UID of the PDF (Encapsulated PDF Storage)"},
    "reportInstanceUid": {"type": "string", "description": "SOP Instance UID of the structured report"},
    "signedById": {"type": ["integer", "null"]},
}
_CRITICAL: Final = {
    "studyInstanceUid": _UID,
    "criticalFindingId": _NUMBER,
    "urgency": {"type": "string", "enum": ["minutes", "hours", "days"]},
    "escalations": {"type": "integer", "description": "How often it was told again"},
    "raisedById": {"type": ["integer", "null"]},
    "acknowledgedById": {"type": ["integer", "null"]},
}
_EXAMPLE: Final[dict[str, Any]] = {
    "studyInstanceUid": "1.2.826.0.1.3680043.8.498.1", "modalities": ["PX"], "series": 1, "instances": 1,
    "newInstances": 1, "isFirst": True, "matchId": 7, "leadId": 12, "jobId": 31,
    "kind": "practice-batch", "error": "", "requestedById": 2, "webhookId": 3,
    "reportId": 5, "signature": 1, "digest": 64 * "0", "pdfDigest": 64 * "0", "signedById": 2,
    "pdfInstanceUid": "2.25.1", "reportInstanceUid": "2.25.2",
    "criticalFindingId": 3, "escalations": 0, "raisedById": 2, "acknowledgedById": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event. `data` are the properties (JSON Schema) of its data; all of them are always there.

    `is_chosen` is not set for what a webhook gets whether it asks for it or not.
    """

    name: str
    words: str | Promise
    description: str
    data: Mapping[str, Any]
    is_chosen: bool = True

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of a whole body. More properties may come; a receiver ignores those."""
        data = {"type": "object", "properties": dict(self.data), "required": list(self.data)}
        properties = {
            "type": {"const": self.name},
            "timestamp": {"type": "string", "format": "date-time"},
            "sequence": {"type": "integer", "description": "Larger for what happened later."},
            "practiceId": _NUMBER,
            "data": data,
        }
        return {"type": "object", "properties": properties, "required": list(properties)}

    @property
    def example(self) -> dict[str, Any]:
        """A body as it may come, without a patient's data."""
        return {
            "type": self.name,
            "timestamp": "2026-11-21T09:30:00.000000Z",
            "sequence": 42,
            "practiceId": 1,
            "data": {name: _example(name, schema) for name, schema in self.data.items()},
        }


def _example(name: str, schema: Mapping[str, Any]) -> Any:
    return schema["enum"][0] if "enum" in schema else _EXAMPLE.get(name)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let there be events of this kind. Raises ValueError for a name that is taken."""
    if kind.name in _kinds:
        raise ValueError(f"Two kinds of events are called {kind.name}.")
    _kinds[kind.name] = kind


def find(name: str) -> Kind | None:
    return _kinds.get(name)


def every() -> list[Kind]:
    """All kinds, in the order in which they were registered."""
    return list(_kinds.values())


def chosen() -> list[Kind]:
    """Those that a webhook may ask for."""
    return [kind for kind in _kinds.values() if kind.is_chosen]


for _kind in (
    Kind(
        STUDY_RECEIVED,
        _("Images of a study have arrived"),
        "At once for the first images of a study. What comes of it then is told together, every half minute.",
        {**_STUDY, "newInstances": _NUMBER, "isFirst": {"type": "boolean"}},
    ),
    Kind(
        STUDY_STABLE,
        _("A study is complete, as far as one can tell"),
        "When nothing came of it for FOVEA_STUDY_SETTLES seconds; again when more comes later.",
        _STUDY,
    ),
    Kind(STUDY_MATCHED, _("A study has found its lead"), "Or another one than before: the last one holds.", _MATCH),
    Kind(
        STUDY_NEEDS_REVIEW,
        _("A person must decide whose a study is"),
        "The server found more than one lead, or none that it is sure of.",
        _MATCH,
    ),
    Kind(
        STUDY_UNMATCHED,
        _("A study is no lead's"),
        "None fits, or a person has taken it back.",
        _MATCH,
    ),
    Kind(
        JOB_FINISHED,
        _("A job has finished"),
        "Done, failed or cancelled: what somebody has asked for, and what failed of that which the server does itself.",
        {
            "jobId": _NUMBER,
            "kind": _TEXT,
            "state": {"type": "string", "enum": ["done", "failed", "cancelled"]},
            "error": _TEXT,
            "requestedById": {"type": ["integer", "null"]},
        },
    ),
    Kind(
        REPORT_SIGNED,
        _("A report has been signed"),
        "For the first time; its PDF and structured report are stored.",
        _REPORT,
    ),
    Kind(REPORT_AMENDED, _("A report has been amended"), "It was signed again: this is the last word.", _REPORT),
    Kind(
        CRITICAL_RAISED,
        _("A critical finding was raised"),
        "Somebody must know of it; what was found is in the study, not here.",
        _CRITICAL,
    ),
    Kind(
        CRITICAL_ESCALATED,
        _("Nobody has acknowledged a critical finding"),
        "In time; it is told again, to more people.",
        _CRITICAL,
    ),
    Kind(CRITICAL_ACKNOWLEDGED, _("A critical finding was acknowledged"), "It is told no more.", _CRITICAL),
    Kind(TEST, _("A test"), "Sent when somebody asks for a test.", {"webhookId": _NUMBER}, is_chosen=False),
):
    register(_kind)
