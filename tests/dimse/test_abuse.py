"""Peers that mean harm, or can't do better: whatever they do, a C-ECHO beside them is answered, in bounded memory."""

import random
import socket
from collections.abc import Iterator

import pytest

from apps.dicom.network import pdu
from apps.dicom.network.command import Element, encode
from apps.dicom.network.errors import ProtocolError
from tests.dimse import nodes, raw
from tests.dimse.nodes import is_answered
from tests.dimse.site import DicomSite, Process

GARBAGE = random.Random(7).randbytes(4096)
MALFORMED = {
    "garbage": GARBAGE,
    "HTTP": b"GET / HTTP/1.1\r\nHost: fovea\r\n\r\n",
    "TLS": bytes.fromhex("1603010200010001fc0303") + bytes(400),
    "data without an association": raw.data(raw.value(raw.ECHO)),
    "a release without an association": pdu.RELEASE_RQ,
    "a request of 4 GiB": raw.head(1, 0xFFFFFFFF) + bytes(1000),
    "a request of garbage": raw.head(1, 600) + b"\0\1" + GARBAGE[:598],
    "items longer than the request": raw.request().replace(b"\x10\0\0\x15", b"\x10\0\xff\xff"),
    "a UID that is not text": raw.request().replace(nodes.CT.encode(), b"\xff" * len(nodes.CT)),
}
STORE = encode(
    {
        Element.AFFECTED_SOP_CLASS: nodes.CT,
        Element.COMMAND_FIELD: 0x0001,
        Element.MESSAGE_ID: 7,
        Element.PRIORITY: 0,
        Element.DATA_SET_TYPE: 0,
        Element.AFFECTED_SOP_INSTANCE: "1.2.3.4",
    }
)
OUT_OF_PLACE = {
    "a PDU of 2 GiB": raw.head(4, 0x7FFFFFFF) + bytes(65536),
    "a PDU longer than agreed": raw.head(4, 4 << 20) + bytes(4 << 20),
    "a PDU without a value": raw.head(4, 0),
    "a value longer than its PDU": raw.head(4, 9) + (99999).to_bytes(4, "big") + b"\1\3abc",
    "a value of length 0": raw.head(4, 6) + bytes(4) + b"\1\3",
    "a value of length 1": raw.head(4, 6) + b"\0\0\0\1" + b"\1\3",
    "half a value's head": raw.head(4, 3) + b"\0\0\0",
    "a context that nobody agreed to": raw.data(raw.value(raw.ECHO, context=99)),
    "a command set of garbage": raw.data(raw.value(GARBAGE[:200])),
    "a command set without an end": raw.data(*(raw.value(bytes(1000), raw.COMMAND) for _ in range(40))),
    "a data set without a command set": raw.data(raw.value(GARBAGE[:200], raw.LAST)),
    "a command set within a data set": raw.data(raw.value(STORE), raw.value(raw.ECHO)),
    "a second request for an association": raw.request(),
    "a PDU that there isn't": raw.head(9, 4) + bytes(4),
}


@pytest.fixture(scope="module")
def process(site: DicomSite) -> Iterator[Process]:
    """One server for all of it: what one test leaves behind is there in the next."""
    with site.answering() as process:
        yield process


@pytest.mark.parametrize("said", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_request_is_aborted(process: Process, said: bytes) -> None:
    with raw.connect(process.port) as stream:
        stream.sendall(said)
        assert raw.read(stream)[0] == pdu.Type.ABORT
        assert raw.read(stream) == (0, b"")
    assert is_answered(process.port)


@pytest.mark.parametrize("said", OUT_OF_PLACE.values(), ids=OUT_OF_PLACE)
def test_what_has_no_place_in_an_association_ends_it(process: Process, said: bytes) -> None:
    with raw.associate(process.port) as stream:
        stream.sendall(said)
        assert raw.read(stream)[0] == pdu.Type.ABORT
    assert is_answered(process.port)


def test_the_reason_is_said(process: Process) -> None:
    with raw.associate(process.port) as stream:
        stream.sendall(raw.head(9, 4) + bytes(4))
        assert raw.read(stream)[1] == bytes((0, 0, 2, ProtocolError.UNRECOGNISED_PDU))


def test_a_request_that_trickles_in_is_answered(process: Process) -> None:
    with raw.connect(process.port) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in raw.request(nodes.VERIFICATION):
            stream.sendall(bytes((byte,)))
        assert raw.read(stream)[0] == pdu.Type.ASSOCIATE_AC
        for byte in raw.data(*(raw.value(raw.ECHO[at : at + 1], raw.COMMAND) for at in range(len(raw.ECHO) - 1))):
            stream.sendall(bytes((byte,)))
        stream.sendall(raw.data(raw.value(raw.ECHO[-1:])))
        assert raw.read(stream)[0] == pdu.Type.DATA


def test_several_messages_in_one_pdu_are_all_answered(process: Process) -> None:
    with raw.associate(process.port, nodes.VERIFICATION) as stream:
        stream.sendall(raw.data(*[raw.value(raw.ECHO)] * 5))
        assert [raw.read(stream)[0] for _ in range(5)] == [pdu.Type.DATA] * 5


def test_who_takes_too_short_pdus_is_refused(process: Process) -> None:
    with raw.connect(process.port) as stream:
        stream.sendall(raw.request(longest=8))
        assert raw.read(stream)[0] == pdu.Type.ASSOCIATE_RJ


def test_resets_in_the_middle_of_an_object_harm_nobody(process: Process) -> None:
    for _ in range(10):
        stream = raw.associate(process.port)
        stream.sendall(raw.data(raw.value(STORE)) + raw.data(raw.value(bytes(9000), 0)))
        raw.reset(stream)
    assert is_answered(process.port)


@pytest.mark.parametrize(
    ("count", "associated", "said"),
    [
        (100, False, b""),
        (100, False, b"\1\0\0"),
        (100, True, b""),
        (100, True, raw.head(4, 10000) + bytes(100)),
    ],
    ids=["connected", "half a head", "associated", "half a PDU"],
)
def test_an_echo_is_answered_beside_many_that_are_held(
    process: Process, count: int, associated: bool, said: bytes
) -> None:
    before = process.memory()
    held = [raw.associate(process.port) if associated else raw.connect(process.port) for _ in range(count)]
    for stream in held:
        stream.sendall(said)
    assert is_answered(process.port)
    assert process.memory() - before < 50 << 20
    for stream in held:
        stream.close()
    assert is_answered(process.port)


def test_more_associations_than_there_may_be_leave_room_for_an_echo(process: Process) -> None:
    held = [raw.associate(process.port) for _ in range(150)]
    assert is_answered(process.port)
    assert raw.read(held[0])[0] == pdu.Type.ABORT, "the one that was idle the longest gives way"
    for stream in held:
        stream.close()
