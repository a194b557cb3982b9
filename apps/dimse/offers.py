"""What a remote is offered: which SOP classes, with which transfer syntaxes and roles, by what it may do here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db import connections as databases

from apps.dicom.network.association import Context
from apps.dicom.network.command import ANSWER, Field
from apps.dicom.network.negotiation import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, Offer, Offers
from apps.dicom.network.pdu import AssociateRequest
from apps.dimse import negotiated
from apps.dimse.syntaxes import KNOWN, STORAGE_CLASSES, TRANSFER_SYNTAXES
from apps.remotes.admission import Admitted
from apps.remotes.models import Service
from apps.routing.commitments import taking

VERIFICATION: Final = "1.2.840.10008.1.1"
STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
# Patient Root and Study Root.
FIND: Final = ("1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1")
MOVE: Final = ("1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.2.2")
GET: Final = ("1.2.840.10008.5.1.4.1.2.1.3", "1.2.840.10008.5.1.4.1.2.2.3")
WORKLIST: Final = negotiated.WORKLIST_FIND
PERFORMED_STEP: Final = "1.2.840.10008.3.1.2.3.3"
PERFORMED_STEP_RETRIEVE: Final = "1.2.840.10008.3.1.2.3.4"


@dataclass(frozen=True, slots=True)
class Served:
    """A kind of request that is answered, for some SOP classes, to remotes with a permission."""

    field: int
    classes: tuple[str, ...]
    service: Service


# All but C-STORE, which is for any other SOP class.
SERVED: Final = (
    Served(Field.C_ECHO, (VERIFICATION,), Service.ECHO),
    Served(Field.C_FIND, FIND, Service.FIND),
    Served(Field.C_MOVE, MOVE, Service.MOVE),
    Served(Field.C_GET, GET, Service.GET),
    Served(Field.N_ACTION, (STORAGE_COMMITMENT,), Service.STORE),
    Served(Field.N_EVENT_REPORT | ANSWER, (STORAGE_COMMITMENT,), Service.STORE),
    Served(Field.C_FIND, (WORKLIST,), Service.WORKLIST),
    Served(Field.N_CREATE, (PERFORMED_STEP,), Service.WORKLIST),
    Served(Field.N_SET, (PERFORMED_STEP,), Service.WORKLIST),
    Served(Field.N_GET, (PERFORMED_STEP_RETRIEVE,), Service.WORKLIST),
)
# Which kinds of requests may come in a SOP class's context.
_REQUESTS: Final = frozenset((served.field, sop_class) for served in SERVED for sop_class in served.classes)
_NO_STORAGE: Final = frozenset(sop_class for _, sop_class in _REQUESTS)
# Of identifiers and of what has no data set.
PLAIN: Final = Offer((EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN))
# Whoever reports is the provider of the service on an association of its own making (PS3.4 J.3.3.1).
REPORTED: Final = Offer((EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN), as_scu=True)


def offers(admitted: Admitted, request: AssociateRequest) -> Offers:
    """What is done with each SOP class that this remote proposes."""
    usual = _offers(admitted.services, settings.DIMSE_UNKNOWN_SOP_CLASSES == "accept")
    if not _may_report(admitted, request):
        return usual
    return lambda sop_class: REPORTED if sop_class == STORAGE_COMMITMENT else usual(sop_class)


def _may_report(admitted: Admitted, request: AssociateRequest) -> bool:
    """Whether it calls to say what it keeps of what it was asked about; only then is the database asked."""
    if all(context.abstract_syntax != STORAGE_COMMITMENT for context in request.contexts):
        return False
    try:
        return taking.is_awaited(admitted.remote_id)
    finally:
        databases.close_all()


@lru_cache(maxsize=128)
def _offers(services: frozenset[Service], takes_unknown: bool) -> Offers:
    known = dict(_of_services(services))
    storage = _storage(services)
    if not takes_unknown or storage is None:
        return known.get

    def offered(sop_class: str) -> Offer | None:
        return known.get(sop_class) or (None if sop_class in KNOWN else storage)

    return offered


def _of_services(services: frozenset[Service]) -> Iterator[tuple[str, Offer]]:
    for served in SERVED:
        if served.service in services:
            yield from ((sop_class, PLAIN) for sop_class in served.classes)
    storage = _storage(services)
    if storage is not None:
        yield from ((sop_class, storage) for sop_class in STORAGE_CLASSES)


def _storage(services: frozenset[Service]) -> Offer | None:
    """The storage service: who stores is its SCU, who fetches by C-GET its SCP (PS3.4 C.4.3.3)."""
    may_store, may_get = Service.STORE in services, Service.GET in services
    if not may_store and not may_get:
        return None
    return Offer(TRANSFER_SYNTAXES, in_their_order=True, as_scp=may_store, as_scu=may_get)


def fits(field: int, context: Context) -> bool:
    """Whether a request of that kind may come in this context."""
    if field == Field.N_EVENT_REPORT:
        # Some propose no roles for it: what it tells is taken from who was asked alone.
        return context.abstract_syntax == STORAGE_COMMITMENT
    if not context.as_scp:
        return False
    if field == Field.C_STORE:
        return context.abstract_syntax not in _NO_STORAGE
    return (field, context.abstract_syntax) in _REQUESTS


def extended(_admitted: Admitted, request: AssociateRequest) -> dict[str, bytes]:
    """The answers to extended negotiation (PS3.7 D.3.3.5)."""
    answers = {uid: negotiated.extended(uid, asked) for uid, asked in request.user.extended.items()}
    return {uid: answer for uid, answer in answers.items() if answer}
