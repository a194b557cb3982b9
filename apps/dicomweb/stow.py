"""STOW-RS (PS3.18 10.5): DICOM objects in one body, streamed to the archive.

Objects are committed in groups while the body comes in. A body that breaks off loses what is not yet committed and is
answered as an error: sent again, what is stored already counts as success.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.authentication import sign_in
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import quotas
from apps.archive.outcomes import Identity
from apps.archive.spool import Spool
from apps.archive.store import Batch, Origin
from apps.core import multipart
from apps.core.errors import Invalid, NotAcceptable, Refused, Unsupported
from apps.core.http import body_stream, declared_length
from apps.core.requests import request_id
from apps.dicomweb import store_response
from apps.dicomweb.accept import MULTIPART, Offer, accepted, choose
from apps.dicomweb.base import base_url
from apps.dicomweb.deliveries import METADATA, Delivery
from apps.dicomweb.media_types import DICOM, DICOM_JSON, DICOM_XML, JSON
from apps.saying import say

WAY: Final = "STOW-RS"
NOTHING_SENT: Final = say("The body has no DICOM object.")
Chunks = Iterable[bytes | memoryview]
OFFERS: Final = (Offer(DICOM_JSON), Offer(JSON), Offer(DICOM_XML))


def store(request: HttpRequest, study: str = "") -> HttpResponse:
    """Store the instances of the body; with `study`, those of another study fail (PS3.18 10.5.1).

    Answers 200, 202 or 409 with the response module. Raises SignInRequired, Refused, Invalid (a broken body or
    none), NotAcceptable, Unsupported, BodyTooLarge and what the archive raises (QuotaReached, OutOfSpace, Unavailable).
    """
    origin = _origin(sign_in(request))
    offer = choose(accepted(request), OFFERS)
    if offer is None:
        raise NotAcceptable(say("The response of a store is given as application/dicom+json or application/dicom+xml."))
    quotas.check(origin.practice_id, declared_length(request) or 0)
    with closing(_objects(request)) as objects, Batch(origin) as batch:
        for chunks in objects:
            batch.receive(chunks, expected=Identity(study_instance_uid=study))
        outcomes = batch.commit()
    if not outcomes:
        raise Invalid(NOTHING_SENT)
    return store_response.response(outcomes, base_url(request), DICOM_XML if offer.type == DICOM_XML else DICOM_JSON)


def _origin(principal: Principal) -> Origin:
    if principal.practice_id is None:
        raise Refused(say("You belong to no practice yet, so there is nowhere to store. Ask an administrator."))
    if not principal.may_in(Permission.UPLOAD, principal.practice_id):
        raise Refused(say("You may not store anything in this practice. Ask an administrator."))
    return Origin(WAY, principal.practice_id, principal.username, request_id(), principal.user_id or None)


def _objects(request: HttpRequest) -> Generator[Chunks]:
    """The bytes of each object in the body: in its parts, as the body itself, or built of metadata and bulk data."""
    media_type, parameters = multipart.content_type(request.META.get("CONTENT_TYPE", ""))
    is_multipart = media_type == MULTIPART
    kind = parameters.get("type", DICOM).lower() if is_multipart else media_type
    if kind not in (DICOM, *METADATA):
        raise Unsupported(
            say(
                "Send DICOM objects as {multipart}; type={dicom}, or as metadata and bulk data with the type "
                "{dicom_json} or {dicom_xml}; a single object may come without multipart.",
                multipart=MULTIPART,
                dicom=DICOM,
                dicom_json=DICOM_JSON,
                dicom_xml=DICOM_XML,
            )
        )
    body = body_stream(request, limit=settings.MAX_BODY_BYTES)
    if not is_multipart:
        body = _not_empty(body)
        yield from [body] if kind == DICOM else _built(request, lambda delivery: delivery.receive_metadata(body, kind))
        return
    limits = multipart.Limits(part_bytes=settings.MAX_INSTANCE_BYTES)
    parts = multipart.parts(body, parameters.get("boundary", ""), limits)
    if kind == DICOM:
        yield from (part.chunks for part in parts)
    else:
        yield from _built(request, lambda delivery: delivery.receive(parts, kind))


def _built(request: HttpRequest, receive: Callable[[Delivery], None]) -> Iterator[Chunks]:
    with Spool() as spool:
        delivery = Delivery(spool, base_url(request))
        receive(delivery)
        yield from delivery.files()


def _not_empty(body: Iterator[bytes]) -> Iterator[bytes]:
    first = next(body, b"")
    if not first:
        raise Invalid(NOTHING_SENT)
    return chain([first], body)
