"""The other side of what is measured: senders, askers and a destination, each a process with its data in memory."""

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Barrier

from apps.dicom.filemeta import read_file_meta
from apps.dicom.identifiers import encode
from apps.dicom.limits import Limits as Sizes
from apps.dicom.network import acceptor
from apps.dicom.network.acceptor import Terms
from apps.dicom.network.association import Association, Context
from apps.dicom.network.command import Element, Field, Value
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.negotiation import Offer
from apps.dicom.network.pdu import Role
from apps.dicom.network.requestor import Proposal, associate
from apps.dicom.network.wire import Limits, Wire
from apps.dicom.warning import Warnings
from benchmarks.dimse.nodes import US, Server

CT = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
VERIFICATION = "1.2.840.10008.1.1"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
WORKLIST = "1.2.840.10008.5.1.4.31"
PATIENCE = Limits(pdu=20.0, idle=60.0, send=60.0)
FORK = get_context("fork")

Work = Callable[[Association], None]


@dataclass(frozen=True, slots=True)
class Message:
    """An object as it is sent: its SOP Instance UID and its data set."""

    uid: str
    data_set: bytes


def messages(files: Sequence[bytes]) -> list[Message]:
    """What these files hold, taken apart before anything is measured."""
    found = []
    for file in files:
        meta = read_file_meta(file, Sizes(), Warnings())
        found.append(Message(meta.elements["00020003"]["Value"][0], file[meta.end :]))
    return found


def at_once(server: Server, works: Sequence[tuple[Proposal, Work]], clock: Callable[[], float]) -> float:
    """Do these at the same time, each on an association and in a process of its own; the seconds that it took.

    The clock starts when all associations are there. Raises RuntimeError where one fails.
    """
    barrier = FORK.Barrier(len(works) + 1)
    processes = [FORK.Process(target=_work, args=(server, *work, barrier)) for work in works]
    for process in processes:
        process.start()
    try:
        barrier.wait(60)
        started = clock()
        for process in processes:
            process.join()
        seconds = clock() - started
    finally:
        for process in processes:
            process.terminate()
            process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError(f"{server.name} did not do what it was asked for.")
    return seconds


def _work(server: Server, proposal: Proposal, work: Work, barrier: Barrier) -> None:
    try:
        association = associate(server.node, proposal, US, PATIENCE)
    except NetworkError:
        barrier.abort()
        sys.exit(1)
    with association:
        barrier.wait(60)
        work(association)
        association.release()


STORING = Proposal([(CT, [EXPLICIT])])
PLANNING = Proposal([(WORKLIST, [EXPLICIT, IMPLICIT])])
FINDING = Proposal([(FIND, [EXPLICIT, IMPLICIT])])
MOVING = Proposal([(MOVE, [EXPLICIT, IMPLICIT])])
GETTING = Proposal([(GET, [EXPLICIT, IMPLICIT]), (CT, [EXPLICIT])], roles=[Role(CT, scu=False, scp=True)])
ECHOING = Proposal([(VERIFICATION, [IMPLICIT])])


def storing(objects: Sequence[Message]) -> Work:
    """Send these by C-STORE, one after the other."""

    def work(association: Association) -> None:
        (context,) = association.contexts.values()
        for each in objects:
            _ask(association, context, Field.C_STORE, each.data_set, {Element.AFFECTED_SOP_INSTANCE: each.uid})
            _expect(association, 0)

    return work


def finding(expected: int) -> Work:
    """Ask for all studies, and take the answers."""

    def work(association: Association) -> None:
        (context,) = association.contexts.values()
        keys = {tag: {"vr": vr} for tag, vr in STUDY_KEYS.items()} | {
            "00080052": {"vr": "CS", "Value": ["STUDY"]},
        }
        _ask(association, context, Field.C_FIND, encode(keys, context.transfer_syntax))
        for _ in range(expected):
            _expect(association, 0xFF00, 0xFF01)
        _expect(association, 0)

    return work


STUDY_KEYS = {
    "00080020": "DA", "00080030": "TM", "00080050": "SH", "00080061": "CS", "00080090": "PN", "00081030": "LO",
    "00100010": "PN", "00100020": "LO", "00100030": "DA", "0020000D": "UI", "00201208": "IS",
}  # fmt: skip


# What a device asks for of the request, and of the step.
REQUEST_KEYS = {
    "00080050": "SH", "00080090": "PN", "00100010": "PN", "00100020": "LO", "00100030": "DA", "00100040": "CS",
    "0020000D": "UI", "00321060": "LO", "00401001": "SH", "00401003": "SH",
}  # fmt: skip
STEP_KEYS = {
    "00080060": "CS", "00400001": "AE", "00400003": "TM", "00400006": "PN", "00400007": "LO", "00400009": "SH",
    "00400010": "SH", "00400011": "SH",
}  # fmt: skip


def planning(day: str, expected: int, times: int) -> Work:
    """Ask for the worklist of a day again and again, and take the answers."""

    def work(association: Association) -> None:
        (context,) = association.contexts.values()
        step = {tag: {"vr": vr} for tag, vr in STEP_KEYS.items()} | {"00400002": {"vr": "DA", "Value": [day]}}
        keys = {tag: {"vr": vr} for tag, vr in REQUEST_KEYS.items()} | {"00400100": {"vr": "SQ", "Value": [step]}}
        for _ in range(times):
            _ask(association, context, Field.C_FIND, encode(keys, context.transfer_syntax))
            for _ in range(expected):
                _expect(association, 0xFF00, 0xFF01)
            _expect(association, 0)

    return work


def getting(study_uid: str, expected: int) -> Work:
    """Have a study's instances sent on the same association, and take them."""

    def work(association: Association) -> None:
        context = next(each for each in association.contexts.values() if each.abstract_syntax == GET)
        _ask(association, context, Field.C_GET, _study(study_uid, context))
        taken = 0
        while True:
            message = association.receive()
            if message is None:
                raise RuntimeError("The association was released.")
            if message.command.field == Field.C_STORE:
                _take(association)
                association.send(message.context, message.command.answer(0))
                taken += 1
            elif message.command.status != 0xFF00:
                break
        _check(message.command.status == 0 and taken == expected, f"{taken} of {expected} came")

    return work


def moving(study_uid: str, destination: str) -> Work:
    """Have a study sent to the destination."""

    def work(association: Association) -> None:
        (context,) = association.contexts.values()
        _ask(association, context, Field.C_MOVE, _study(study_uid, context), {Element.MOVE_DESTINATION: destination})
        while (status := _status(association)) == 0xFF00:
            pass
        _check(status == 0, f"C-MOVE ended with {status:04X}")

    return work


def echoing(count: int) -> Work:
    """C-ECHO again and again."""

    def work(association: Association) -> None:
        (context,) = association.contexts.values()
        for _ in range(count):
            _ask(association, context, Field.C_ECHO)
            _expect(association, 0)

    return work


@contextmanager
def destination() -> Iterator[int]:
    """A node that takes what C-MOVE sends it and throws it away; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = FORK.Process(target=_accept, args=(listener,), daemon=True)
        process.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            process.terminate()
            process.join()


def _accept(listener: socket.socket) -> None:
    """One association after the other."""
    while True:
        wire = Wire(listener.accept()[0], PATIENCE)
        request = acceptor.read_request(wire, 10)
        with acceptor.accept(wire, request, Terms(lambda _: Offer((EXPLICIT, IMPLICIT))), US) as association:
            while (message := association.receive()) is not None:
                _take(association)
                association.send(message.context, message.command.answer(0))


def _take(association: Association) -> None:
    for _ in association.data_set():
        pass


def _study(uid: str, context: Context) -> bytes:
    keys = {"00080052": {"vr": "CS", "Value": ["STUDY"]}, "0020000D": {"vr": "UI", "Value": [uid]}}
    return encode(keys, context.transfer_syntax)


def _ask(
    association: Association,
    context: Context,
    field: Field,
    data_set: bytes | None = None,
    more: dict[int, Value] | None = None,
) -> None:
    command: dict[int, Value] = {
        Element.AFFECTED_SOP_CLASS: context.abstract_syntax,
        Element.COMMAND_FIELD: field,
        Element.MESSAGE_ID: association.message_id,
        Element.DATA_SET_TYPE: 0x0101 if data_set is None else 0,
        **({} if field == Field.C_ECHO else {Element.PRIORITY: 0}),
        **(more or {}),
    }
    association.send(context, command, data_set)


def _status(association: Association) -> int:
    message = association.receive()
    if message is None:
        raise RuntimeError("The association was released.")
    return message.command.status


def _expect(association: Association, *statuses: int) -> None:
    status = _status(association)
    _check(status in statuses, f"status {status:04X}")


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise RuntimeError(what)
