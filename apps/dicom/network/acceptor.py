"""Answering requests for associations (PS3.8 7.1)."""

from dataclasses import dataclass, field

from apps.dicom.network import pdu
from apps.dicom.network.association import Association
from apps.dicom.network.errors import ProtocolError
from apps.dicom.network.negotiation import Offers, agree
from apps.dicom.network.pdu import APPLICATION_CONTEXT, AssociateAccept, AssociateRequest, Rejection, Type
from apps.dicom.network.requestor import Implementation
from apps.dicom.network.wire import MAX_PDU, Wire


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an association is accepted: its SOP classes, and answers to its extended negotiation."""

    offers: Offers
    extended: dict[str, bytes] = field(default_factory=dict)
    identity_answer: bytes | None = None


class Refused(Exception):
    """The decision against an association, with what the peer is told."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.text)
        self.rejection = rejection


def read_request(wire: Wire, seconds: float) -> AssociateRequest:
    """The request that a connection begins with; the peer has `seconds` for it.

    Raises Gone, TimedOut, ProtocolError, and Refused for one that nobody could accept.
    """
    kind, body = wire.read(seconds, most=pdu.MAX_ASSOCIATE, whole=seconds)
    if kind != Type.ASSOCIATE_RQ:
        raise ProtocolError("A connection did not begin with a request for an association.", 2)
    try:
        request = AssociateRequest.parse(bytes(body))
    except pdu.Malformed as error:
        raise ProtocolError(str(error)) from error
    _check(request)
    return request


def _check(request: AssociateRequest) -> None:
    if not request.version & 1:
        raise Refused(Rejection.PROTOCOL_VERSION_NOT_SUPPORTED)
    if request.application_context != APPLICATION_CONTEXT:
        raise Refused(Rejection.APPLICATION_CONTEXT_NOT_SUPPORTED)
    if not request.user.takes_enough:
        raise Refused(Rejection.NO_REASON)


def accept(wire: Wire, request: AssociateRequest, terms: Terms, implementation: Implementation) -> Association:
    """Accept an association on these terms. Raises Gone and TimedOut."""
    agreement = agree(request, terms.offers)
    user = pdu.UserInformation(
        max_length=MAX_PDU,
        implementation_class_uid=implementation.class_uid,
        implementation_version_name=implementation.version_name,
        roles=agreement.roles,
        extended=terms.extended,
        identity_answer=terms.identity_answer,
    )
    wire.write(AssociateAccept(request.called, request.calling, agreement.answers, user).encode())
    return Association(
        wire, calling=request.calling, called=request.called, contexts=agreement.contexts, user=request.user
    )
