"""The answer to a store: the Store Instances Response Module in DICOM JSON or XML (PS3.18 10.5.3 and Annex I)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from django.http import HttpResponse

from apps.archive.store import Outcome, Status
from apps.dicom.xml_model import native_model
from apps.dicomweb.media_types import DICOM_JSON, DICOM_XML

FAILURES: Final = frozenset({Status.QUARANTINED, Status.REFUSED})
PROCESSING_FAILURE: Final = 0x0110

RETRIEVE_URL: Final = "00081190"
REFERENCED_SOP_CLASS_UID: Final = "00081150"
REFERENCED_SOP_INSTANCE_UID: Final = "00081155"
WARNING_REASON: Final = "00081196"
FAILURE_REASON: Final = "00081197"
FAILED_SOP_SEQUENCE: Final = "00081198"
REFERENCED_SOP_SEQUENCE: Final = "00081199"
OTHER_FAILURES_SEQUENCE: Final = "0008119A"
# The reason in words. Error Comment (0000,0902) is a command's element: a data set may not have it, so this is ours.
PRIVATE_CREATOR: Final = "00090010"
COMMENT: Final = "00091001"
MAX_REASONS_IN_HEADER: Final = 5

Item = dict[str, dict[str, Any]]


def response(outcomes: Sequence[Outcome], base_url: str, media_type: str = DICOM_JSON) -> HttpResponse:
    """200 when all were stored, 202 with a failure or a warning among them, 409 when none was (PS3.18 10.5.3.1).

    Each failure has its code, and its reason in words in the private element (0009,xx01) of "FOVEA"; the
    header Warning repeats the reasons without naming objects.
    """
    told = data_set(outcomes, base_url)
    body = native_model(told) if media_type == DICOM_XML else orjson.dumps(told)
    answer = HttpResponse(body, content_type=media_type, status=status(outcomes))
    if reasons := sorted({outcome.reason for outcome in outcomes if outcome.status in FAILURES}):
        answer.headers["Warning"] = f'299 fovea "{_quotable(reasons)}"'
    return answer


def status(outcomes: Sequence[Outcome]) -> int:
    """The HTTP status that sums up these outcomes."""
    failed = sum(outcome.status in FAILURES for outcome in outcomes)
    if failed == len(outcomes):
        return 409
    return 202 if failed or any(outcome.warnings for outcome in outcomes) else 200


def data_set(outcomes: Iterable[Outcome], base_url: str) -> Item:
    """The response module: what is stored, what failed by its UIDs, and what failed before it had any."""
    stored, failed, others, studies = [], [], [], set[str]()
    for outcome in outcomes:
        if outcome.status not in FAILURES:
            studies.add(_study_url(outcome, base_url))
            stored.append(_stored_item(outcome, base_url))
        elif outcome.sop_class_uid and outcome.sop_instance_uid:
            failed.append(_reference(outcome) | _failure(outcome))
        else:
            others.append(_failure(outcome))
    sequences = {REFERENCED_SOP_SEQUENCE: stored, FAILED_SOP_SEQUENCE: failed, OTHER_FAILURES_SEQUENCE: others}
    answer = {RETRIEVE_URL: _element("UR", *studies) if len(studies) == 1 else _element("UR")}
    return answer | {tag: _element("SQ", *items) for tag, items in sequences.items() if items}


def _stored_item(outcome: Outcome, base_url: str) -> Item:
    place = f"/series/{outcome.series_instance_uid}/instances/{outcome.sop_instance_uid}"
    item = _reference(outcome) | {RETRIEVE_URL: _element("UR", _study_url(outcome, base_url) + place)}
    if outcome.warnings:
        item |= {WARNING_REASON: _element("US", outcome.warning_reason)} | _comment(" ".join(outcome.warnings))
    return item


def _study_url(outcome: Outcome, base_url: str) -> str:
    return f"{base_url}/studies/{outcome.study_instance_uid}"


def _reference(outcome: Outcome) -> Item:
    return {
        REFERENCED_SOP_CLASS_UID: _element("UI", outcome.sop_class_uid),
        REFERENCED_SOP_INSTANCE_UID: _element("UI", outcome.sop_instance_uid),
    }


def _failure(outcome: Outcome) -> Item:
    code = outcome.failure_reason or PROCESSING_FAILURE
    return {FAILURE_REASON: _element("US", code)} | _comment(outcome.reason)


def _comment(text: str) -> Item:
    return {PRIVATE_CREATOR: _element("LO", "FOVEA"), COMMENT: _element("UT", text)} if text else {}


def _element(vr: str, *values: Any) -> dict[str, Any]:
    """An element of the DICOM JSON model; an empty one has no Value (PS3.18 F.2.5)."""
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def _quotable(reasons: Sequence[str]) -> str:
    text = " ".join(reasons[:MAX_REASONS_IN_HEADER])
    return text.encode("ascii", "replace").decode().replace("\\", "").replace('"', "'").replace("\n", " ")
