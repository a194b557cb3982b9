"""Routers in processes of their own: killed in the middle, two at once, a destination that answers nothing."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.live import PATIENCE, Site, is_alive, kill, wait_until
from tests.remotes.storing import TITLE, storing
from tests.routing.nodes import stalling
from tests.routing.sending import CONTEXT

# Destinations by name and port, and so many studies of so many slices for each.
FILL = """
import json
from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.remotes.models import ApplicationEntity, Remote
from apps.routing import outbox
from tests.routing.sending import study
order = json.loads({order!r})
practice = Practice.objects.get()
ApplicationEntity.objects.create(title="NORTH", practice=practice)
studies = [study(practice, number, order["slices"]) for number in range(order["studies"])]
for name, port in order["ports"].items():
    remote = Remote.objects.create(practice=practice, name=name, title={title!r}, host="127.0.0.1", port=port)
    for each in studies:
        outbox.send(each, remote, Principal.worker(practice.pk))
"""
COUNTS = "SELECT COUNT(*) FROM routing_outgoing WHERE state = 'sent'"
TAKEN = "SELECT sop_instance_uid FROM routing_delivery WHERE state = 'taken'"

pytestmark = pytest.mark.timeout(300)


class RoutedSite(Site):
    """A site with an outbox."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, FOVEA_ROUTING_LEASE="2", FOVEA_ROUTING_BACKOFF="1", FOVEA_ROUTING_GRACE="1")

    def fill(self, studies: int, slices: int, **ports: int) -> None:
        order = json.dumps({"studies": studies, "slices": slices, "ports": ports})
        said = self.run("shell", "--no-imports", "-c", FILL.format(order=order, title=TITLE))
        assert "Traceback" not in said, said

    @contextmanager
    def routing(self) -> Iterator[int]:
        pid = self.fork("manage.py", "router")
        try:
            yield pid
        finally:
            kill(pid)

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "fovea.sqlite3", timeout=PATIENCE)) as connection:
            return connection.execute(query).fetchall()

    def wait_until_sent(self, count: int) -> None:
        wait_until(lambda: self.asked(COUNTS) == [(count,)])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RoutedSite]:
    with RoutedSite(tmp_path) as site:
        yield site


def test_what_a_killed_router_has_confirmed_is_not_sent_again(site: RoutedSite) -> None:
    goes_on = Event()
    with stalling(goes_on, after=30) as node:
        site.fill(1, 40, Elsewhere=node.port)
        with site.routing():
            wait_until(lambda: len(node.uids) == 31)
            wait_until(lambda: bool(site.asked(TAKEN)))
        confirmed = {uid for (uid,) in site.asked(TAKEN)}
        assert confirmed
        goes_on.set()
        before = len(node.uids)
        with site.routing():
            site.wait_until_sent(1)
    again = node.uids[before:]
    assert not confirmed & set(again)
    assert len(set(node.uids)) == 40
    assert site.asked("SELECT taken, recorded, total FROM routing_outgoing") == [(40, 40, 40)]


def test_two_routers_drain_one_outbox_and_send_each_study_once(site: RoutedSite) -> None:
    with storing(CONTEXT) as node:
        site.fill(12, 2, Elsewhere=node.port)
        with site.routing() as first, site.routing() as second:
            site.wait_until_sent(12)
            assert is_alive(first)
            assert is_alive(second)
    came = [str(request.AffectedSOPInstanceUID) for request in node.requests]
    assert len(came) == len(set(came)) == 24


def test_a_destination_that_stalls_holds_up_no_other(site: RoutedSite) -> None:
    goes_on = Event()
    with stalling(goes_on) as stalled, storing(CONTEXT) as well:
        site.fill(4, 1, Stalled=stalled.port, Well=well.port)
        with site.routing():
            site.wait_until_sent(4)
            wait_until(lambda: len(stalled.uids) == 2)
            assert len(well.files) == 4
            goes_on.set()
            site.wait_until_sent(8)
    assert len(stalled.uids) == len(set(stalled.uids)) == 4
