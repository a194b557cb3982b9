"""A worker: django-q2's pool of processes, watched, swept for, and ended with the process that started it."""

import logging
import signal
import time
from datetime import timedelta
from types import FrameType
from typing import Final

from django.conf import settings
from django.db import Error, close_old_connections, connections
from django.utils import timezone
from django_q.cluster import Cluster
from redis.exceptions import RedisError

from apps.audit import upkeep
from apps.jobs import sweeper
from apps.jobs.claims import WORKER
from apps.jobs.lifeline import Lifeline
from apps.jobs.models import Job, State, Worker

# How often old rows are removed, in seconds.
PRUNE_EVERY: Final = 600
MINUTE: Final = 60

logger = logging.getLogger(__name__)


class Pool:
    """Runs until a SIGTERM or SIGINT; starts anew when it finds its processes stuck or gone."""

    def __init__(self) -> None:
        self._stopping_since: float | None = None
        self._started = self._pruned = self._minute = time.monotonic()

    def run(self) -> None:
        """Work until told to stop; what is still running after the grace goes back into the queue, uncounted."""
        while self._stopping_since is None:
            with Lifeline():
                self._work()
        sweeper.release(WORKER)
        Worker.objects.filter(name=WORKER).delete()

    def _work(self) -> None:
        """One life of the pool: until it has ended, or must be."""
        try:
            cluster = self._start()
        except RuntimeError:
            logger.error("the pool could not be started: is the queue's broker there?")  # noqa: TRY400
        else:
            self._watch(cluster)
        if self._stopping_since is None:
            time.sleep(1)

    def _start(self) -> Cluster:
        cluster = Cluster()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # A forked process that closes its parent's connection to PostgreSQL ends it for both.
        connections.close_all()
        self._started = time.monotonic()
        cluster.start()
        return cluster

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping_since = self._stopping_since or time.monotonic()

    def _watch(self, cluster: Cluster) -> None:
        next_tick = 0.0
        while cluster.sentinel.is_alive():
            cluster.sentinel.join(timeout=0.2)
            if self._stopping_since is not None:
                cluster.stop_event.set()
                if time.monotonic() - self._stopping_since >= settings.JOB_GRACE:
                    return
            elif time.monotonic() >= next_tick:
                next_tick = time.monotonic() + settings.JOB_SWEEP
                if self._tick():
                    logger.critical("the pool takes no jobs though it has free workers: starting it anew")
                    return

    def _tick(self) -> bool:
        """Sweep; tells whether the pool is stuck. A database or broker that is away is waited for."""
        try:
            close_old_connections()
            self._sign()
            sweeper.sweep()
            upkeep.tick()
            if time.monotonic() - self._pruned >= PRUNE_EVERY:
                self._pruned = time.monotonic()
                sweeper.prune()
            if time.monotonic() - self._minute >= MINUTE:
                self._minute = time.monotonic()
                sweeper.tell_the_time()
            return self._is_stuck()
        except (Error, RedisError, OSError) as error:
            logger.warning("the queue could not be swept: %s", type(error).__name__)
            return False

    def _sign(self) -> None:
        now = timezone.now()
        Worker.objects.update_or_create(name=WORKER, defaults={"seen_at": now})

    def _is_stuck(self) -> bool:
        """A process killed while it waits for work leaves its queue locked for the others (django-q2 #23)."""
        patience = settings.JOB_STALL
        if time.monotonic() - self._started < patience:
            return False
        now = timezone.now()
        waiting = Job.objects.filter(
            state=State.QUEUED, sent_at__isnull=False, not_before__lt=now - timedelta(seconds=patience)
        )
        busy = Job.objects.filter(state=State.RUNNING, lease_until__gt=now)
        return waiting.exists() and busy.count() < settings.WORKERS
