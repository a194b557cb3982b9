"""Stored instances out by C-STORE (PS3.7 9.1.1), over an association that is open: for C-GET, C-MOVE and sending.

Each instance goes as it is stored where the peer takes that, else in another transfer syntax that loses nothing, else
it fails by itself and the next ones go on. Corrections are applied (`apps.archive.leaving`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import Final

from apps.archive.leaving import leaves_in
from apps.archive.retrieve import StoredInstance
from apps.archive.storage import site_objects
from apps.archive.transcoding import NotConvertible, data_set_in
from apps.core.errors import FoveaError
from apps.dicom.description import Undecodable
from apps.dicom.errors import Unreadable
from apps.dicom.network.association import Association, Context
from apps.dicom.network.command import ANSWER, Command, Element, Field, Status, Value
from apps.dicom.network.errors import Gone, ProtocolError
from apps.dicom.representation import ENCODED
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from apps.saying import say

# How long the peer may take to store an instance, in seconds.
ANSWER_SECONDS: Final = 120.0
# Up to here a data set is read into memory and sent at once; a longer one goes piece by piece.
IN_MEMORY: Final = 4 << 20
BATCH: Final = 2 << 20
# What is made anew is made before the first byte is sent: in memory, or beyond this in a temporary file.
SPOOLED_IN_MEMORY: Final = 32 << 20

UNCOMPRESSED: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)
# From here on an error's status (RFC 9110 15.6) is this server's fault.
SERVER_ERROR: Final = 500
_MEDIUM_PRIORITY: Final = 0
# Statuses beside Bxxx with which the instance was taken all the same (PS3.7 C.4).
_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116})


class Outcome(Enum):
    """What became of an instance: taken, taken with a warning, or not taken."""

    TAKEN = auto()
    WARNING = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an instance: the peer's status, None where nothing was sent, and why it failed, for a person.

    `is_ours` is set where this server could not read the object now, which says nothing of the object or the peer.
    """

    outcome: Outcome
    status: int | None
    reason: str = ""
    is_ours: bool = False

    @classmethod
    def unread(cls, error: FoveaError) -> "Sent":
        """Of an object that can't be read here."""
        return cls(Outcome.FAILED, None, error.detail, error.status >= SERVER_ERROR)


@dataclass(frozen=True, slots=True)
class Originator:
    """Who asked for the C-MOVE that instances are sent for, and by which message (PS3.7 9.1.1.1)."""

    title: str
    message_id: int


class Sender:
    """Sends instances over an association in which this side is the SCU of storage SOP classes.

    It may have been opened by either side: by the peer for C-GET, which takes the role of the SCP. `preferences` are
    the only transfer syntaxes that the peer is sent, the first ones rather; without them: as stored, else uncompressed,
    else what else it takes.
    """

    def __init__(
        self, association: Association, preferences: Sequence[str] = (), originator: Originator | None = None
    ) -> None:
        self.association = association
        # Message IDs of the peer's own requests that it cancelled while it was being sent to.
        self.cancelled: set[int] = set()
        self._preferences = tuple(preferences)
        self._originated: dict[int, Value] = {}
        if originator is not None:
            self._originated[Element.MOVE_ORIGINATOR] = originator.title
            self._originated[Element.MOVE_ORIGINATOR_MESSAGE_ID] = originator.message_id
        self._accepted: dict[str, dict[str, Context]] = {}
        for context in association.contexts.values():
            if context.as_scu:
                self._accepted.setdefault(context.abstract_syntax, {})[context.transfer_syntax] = context

    def send(self, stored: StoredInstance) -> Sent:
        """Send one instance and wait for the answer. What can't be sent is told, not raised.

        Raises NetworkError when the association is over.
        """
        accepted = self._accepted.get(stored.sop_class_uid)
        if not accepted:
            return Sent(Outcome.FAILED, None, "It does not take objects of this SOP class.")
        reason = "It takes this object in no transfer syntax that it can be had in."
        for syntax in _order(stored, self._preferences):
            if syntax not in accepted:
                continue
            try:
                return self._send_in(accepted[syntax], stored)
            except NotConvertible as error:
                reason = str(error)
            except FoveaError as error:
                return Sent.unread(error)
        return Sent(Outcome.FAILED, None, reason)

    def _send_in(self, context: Context, stored: StoredInstance) -> Sent:
        """Raises NotConvertible, and what reading the object raises, before anything is sent."""
        message_id = self.association.message_id
        command: dict[int, Value] = {
            Element.AFFECTED_SOP_CLASS: stored.sop_class_uid,
            Element.COMMAND_FIELD: Field.C_STORE,
            Element.MESSAGE_ID: message_id,
            Element.PRIORITY: _MEDIUM_PRIORITY,
            Element.DATA_SET_TYPE: 0,
            Element.AFFECTED_SOP_INSTANCE: stored.sop_instance_uid,
            **self._originated,
        }
        size = stored.size - stored.dataset_offset
        if stored.correction or context.transfer_syntax != stored.transfer_syntax_uid:
            self._send_converted(context, command, stored)
        elif size <= IN_MEMORY:
            self.association.send(context, command, site_objects().read(stored.file_key, stored.dataset_offset, size))
        else:
            self._send_pieces(context, command, _pieces(stored))
        return _sent(self._answer(message_id))

    def _send_converted(self, context: Context, command: dict[int, Value], stored: StoredInstance) -> None:
        """Make the whole data set first: half of one could be ended by nothing but ending the association."""
        with SpooledTemporaryFile(SPOOLED_IN_MEMORY) as spool:
            try:
                spool.writelines(data_set_in(stored, context.transfer_syntax).pieces)
            except (Undecodable, Unreadable) as error:
                raise NotConvertible(str(error)) from error
            spool.seek(0)
            self._send_pieces(context, command, iter(lambda: spool.read(BATCH), b""))

    def _send_pieces(self, context: Context, command: dict[int, Value], pieces: Iterator[bytes]) -> None:
        """Send a data set in pieces, of which the first is there before anything is sent."""
        first = next(pieces)
        try:
            self.association.send_pieces(context, command, chain((first,), pieces))
        except FoveaError as error:
            self.association.abort(by_provider=False)
            raise Gone(say("A stored object could not be read to its end while it was sent.")) from error

    def _answer(self, message_id: int) -> Command:
        """The answer to a C-STORE; the peer may cancel what it is sent for meanwhile (PS3.7 9.3.2.3)."""
        while True:
            message = self.association.receive(ANSWER_SECONDS)
            if message is None:
                raise Gone(say("The peer released the association while it was sent to."))
            command = message.command
            if command.field == Field.C_CANCEL:
                self.cancelled.add(command.number(Element.ANSWERED_MESSAGE_ID))
            elif command.field != Field.C_STORE | ANSWER or command.number(Element.ANSWERED_MESSAGE_ID) != message_id:
                raise ProtocolError("The answer to a C-STORE is none.")
            else:
                return command


def _order(stored: StoredInstance, preferences: Sequence[str]) -> Iterable[str]:
    """The transfer syntaxes that an instance is sent in, the best ones first."""
    return preferences or dict.fromkeys((leaves_in(stored), *UNCOMPRESSED, *ENCODED))


def _pieces(stored: StoredInstance) -> Iterator[bytes]:
    """A long data set as it is stored."""
    for offset in range(stored.dataset_offset, stored.size, BATCH):
        yield site_objects().read(stored.file_key, offset, min(BATCH, stored.size - offset))


def _sent(answer: Command) -> Sent:
    status = answer.status
    if status == Status.SUCCESS:
        return Sent(Outcome.TAKEN, status)
    comment = answer.text(Element.ERROR_COMMENT)
    if status >> 12 == 0xB or status in _WARNINGS:
        return Sent(Outcome.WARNING, status, comment)
    return Sent(Outcome.FAILED, status, comment or say("It answered with the status {status}.", status=f"{status:04X}"))
