"""The server over the network: each test has connections of its own, and each connection a thread."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import hl7
import pytest

from apps.accounts.models import Practice
from apps.dimse.doors import Address
from apps.hl7.models import Message, Stranger
from apps.hl7.server import HL7Server, certificates_of_senders
from apps.hl7.v2.framing import Deframer, frame
from apps.practice.models import Lead
from apps.remotes import own_certificate, trust
from tests import certificates
from tests.hl7.conftest import MOST, QUICK, Connect, add_sender
from tests.hl7.texts import adt, code_of, order, said

pytestmark = pytest.mark.django_db(transaction=True)


def test_messages_of_one_connection_are_answered_in_their_order(practice: Practice, connect: Connect) -> None:
    add_sender(practice)
    client = connect()
    # Three at once, the last one cut in two.
    blocks = b"".join(frame(adt(control_id=f"C-{number}").encode()) for number in range(3))
    client.socket.sendall(blocks[:-50])
    client.socket.sendall(blocks[-50:])
    answers = read_answers(client.socket, 3)
    assert [str(each.segment("MSA")[2]) for each in answers] == ["C-0", "C-1", "C-2"]
    assert [str(each.segment("MSA")[1]) for each in answers] == ["AA"] * 3
    assert Lead.objects.count() == 1
    assert Message.objects.count() == 3


def test_an_unknown_sender_is_refused_and_listed(practice: Practice, connect: Connect) -> None:
    client = connect()
    (answer,) = said(client.send_message(adt()))
    assert str(answer.segment("MSA")[1]) == "AR"
    assert "does not know the sender" in str(answer.segment("MSA")[3])
    stranger = Stranger.objects.get()
    assert (stranger.application, stranger.facility, stranger.address) == ("PMS", "NORTH", "127.0.0.1")
    assert (stranger.practice, stranger.calls) == (practice, 1)
    assert not Lead.objects.exists()
    # Let in, it is known at once, by the connection that it has.
    add_sender(practice, application="pms")
    assert code_of(client.send_message(adt())) == "AA"


def test_what_is_cut_too_large_or_no_mllp_ends_its_connection_alone(practice: Practice, connect: Connect) -> None:
    add_sender(practice)
    good, cut, large, other = (connect() for _ in range(4))
    cut.socket.sendall(frame(order().encode())[:-100])
    cut.socket.shutdown(socket.SHUT_WR)
    assert cut.socket.recv(100) == b""
    (answer,) = said(large.send_message(adt() + "NTE|1||" + "x" * MOST))
    assert str(answer.segment("MSA")[1]) == "AR"
    assert str(answer.segment("ERR")[3]).startswith("104^")
    assert large.socket.recv(100) == b""
    other.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" * 100)
    assert drained(other.socket) == b""
    assert code_of(good.send_message(adt())) == "AA"
    assert not Message.objects.exclude(kind="ADT^A04").exists()


def test_the_server_ends_with_connections_open(practice: Practice, server: HL7Server, connect: Connect) -> None:
    add_sender(practice)
    client = connect()
    assert code_of(client.send_message(adt())) == "AA"
    server.stop()
    assert client.socket.recv(100) == b""


def test_a_sender_with_a_certificate_must_present_it(practice: Practice, tmp_path: Path) -> None:
    certificates.signed("sender", tmp_path / "sender")
    add_sender(practice, certificate=(tmp_path / "sender.pem").read_text())
    with tls_server() as port:
        assert code_of(over_tls(port, adt().encode(), tmp_path / "sender")) == "AA"
        assert code_of(over_tls(port, adt(control_id="C-2").encode())) == "AR"
    assert "did not present the certificate" in Stranger.objects.get().reason


@contextmanager
def tls_server() -> Iterator[int]:
    trust.forget_all()
    secure = partial(trust.server_context, certificates_of_senders)
    with HL7Server([Address("127.0.0.1", 0, secure)], QUICK, MOST) as server:
        yield server.ports[0]
    trust.forget_all()


def over_tls(port: int, message: bytes, own: Path | None = None) -> bytes:
    context = ssl.create_default_context(cadata=own_certificate.certificate())
    if own is not None:
        context.load_cert_chain(own.with_suffix(".pem"), own.with_suffix(".key"))
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as stream,
    ):
        stream.sendall(frame(message))
        return stream.recv(4096)


def read_answers(stream: socket.socket, count: int) -> list[hl7.Message]:
    deframer = Deframer(MOST)
    answers: list[hl7.Message] = []
    while len(answers) < count:
        answers += [said(frame(each))[0] for each in deframer.feed(stream.recv(4096))]
    return answers


def drained(stream: socket.socket) -> bytes:
    """What comes until the other side has closed the connection, which it may do with bytes unread."""
    try:
        return stream.recv(100)
    except ConnectionResetError:
        return b""
