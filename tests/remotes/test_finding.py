"""Asking archives that answer in other ways than they should: pynetdicom's, told what to say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
)

from apps.accounts.models import Practice
from apps.remotes.asking import Query
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.lines import line_to
from apps.remotes.models import ApplicationEntity, Remote

FIND, GET = StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelGet
ANYBODY = Query(patient_name="*")


@contextmanager
def node(handlers: list[Any], *supported: str) -> Iterator[int]:
    """A node that answers by these handlers; its port."""
    entity = AE(ae_title="NODE")
    for sop_class in supported:
        entity.add_supported_context(sop_class)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        yield server.socket.getsockname()[1]  # type: ignore[union-attr]
    finally:
        server.shutdown()


@pytest.fixture
def remote_at(title: ApplicationEntity) -> Callable[[int], Remote]:
    def make(port: int) -> Remote:
        practice: Practice = title.practice
        return Remote.objects.create(practice=practice, name="Node", title="NODE", host="127.0.0.1", port=port)

    return make


def _study(number: int) -> Dataset:
    found = Dataset()
    found.StudyInstanceUID = f"1.2.{number}"
    return found


def test_beyond_the_bound_an_archive_is_told_to_stop(remote_at: Callable[[int], Remote]) -> None:
    told: list[bool] = []

    def endless(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        for number in range(1, 100_000):
            if event.is_cancelled:
                told.append(True)
                yield 0xFE00, None
                return
            yield 0xFF00, _study(number)

    with node([(evt.EVT_C_FIND, endless)], FIND) as port:
        found = line_to(remote_at(port)).studies(ANYBODY, 5)
    assert (len(found.studies), found.is_complete, told) == (5, False, [True])


@pytest.mark.parametrize("status", [0xA700, 0xA900, 0xC001, 0x0122])
def test_a_refused_search_is_told_with_its_status(remote_at: Callable[[int], Remote], status: int) -> None:
    with (
        node([(evt.EVT_C_FIND, lambda _: iter([(status, None)]))], FIND) as port,
        pytest.raises(RemoteRefused, match=f"status {status:04X}"),
    ):
        line_to(remote_at(port)).studies(ANYBODY, 5)


def test_an_archive_that_can_t_be_searched_is_said_not_to_be(remote_at: Callable[[int], Remote]) -> None:
    with node([], CTImageStorage) as port, pytest.raises(RemoteRefused, match="does not let this server search"):
        line_to(remote_at(port)).studies(ANYBODY, 5)


def test_an_archive_that_breaks_off_may_be_better_another_time(remote_at: Callable[[int], Remote]) -> None:
    def breaking(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        yield 0xFF00, _study(1)
        event.assoc.abort()

    with node([(evt.EVT_C_FIND, breaking)], FIND) as port, pytest.raises(RemoteFailed, match="Node: "):
        line_to(remote_at(port)).studies(ANYBODY, 5)


def test_an_archive_that_gives_nothing_away_is_said_to(remote_at: Callable[[int], Remote]) -> None:
    """C-GET without the role that the objects need, and no C-MOVE."""
    intake: Any = None
    with node([], FIND, GET) as port, pytest.raises(RemoteRefused, match="neither by C-GET nor by C-MOVE"):
        line_to(remote_at(port)).fetch([], [CTImageStorage], intake)
