"""What a remote is offered: which SOP classes, with which transfer syntaxes and roles, by what it may do here."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from django.conf import settings

from apps.dicom.network.association import Context
from apps.dicom.network.command import ANSWER, Field
from apps.dicom.network.negotiation import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, Offer, Offers
from apps.dicom.network.pdu import AssociateRequest
from apps.dimse import negotiated
from apps.dimse.syntaxes import KNOWN, STORAGE_CLASSES, TRANSFER_SYNTAXES
from apps.remotes.admission import Admitted
from apps.remotes.models import Service

VERIFICATION: Final = "1.2.840.10008.1.1"
STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
# Patient Root and Study Root.
FIND: Final = ("1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1")
MOVE: Final = ("1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.2.2")
GET: Final = ("1.2.840.10008.5.1.4.1.2.1.3", "1.2.840.10008.5.1.4.1.2.2.3")
# Which SOP classes a request may be of; a C-STORE's is any other.
CLASSES: Final[dict[int, frozenset[str]]] = {
    Field.C_ECHO: frozenset({VERIFICATION}),
    Field.C_FIND: frozenset(FIND),
    Field.C_MOVE: frozenset(MOVE),
    Field.C_GET: frozenset(GET),
    Field.N_ACTION: frozenset({STORAGE_COMMITMENT}),
    Field.N_EVENT_REPORT | ANSWER: frozenset({STORAGE_COMMITMENT}),
}
_NO_STORAGE: Final = frozenset().union(*CLASSES.values())
# Of identifiers and of what has no data set.
PLAIN: Final = Offer((EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN))


def offers(admitted: Admitted) -> Offers:
    """What is done with each SOP class that this remote proposes."""
    return _offers(admitted.services, settings.DIMSE_UNKNOWN_SOP_CLASSES == "accept")


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
    if Service.ECHO in services:
        yield VERIFICATION, PLAIN
    for service, classes in ((Service.FIND, FIND), (Service.MOVE, MOVE), (Service.GET, GET)):
        if service in services:
            yield from ((sop_class, PLAIN) for sop_class in classes)
    if Service.STORE in services:
        yield STORAGE_COMMITMENT, PLAIN
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
    if not context.as_scp:
        return False
    if field == Field.C_STORE:
        return context.abstract_syntax not in _NO_STORAGE
    return context.abstract_syntax in CLASSES.get(field, ())


def extended(_admitted: Admitted, request: AssociateRequest) -> dict[str, bytes]:
    """The answers to extended negotiation (PS3.7 D.3.3.5)."""
    answers = {uid: negotiated.extended(uid, asked) for uid, asked in request.user.extended.items()}
    return {uid: answer for uid, answer in answers.items() if answer}
