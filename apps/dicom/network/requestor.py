"""Opening associations with other nodes (PS3.8 7.1)."""

import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from apps.dicom.network import pdu
from apps.dicom.network.association import Association, Context
from apps.dicom.network.errors import Aborted, Gone, ProtocolError, Rejected, TimedOut
from apps.dicom.network.negotiation import agreed
from apps.dicom.network.pdu import AssociateAccept, AssociateRequest, ProposedContext, Rejection, Role, Type
from apps.dicom.network.wire import MAX_PDU, Limits, Wire

CONNECT: Final = 10.0
DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Node:
    """An application entity elsewhere: where it is, what it is called, and by which title it is called."""

    host: str
    port: int
    called: str
    calling: str
    tls: ssl.SSLContext | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Implementation:
    """What the peer is told of this software (PS3.7 D.3.3.2)."""

    class_uid: str
    version_name: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: pairs of a SOP class and its transfer syntaxes, and what goes with them."""

    contexts: Sequence[tuple[str, Sequence[str]]]
    roles: Iterable[Role] = ()
    extended: Mapping[str, bytes] = field(default_factory=dict)
    identity: pdu.UserIdentity | None = None


def associate(
    node: Node, proposal: Proposal, implementation: Implementation, limits: Limits = DEFAULT_LIMITS
) -> Association:
    """Open an association; `contexts` of it may be empty. At most 128 contexts can be proposed.

    Raises Gone for what can't be reached, TimedOut, Rejected, Aborted, ProtocolError.
    """
    request = _request(node, proposal, implementation)
    wire = Wire(_connect(node), limits)
    try:
        wire.write(request.encode())
        accept = _answer(wire)
    except BaseException:
        wire.close()
        raise
    return Association(
        wire, calling=node.calling, called=node.called, contexts=agreed(request, accept), user=accept.user
    )


def contexts_of(association: Association, sop_class_uid: str) -> list[Context]:
    """The accepted contexts of a SOP class in which this side is its SCU."""
    return [
        context
        for context in association.contexts.values()
        if context.abstract_syntax == sop_class_uid and context.as_scu
    ]


def _request(node: Node, proposal: Proposal, implementation: Implementation) -> AssociateRequest:
    contexts = tuple(
        ProposedContext(2 * place + 1, sop_class, tuple(syntaxes))
        for place, (sop_class, syntaxes) in enumerate(proposal.contexts)
    )
    if len(contexts) > pdu.MAX_CONTEXTS:
        raise ValueError("An association has at most 128 presentation contexts.")
    user = pdu.UserInformation(
        max_length=MAX_PDU,
        implementation_class_uid=implementation.class_uid,
        implementation_version_name=implementation.version_name,
        roles=tuple(proposal.roles),
        extended=dict(proposal.extended),
        identity=proposal.identity,
    )
    return AssociateRequest(node.called, node.calling, contexts, user)


def _connect(node: Node) -> socket.socket:
    try:
        connection = socket.create_connection((node.host, node.port), CONNECT)
    except TimeoutError as error:
        raise TimedOut(f"{node.host} does not answer.") from error
    except OSError as error:
        raise Gone(f"{node.host}, port {node.port}, can't be reached: {error.strerror or error}.") from error
    if node.tls is None:
        return connection
    try:
        return node.tls.wrap_socket(connection, server_hostname=node.host)
    except OSError as error:
        connection.close()
        raise Gone(f"TLS with {node.host} failed: {getattr(error, 'reason', None) or error}.") from error


def _answer(wire: Wire) -> AssociateAccept:
    kind, body = wire.read(wire.limits.pdu, most=pdu.MAX_ASSOCIATE)
    if kind == Type.ASSOCIATE_AC:
        try:
            accept = AssociateAccept.parse(bytes(body))
        except pdu.Malformed as error:
            raise ProtocolError(str(error)) from error
        if not accept.user.takes_enough:
            raise ProtocolError("The peer takes PDUs that are too short to send it anything.")
        return accept
    if kind == Type.ASSOCIATE_RJ and len(body) == 4:
        raise Rejected(Rejection(int.from_bytes(body, "big")))
    if kind == Type.ABORT:
        raise Aborted("The peer aborted the association.")
    raise ProtocolError("The answer to a request for an association is none.", ProtocolError.UNEXPECTED_PDU)
