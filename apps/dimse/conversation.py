"""One connection from its handshake to its end: request, admission, messages, and the line in the log."""

import logging
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

from django.db import connections as databases

from apps.core import metrics
from apps.core.requests import Exchange, at_work
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.network import acceptor, pdu
from apps.dicom.network.acceptor import Refused, Terms
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import ANSWER, Field, Status
from apps.dicom.network.errors import Aborted, Gone, ProtocolError, TimedOut
from apps.dicom.network.pdu import AssociateRequest, Rejection
from apps.dicom.network.requestor import Implementation
from apps.dicom.network.wire import Limits, Wire
from apps.dimse.connections import Connection, Connections
from apps.dimse.limits import Limits as ServerLimits
from apps.dimse.offers import extended, fits, offers
from apps.dimse.services import HANDLERS
from apps.dimse.session import Session
from apps.remotes.admission import Admitted

OURSELVES: Final = Implementation(IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME)
# After so many seconds without a message an association gives its database connection and its buffer back.
REST: Final = 2.0
_NAMES: Final[dict[int, str]] = {field: field.name.replace("_", "-") for field in Field}

logger = logging.getLogger("fovea.dimse")

# Says who calls, or raises NotAdmitted: `apps.remotes.admission.admit`.
Admit = Callable[[AssociateRequest, str, bytes | None, bool], Admitted]


@dataclass(slots=True)
class Account:
    """What the log says of a connection."""

    calling: str = ""
    called: str = ""
    remote: str = ""
    ending: str = ""
    started: float = field(default_factory=time.perf_counter)
    messages: Counter[str] = field(default_factory=Counter)


class Conversation:
    """What a connection's own thread does."""

    def __init__(self, connection: Connection, connections: Connections, limits: ServerLimits, admit: Admit) -> None:
        self._connection = connection
        self._connections = connections
        self._limits = limits
        self._admit = admit
        self._account = Account()
        self._request_id = token_hex(8)

    def hold(self, tls: ssl.SSLContext | None) -> None:
        """From the first byte to the last; nothing that happens on the way is raised."""
        exchange = Exchange(self._request_id, self._account.started, self._connection.address, via="DIMSE")
        with at_work(exchange):
            try:
                self._converse(tls)
            except Exception as error:
                self._account.ending = "failed"
                metrics.error_seen(error)
                logger.exception("association failed")
            finally:
                self._connection.stream.close()
                databases.close_all()
                self._tell()

    def _converse(self, tls: ssl.SSLContext | None) -> None:
        limits = Limits(pdu=self._limits.pdu, idle=self._limits.idle, send=self._limits.pdu)
        try:
            if tls is not None:
                self._shake_hands(tls)
        except OSError:
            self._account.ending = "no TLS"
            return
        wire = Wire(self._connection.stream, limits)
        try:
            self._account.ending = self._associate(wire)
        except Refused as refused:
            self._account.ending = f"refused: {refused.rejection.text}"
            _say_last(wire, pdu.rejection(refused.rejection))
        except ProtocolError as error:
            self._account.ending = "protocol error"
            _say_last(wire, pdu.abort(error.reason))
        except (Gone, TimedOut, Aborted) as error:
            self._account.ending = _ending_of(error, self._connection)
            if not isinstance(error, Aborted):
                _say_last(wire, pdu.abort(0))

    def _shake_hands(self, tls: ssl.SSLContext) -> None:
        """The TLS handshake, which as a whole has the time that a request has. Raises OSError."""
        stream = tls.wrap_socket(self._connection.stream, server_side=True, do_handshake_on_connect=False)
        self._connection.stream = stream
        stream.settimeout(self._limits.request)
        stream.do_handshake()

    def _associate(self, wire: Wire) -> str:
        request = acceptor.read_request(wire, self._limits.request)
        self._account.calling, self._account.called = request.calling, request.called
        admitted = self._admitted(request)
        if not self._connections.associate(self._connection):
            raise Refused(Rejection.LOCAL_LIMIT_EXCEEDED)
        terms = Terms(offers(admitted), extended(admitted, request), admitted.identity_answer)
        association = acceptor.accept(wire, request, terms, OURSELVES)
        session = Session(association, admitted, self._connection.address, self._request_id)
        return self._serve(session)

    def _admitted(self, request: AssociateRequest) -> Admitted:
        """Raises Refused."""
        stream = self._connection.stream
        certificate = stream.getpeercert(binary_form=True) if isinstance(stream, ssl.SSLSocket) else None
        admitted = self._admit(request, self._connection.address, certificate, self._connection.is_tls)
        self._account.remote = admitted.name
        return admitted

    def _serve(self, session: Session) -> str:
        """Answer messages until the association ends; how it ended."""
        connection, wire = self._connection, session.association.wire
        while not connection.is_ending:
            connection.waits()
            if not session.association.is_waiting(REST):
                databases.close_all()
                wire.rest()
            message = session.association.receive()
            if message is None:
                return "released"
            connection.works()
            self._answer(session, message)
        _say_last(wire, pdu.abort(0))
        return "ended here"

    def _answer(self, session: Session, message: Message) -> None:
        command = message.command
        if command.field == Field.C_CANCEL:
            return
        if command.field & ANSWER and command.field not in HANDLERS:
            raise ProtocolError("An answer came that nothing was asked for.", ProtocolError.UNEXPECTED_PDU)
        started = time.perf_counter()
        name = _name(command.field)
        self._account.messages[name] += 1
        handler = HANDLERS.get(command.field)
        if handler is None:
            _decline(session.association, message, Status.UNRECOGNISED_OPERATION)
        elif not fits(command.field, message.context):
            _decline(session.association, message, Status.SOP_CLASS_NOT_SUPPORTED)
        else:
            handler(session, message)
        metrics.message_answered(name, time.perf_counter() - started)

    def _tell(self) -> None:
        account = self._account
        seconds = time.perf_counter() - account.started
        metrics.association_ended(account.ending.partition(":")[0], seconds)
        facts = {
            "calling": account.calling,
            "called": account.called,
            "remote": account.remote,
            "address": self._connection.address,
            "ended": account.ending,
            "messages": ",".join(f"{name}:{count}" for name, count in account.messages.items()),
            "seconds": round(seconds, 3),
        }
        logger.info("association", extra={"facts": facts})


def _decline(association: Association, message: Message, status: Status) -> None:
    association.send(message.context, message.command.answer(status))


def _say_last(wire: Wire, data: bytes) -> None:
    """Tell the peer that it is over; a connection that is broken already is no error."""
    try:
        wire.write(data)
    except (Gone, TimedOut):
        return
    wire.linger()


def _ending_of(error: Gone | TimedOut | Aborted, connection: Connection) -> str:
    if connection.is_ending:
        return "ended here"
    return {Gone: "closed by the peer", TimedOut: "timed out", Aborted: "aborted by the peer"}[type(error)]


def _name(field: int) -> str:
    """What the log and the metrics call a request; those that there aren't by one name."""
    return _NAMES.get(field, "unknown")
