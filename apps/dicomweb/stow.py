"""STOW-RS (PS3.18 10.5): DICOM objects in one body, streamed to the archive.

Objects are committed in groups while the body comes in. A body that breaks off loses what is not yet committed and is
answered as an error: sent again, what is stored already counts as success.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from apps.accounts.authentication import sign_in
from apps.accounts.principal import Principal
from apps.archive.store import Batch, Origin
from apps.core.errors import Invalid, NotAcceptable, Refused, Unsupported
from apps.core.http import body_stream
from apps.core.requests import request_id
from apps.dicomweb import multipart, store_response
from apps.dicomweb.accept import MULTIPART, Offer, accepted, choose
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM, DICOM_JSON, DICOM_XML, JSON

WAY: Final = "STOW-RS"
NOTHING_SENT: Final = "The body has no DICOM object."
OFFERS: Final = (Offer(DICOM_JSON), Offer(JSON), Offer(DICOM_XML))


def store(request: HttpRequest, study: str = "") -> HttpResponse:
    """Store the instances of the body; with `study`, those of another study fail (PS3.18 10.5.1).

    Answers 200, 202 or 409 with the response module. Raises SignInRequired, Refused, Invalid (a broken body or
    none), NotAcceptable, Unsupported, BodyTooLarge and what the archive raises (OutOfSpace, Unavailable).
    """
    origin = _origin(sign_in(request))
    offer = choose(accepted(request), OFFERS)
    if offer is None:
        raise NotAcceptable("The response of a store is given as application/dicom+json or application/dicom+xml.")
    objects = _objects(request)
    with Batch(origin) as batch:
        for chunks in objects:
            batch.receive(chunks, study_instance_uid=study)
        outcomes = batch.commit()
    if not outcomes:
        raise Invalid(NOTHING_SENT)
    return store_response.response(outcomes, base_url(request), DICOM_XML if offer.type == DICOM_XML else DICOM_JSON)


def _origin(principal: Principal) -> Origin:
    if principal.practice_id is None:
        raise Refused("You belong to no practice yet, so there is nowhere to store. Ask an administrator.")
    return Origin(WAY, principal.practice_id, principal.username, request_id())


def _objects(request: HttpRequest) -> Iterable[Iterable[bytes | memoryview]]:
    """The bytes of each object in the body: the parts of multipart/related, or the body itself."""
    media_type, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    if media_type == DICOM:
        return [_not_empty(body_stream(request, limit=settings.MAX_BODY_BYTES))]
    if media_type == MULTIPART and parameters.get("type", DICOM).lower() == DICOM:
        body = body_stream(request, limit=settings.MAX_BODY_BYTES)
        limits = multipart.Limits(part_bytes=settings.MAX_INSTANCE_BYTES)
        return (part.chunks for part in multipart.parts(body, parameters.get("boundary", ""), limits))
    raise Unsupported(
        'Send DICOM objects as multipart/related; type="application/dicom", or one alone as application/dicom.'
    )


def _not_empty(body: Iterator[bytes]) -> Iterator[bytes]:
    first = next(body, b"")
    if not first:
        raise Invalid(NOTHING_SENT)
    return chain([first], body)
