"""The transactions on workitems (PS3.18 11.4 to 11.9)."""

import re
from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive.query import Level
from apps.audit import access
from apps.dicom.attributes import text
from apps.dicom.uids import is_valid_uid
from apps.dicom.xml_model import native_model
from apps.dicomweb import qido
from apps.dicomweb.accept import Offer
from apps.dicomweb.answers import search_answer, search_offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM_JSON, DICOM_XML, JSON
from apps.dicomweb.responses import chosen
from apps.dicomweb.workitems import bodies
from apps.dicomweb.workitems.answers import done, warning_of_failure
from apps.worklist.workitems import finding, keeping, names, searching, states

OFFERS: Final = (Offer(DICOM_JSON), Offer(JSON), Offer(DICOM_XML))
SEARCHED: Final = "UPS-RS workitems"
READ: Final = "workitem"
# How clients name the UID of a new workitem, and the lock of one that they change.
_NEW: Final = ("AffectedSOPInstanceUID", "workitem")
_LOCK: Final = ("transaction-uid", "transactionUID", "transaction")
_BARE: Final = re.compile(r"[0-9.]+")


@warning_of_failure
def create(request: HttpRequest) -> HttpResponseBase:
    """Create Workitem (11.4): 201, and where it is. Its UID may be in the query, with a name or without."""
    principal = sign_in(request)
    dataset = bodies.data_set(request)
    workitem, warning = keeping.create(principal, dataset, _uid_in_query(request, _NEW))
    response = done(request, 201, warning)
    response.headers["Location"] = response.headers["Content-Location"] = (
        f"{base_url(request)}/workitems/{workitem.uid}"
    )
    return response


def retrieve(request: HttpRequest, workitem: str) -> HttpResponseBase:
    """Retrieve Workitem (11.5), without the Transaction UID."""
    principal = sign_in(request)
    found = finding.seen(principal, workitem)
    offer = chosen(request, OFFERS)
    study = text(found.dataset, names.STUDY_INSTANCE_UID)
    access.note(principal, found.practice_id, study, READ, patient=finding.patient_of(found))
    is_xml = offer.type == DICOM_XML
    body = native_model(found.dataset) if is_xml else orjson.dumps([found.dataset])
    response = HttpResponse(body, content_type=DICOM_XML if is_xml else DICOM_JSON)
    response.headers["Vary"], response.headers["Cache-Control"] = "Accept", "private, no-cache"
    return response


@warning_of_failure
def update(request: HttpRequest, workitem: str) -> HttpResponseBase:
    """Update Workitem (11.6): 200. The Transaction UID may be in the query, with a name or without."""
    principal = sign_in(request)
    finding.seen(principal, workitem)
    changes = bodies.data_set(request)
    return done(request, warning=keeping.update(principal, workitem, changes, _uid_in_query(request, _LOCK)))


@warning_of_failure
def change_state(request: HttpRequest, workitem: str) -> HttpResponseBase:
    """Change Workitem State (11.7): 200."""
    principal = sign_in(request)
    finding.seen(principal, workitem)
    return done(request, warning=states.change_state(principal, workitem, bodies.data_set(request)))


@warning_of_failure
def request_cancellation(request: HttpRequest, workitem: str) -> HttpResponseBase:
    """Request Cancellation (11.8): 202. Who asks may say why, and how to be reached, and needn't."""
    principal = sign_in(request)
    finding.seen(principal, workitem)
    asked = bodies.data_set(request, may_be_empty=True)
    return done(request, 202, states.request_cancellation(principal, workitem, asked))


def search(request: HttpRequest) -> HttpResponseBase:
    """Search (11.9): by any attribute, also in sequences, with includefield, fuzzymatching, limit and offset."""
    principal = sign_in(request)
    offer = search_offer(request)
    asked = qido.read(request.GET, Level.STUDY)
    found = searching.find(
        principal,
        searching.identifier_of({path: list(texts) for path, texts in asked.keys.items()}),
        include=asked.include,
        everything=asked.everything,
        fuzzy=asked.fuzzy,
        limit=asked.limit,
        offset=asked.offset,
    )
    access.note_search(principal, SEARCHED, asked.keys, len(found.datasets))
    return search_answer(request, offer, orjson.dumps(found.datasets), base_url(request), _warnings(found))


def _warnings(found: searching.Found) -> list[str]:
    if not found.more and not found.is_cut:
        return []
    count = f"at least {found.more}" if found.is_cut else str(found.more)
    return [f"There are {count} additional results that can be requested"]


def _uid_in_query(request: HttpRequest, known: tuple[str, ...]) -> str:
    """A UID under one of these names, or in the place of a name: `?1.2.840.1`; empty for none."""
    for name in known:
        if value := request.GET.get(name, "").strip():
            return value
    bare = request.META.get("QUERY_STRING", "").partition("&")[0].removesuffix("=")
    return bare if _BARE.fullmatch(bare) and is_valid_uid(bare) else ""
