"""Destinations that behave badly: pynetdicom's, told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

from tests.remotes.storing import TITLE
from tests.routing.sending import CONTEXT

PATIENCE = 60


@dataclass
class Bad:
    """Where it listens, and the SOP Instance UIDs that it was sent; `asked` counts its echoes."""

    port: int = 0
    uids: list[str] = field(default_factory=list)
    asked: int = 0
    echo_status: int = 0
    reached: Event = field(default_factory=Event)


@contextmanager
def vanishing(after: int) -> Iterator[Bad]:
    """One that is gone in the middle of a study, when it has taken so many."""

    def take(bad: Bad, event: Any) -> int:
        if len(bad.uids) > after:
            event.assoc.abort()
        return 0x0000

    with _listening(take) as bad:
        yield bad


@contextmanager
def stalling(goes_on: Event, after: int = 0) -> Iterator[Bad]:
    """One that answers so many, and then nothing until it is told to go on."""

    def take(bad: Bad, event: Any) -> int:
        if len(bad.uids) > after:
            goes_on.wait(PATIENCE)
        return 0x0000

    with _listening(take) as bad:
        yield bad


@contextmanager
def answering(status: int = 0x0000) -> Iterator[Bad]:
    """One that answers everything with this status."""
    with _listening(lambda _bad, _event: status) as bad:
        yield bad


@contextmanager
def _listening(take: Callable[[Bad, Any], int]) -> Iterator[Bad]:
    bad = Bad()

    def store(event: Any) -> int:
        bad.uids.append(str(event.request.AffectedSOPInstanceUID))
        bad.reached.set()
        return take(bad, event)

    def echo(_: Any) -> int:
        bad.asked += 1
        return bad.echo_status

    entity = AE(TITLE)
    entity.add_supported_context(Verification)
    entity.add_supported_context(CONTEXT[0], list(CONTEXT[1]))
    handlers = [(evt.EVT_C_STORE, store), (evt.EVT_C_ECHO, echo)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    bad.port = server.server_address[1]
    try:
        yield bad
    finally:
        server.shutdown()
