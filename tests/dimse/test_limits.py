"""How many connections and associations there may be, who gives way, and how long each may take."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest

from apps.dicom.network import pdu
from apps.dicom.network.command import Field, Status
from apps.dicom.network.pdu import Rejection
from apps.dimse import dialogue
from apps.dimse.connections import Connection, Connections
from apps.dimse.gate import Gate
from apps.dimse.limits import Limits
from apps.dimse.server import Address, Server
from apps.remotes import directory
from apps.remotes.admission import admit
from apps.remotes.models import Remote
from tests.dimse import nodes, raw
from tests.dimse.conftest import QUICK
from tests.dimse.nodes import ask, calling, is_answered
from tests.live import wait_until

Serve = Callable[[Limits], int]


@pytest.fixture
def connection() -> Iterator[Callable[[str], Connection]]:
    """Connections from addresses as the test says."""
    streams: list[socket.socket] = []

    def connection(address: str) -> Connection:
        streams.extend(socket.socketpair())
        return Connection(streams[-1], address, is_tls=False)

    yield connection
    for stream in streams:
        stream.close()


@contextmanager
def serving(limits: Limits) -> Iterator[int]:
    with Server([Address("127.0.0.1", 0)], limits, admit) as server:
        yield server.ports[0]
    directory.forget_all()


def is_over(stream: socket.socket) -> bool:
    """Whether the peer has ended it, with or without a last word."""
    stream.settimeout(nodes.PATIENCE)
    return raw.read(stream)[0] in (0, pdu.Type.ABORT)


class TestWhoGivesWay:
    """To a new association where there are as many as there may be."""

    limits = Limits(associations=3, per_host=2, unassociated=2)

    def taken(self, connections: Connections, connection: Connection) -> bool:
        connections.add(connection)
        return connections.associate(connection)

    def test_the_longest_idle_of_the_same_host(self, connection: Callable[[str], Connection]) -> None:
        connections = Connections(self.limits)
        first, second, third, other = (connection(host) for host in ("a", "a", "a", "b"))
        assert all(self.taken(connections, each) for each in (other, first, second))
        first.waits()
        assert self.taken(connections, third)
        assert [each.is_ending for each in (first, second, third, other)] == [False, True, False, False]

    def test_nobody_at_work(self, connection: Callable[[str], Connection]) -> None:
        connections = Connections(self.limits)
        at_work = [connection("a"), connection("a")]
        for each in at_work:
            assert self.taken(connections, each)
            each.works()
        assert not self.taken(connections, connection("a"))
        assert not any(each.is_ending for each in at_work)

    def test_one_of_the_host_that_has_the_most(self, connection: Callable[[str], Connection]) -> None:
        connections = Connections(self.limits)
        many, few = [connection("a"), connection("a")], connection("b")
        assert all(self.taken(connections, each) for each in (*many, few))
        assert self.taken(connections, connection("c"))
        assert [each.is_ending for each in (*many, few)] == [True, False, False]

    def test_the_oldest_that_never_asked_for_anything(self, connection: Callable[[str], Connection]) -> None:
        connections = Connections(self.limits)
        waiting = [connection(host) for host in "abc"]
        for each in waiting:
            connections.add(each)
        assert [each.is_ending for each in waiting] == [True, False, False]


def test_places_at_work_are_taken_and_given_back() -> None:
    gate, entered = Gate(1), Event()
    assert gate.enter(0)
    assert not gate.enter(0)
    other = Thread(target=lambda: gate.enter(nodes.PATIENCE) and entered.set())
    other.start()
    wait_until(lambda: gate.is_wanted)
    gate.leave()
    assert entered.wait(nodes.PATIENCE)
    other.join()


def test_silence_has_its_limits(remote: Remote) -> None:
    limits = replace(QUICK, request=0.2, idle=0.2, pdu=0.2)
    with serving(limits) as port:
        silent, half, idle, dawdling = raw.connect(port), raw.connect(port), raw.associate(port), raw.associate(port)
        half.sendall(raw.request()[:40])
        dawdling.sendall(raw.head(4, 1000) + bytes(10))
        assert all(is_over(stream) for stream in (silent, half, idle, dawdling))


def test_who_comes_while_all_are_at_work_is_told_so(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work: set[Connection] = set()

    def works(connection: Connection) -> None:
        connection.works()
        at_work.add(connection)

    monkeypatch.setattr(Connection, "waits", works)
    with serving(replace(QUICK, associations=2)) as port:
        held = [raw.associate(port), raw.associate(port)]
        wait_until(lambda: len(at_work) == 2)
        with raw.connect(port) as stream:
            stream.sendall(raw.request())
            kind, body = raw.read(stream)
        for each in held:
            each.close()
    assert (kind, int.from_bytes(body, "big")) == (pdu.Type.ASSOCIATE_RJ, Rejection.LOCAL_LIMIT_EXCEEDED)


def test_connections_that_ask_for_nothing_do_not_count_as_associations(remote: Remote) -> None:
    with serving(replace(QUICK, associations=1, unassociated=3, request=nodes.PATIENCE)) as port:
        held = [raw.connect(port) for _ in range(5)]
        assert is_answered(port)
        assert all(is_over(stream) for stream in held[:2])
        for stream in held:
            stream.close()


def test_messages_at_work_are_finished_when_the_server_ends(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.dimse.services import HANDLERS, echo

    begun, may_end = Event(), Event()

    def slow(*arguments: object) -> None:
        begun.set()
        may_end.wait(nodes.PATIENCE)
        echo.answer(*arguments)

    monkeypatch.setitem(HANDLERS, 0x0030, slow)
    with serving(replace(QUICK, grace=nodes.PATIENCE)) as port:
        stream = raw.associate(port, nodes.VERIFICATION)
        stream.sendall(raw.data(raw.value(raw.ECHO)))
        assert begun.wait(nodes.PATIENCE)
        ender = Thread(target=may_end.set)
        ender.start()
    ender.join()
    assert [raw.read(stream)[0], raw.read(stream)[0]] == [pdu.Type.DATA, pdu.Type.ABORT]


def test_an_idle_association_leaves_its_place_at_work_to_others(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue, "REST", 0.05)
    storage = [(nodes.CT, [nodes.EXPLICIT])]
    with serving(replace(QUICK, working=1)) as port, calling(port, storage) as first, calling(port, storage) as second:
        for association in (first, second, first):
            answer = ask(association, Field.C_STORE, bytes(8), AFFECTED_SOP_INSTANCE="1.2.3")
            assert answer.command.status == Status.CANNOT_UNDERSTAND
