"""The router: lets the rules look at what arrives, and sends what is to go, each destination in lanes of its own."""

import logging
import time
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Final

from django.conf import settings
from django.db import Error, close_old_connections, connections
from django.db.models import Q
from django.utils import timezone

from apps.audit import access
from apps.routing import breaker, expanding, pruning
from apps.routing.draining import drain
from apps.routing.leases import LANES, Leases
from apps.routing.models import Destination, Outgoing, OutgoingState

TICK: Final = 0.5
# Threads in all: a destination that stalls keeps two of them, and no others.
MOST_LANES: Final = 64
# Rounds of expanding before it is looked again whether lanes are to be started.
ROUNDS: Final = 10
PULSE: Final = 5.0
PRUNE_EVERY: Final = 600.0

logger = logging.getLogger(__name__)


class Router:
    """Runs until `stopping` is set; then what is being sent gets the grace to end, between two instances."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._leases = Leases()
        self._lanes: dict[int, list[Thread]] = {}
        self._ended = Event()
        self._pruned = time.monotonic()

    def run(self) -> None:
        heart = Thread(target=self._beat, name="heartbeat of the router", daemon=True)
        heart.start()
        while not self._stopping.is_set():
            self._round()
            self._stopping.wait(TICK)
        self._wait_for_lanes()
        self._ended.set()
        heart.join()
        access.flush()

    def _round(self) -> None:
        """A database that is away is waited for."""
        try:
            close_old_connections()
            self._expand()
            self._start_lanes()
            if time.monotonic() - self._pruned >= PRUNE_EVERY:
                self._pruned = time.monotonic()
                pruning.prune()
        except Error as error:
            logger.warning("nothing could be routed: %s", type(error).__name__)
            connections.close_all()

    def _expand(self) -> None:
        for _ in range(ROUNDS):
            if self._stopping.is_set() or expanding.expand() < expanding.STUDIES:
                return

    def _start_lanes(self) -> None:
        self._lanes = {pk: alive for pk, lanes in self._lanes.items() if (alive := _alive(lanes))}
        for remote_id in breaker.due():
            self._start(remote_id, 1, partial(breaker.probe, remote_id))
        for remote_id in due():
            self._start(remote_id, LANES, partial(drain, remote_id, self._leases, self._stopping.is_set))

    def _start(self, remote_id: int, most: int, work: Callable[[], object]) -> None:
        """Start one more lane to a destination, up to so many."""
        lanes = self._lanes.setdefault(remote_id, [])
        if len(lanes) < most and sum(map(len, self._lanes.values())) < MOST_LANES:
            lane = Thread(target=_run, args=(work,), name=f"lane to remote {remote_id}", daemon=True)
            lanes.append(lane)
            lane.start()

    def _wait_for_lanes(self) -> None:
        until = time.monotonic() + settings.ROUTING_GRACE
        for lanes in self._lanes.values():
            for lane in lanes:
                lane.join(max(0.0, until - time.monotonic()))

    def _beat(self) -> None:
        """Until the lanes have ended. A beat that fails costs nothing as long as the next one comes in time."""
        while not self._ended.wait(min(PULSE, settings.ROUTING_LEASE / 4)):
            try:
                self._leases.renew()
            except Error as error:
                logger.warning("no heartbeat of the router: %s", type(error).__name__)
                connections.close_all()
        connections.close_all()


def due() -> list[int]:
    """The remotes that something can be sent to now; each has a row that says how sending to it goes."""
    now = timezone.now()
    rows = Outgoing.objects.filter(
        Q(state=OutgoingState.WAITING, not_before__lte=now) | Q(state=OutgoingState.SENDING, lease_until__lte=now),
        remote__is_active=True,
    )
    remote_ids = list(rows.order_by().values_list("remote_id", flat=True).distinct())
    known = dict(Destination.objects.filter(remote__in=remote_ids).values_list("remote_id", "open_since"))
    new = [Destination(remote_id=remote_id) for remote_id in remote_ids if remote_id not in known]
    if new:
        Destination.objects.bulk_create(new, ignore_conflicts=True)
    return [remote_id for remote_id in remote_ids if known.get(remote_id) is None]


def _alive(lanes: list[Thread]) -> list[Thread]:
    return [lane for lane in lanes if lane.is_alive()]


def _run(work: Callable[[], object]) -> None:
    """A lane's whole life: what the database can't do now is done by the next one, when the lease has lapsed."""
    try:
        work()
    except Error as error:
        logger.warning("a lane ended early: %s", type(error).__name__)
    finally:
        connections.close_all()
