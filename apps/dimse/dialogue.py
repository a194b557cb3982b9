"""The messages of an association: each request goes to the service that answers it."""

import time
from typing import Final

from django.db import connections as databases

from apps.dicom.network.association import Message
from apps.dicom.network.command import ANSWER, Field, Status
from apps.dicom.network.errors import ProtocolError
from apps.dimse.account import Account
from apps.dimse.connections import Connection
from apps.dimse.gate import Gate
from apps.dimse.offers import fits
from apps.dimse.services import HANDLERS
from apps.dimse.session import Session

# After so many seconds without a message an association gives back what it holds: memory, and its place at work.
REST: Final = 2.0


class Dialogue:
    """What an association's own thread does once it is accepted."""

    def __init__(self, session: Session, connection: Connection, gate: Gate, account: Account) -> None:
        self._session = session
        self._association = session.association
        self._connection = connection
        self._gate = gate
        self._account = account
        self._has_place = False

    def hold(self) -> bool:
        """Answer messages until the peer releases the association, or (False) until this side is to end it.

        Raises NetworkError.
        """
        try:
            while not self._connection.is_ending:
                message = self._next()
                if message is None:
                    return True
                self._connection.works()
                self._answer(message)
                if self._gate.is_wanted:
                    self._leave()
            return False
        finally:
            self._leave()

    def _next(self) -> Message | None:
        self._connection.waits()
        if not self._association.is_waiting(REST):
            self._leave()
            self._association.wire.rest()
        return self._association.receive()

    def _answer(self, message: Message) -> None:
        field = message.command.field
        if field == Field.C_CANCEL:
            return
        if field & ANSWER and field not in HANDLERS:
            raise ProtocolError("An answer came that nothing was asked for.", ProtocolError.UNEXPECTED_PDU)
        started = time.perf_counter()
        self._hand_over(message)
        self._account.answered(field, time.perf_counter() - started)

    def _hand_over(self, message: Message) -> None:
        field = message.command.field
        handler = HANDLERS.get(field)
        if handler is None:
            self._decline(message, Status.UNRECOGNISED_OPERATION)
        elif not fits(field, message.context):
            self._decline(message, Status.SOP_CLASS_NOT_SUPPORTED)
        elif field != Field.C_ECHO and not self._enter():
            self._decline(message, Status.OUT_OF_RESOURCES)
        else:
            handler(self._session, message)

    def _decline(self, message: Message, status: Status) -> None:
        self._association.send(message.context, message.command.answer(status))

    def _enter(self) -> bool:
        """Take a place at work, which is kept from message to message for as long as nobody else waits for it."""
        if not self._has_place:
            self._has_place = self._gate.enter(self._association.wire.limits.pdu)
        return self._has_place

    def _leave(self) -> None:
        databases.close_all()
        if self._has_place:
            self._has_place = False
            self._gate.leave()
