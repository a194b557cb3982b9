"""One connection from its handshake to its end: request, admission, messages, and the line in the log."""

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from django.db import connections as databases

from apps.core import metrics
from apps.core.requests import Exchange, at_work
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.network import acceptor, pdu
from apps.dicom.network.acceptor import Refused, Terms
from apps.dicom.network.association import Association
from apps.dicom.network.errors import Aborted, Gone, NetworkError, ProtocolError, TimedOut
from apps.dicom.network.pdu import AssociateRequest, Rejection
from apps.dicom.network.requestor import Implementation
from apps.dicom.network.wire import Limits as WireLimits
from apps.dicom.network.wire import Wire
from apps.dimse.account import Account
from apps.dimse.connections import Connection, Connections
from apps.dimse.dialogue import Dialogue
from apps.dimse.gate import Gate
from apps.dimse.limits import Limits
from apps.dimse.offers import extended, offers
from apps.dimse.session import Session
from apps.remotes.admission import Admitted

OURSELVES: Final = Implementation(IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME)
_ENDINGS: Final[dict[type[NetworkError], str]] = {Gone: "closed by the peer", TimedOut: "timed out"}

logger = logging.getLogger("fovea.dimse")

# Says who calls, or raises Refused: `apps.remotes.admission.admit`.
Admit = Callable[[AssociateRequest, str, bytes | None, bool], Admitted]
# Gives the context for a new connection by TLS.
Secure = Callable[[], ssl.SSLContext]


@dataclass(frozen=True, slots=True)
class House:
    """What all conversations of a server share."""

    limits: Limits
    admit: Admit
    connections: Connections
    gate: Gate


class Conversation:
    """What a connection's own thread does."""

    def __init__(self, connection: Connection, house: House) -> None:
        self._connection = connection
        self._house = house
        self._account = Account(connection.address)
        self._request_id = token_hex(8)

    def hold(self, secure: Secure | None) -> None:
        """From the first byte to the last; nothing that happens on the way is raised."""
        with at_work(Exchange(self._request_id, self._account.started, self._connection.address, via="DIMSE")):
            try:
                self._account.ending = self._ending(secure)
            except Exception as error:
                self._account.ending = "failed"
                metrics.error_seen(error)
                logger.exception("association failed")
            finally:
                self._connection.stream.close()
                databases.close_all()
                self._account.close()

    def _ending(self, secure: Secure | None) -> str:
        """Talk; how it ended."""
        limits = self._house.limits
        try:
            if secure is not None:
                self._shake_hands(secure())
        except OSError:
            return "no TLS"
        wire = Wire(self._connection.stream, WireLimits(pdu=limits.pdu, idle=limits.idle, send=limits.pdu))
        try:
            return self._talk(wire)
        except Refused as refused:
            _say_last(wire, pdu.rejection(refused.rejection))
            return f"refused: {refused.rejection.text}"
        except NetworkError as error:
            return self._broken(wire, error)
        except BaseException:
            _say_last(wire, pdu.abort(0))
            raise

    def _broken(self, wire: Wire, error: NetworkError) -> str:
        """Tell the peer that it is over, where it does not know; how it ended."""
        if isinstance(error, Aborted):
            return "aborted by the peer"
        _say_last(wire, pdu.abort(error.reason if isinstance(error, ProtocolError) else 0))
        if self._connection.is_ending:
            return "ended here"
        return _ENDINGS.get(type(error), "protocol error")

    def _shake_hands(self, tls: ssl.SSLContext) -> None:
        """The TLS handshake, which as a whole has the time that a request has. Raises OSError."""
        stream = tls.wrap_socket(self._connection.stream, server_side=True, do_handshake_on_connect=False)
        self._connection.stream = stream
        stream.settimeout(self._house.limits.request)
        stream.do_handshake()

    def _talk(self, wire: Wire) -> str:
        request = acceptor.read_request(wire, self._house.limits.request)
        self._account.calling, self._account.called = request.calling, request.called
        admitted = self._admitted(request)
        if not self._house.connections.associate(self._connection):
            raise Refused(Rejection.LOCAL_LIMIT_EXCEEDED)
        association = _accepted(wire, request, admitted)
        session = Session(association, admitted, self._connection.address, self._request_id)
        if Dialogue(session, self._connection, self._house.gate, self._account).hold():
            return "released"
        _say_last(wire, pdu.abort(0))
        return "ended here"

    def _admitted(self, request: AssociateRequest) -> Admitted:
        """Raises Refused."""
        stream = self._connection.stream
        certificate = stream.getpeercert(binary_form=True) if isinstance(stream, ssl.SSLSocket) else None
        try:
            admitted = self._house.admit(request, self._connection.address, certificate, self._connection.is_tls)
        finally:
            databases.close_all()
        self._account.remote = admitted.name
        return admitted


def _accepted(wire: Wire, request: AssociateRequest, admitted: Admitted) -> Association:
    terms = Terms(offers(admitted, request), extended(admitted, request), admitted.identity_answer)
    association = acceptor.accept(wire, request, terms, OURSELVES)
    wire.rest()
    return association


def _say_last(wire: Wire, data: bytes) -> None:
    """Tell the peer that it is over; a connection that is broken already is no error."""
    try:
        wire.write(data)
    except (Gone, TimedOut):
        return
    wire.linger()
