"""The courier: sends what is due, each webhook in a few lanes, so that one that is slow holds up no other.

One thread reads and writes the database; what waits for receivers are threads that know nothing of it. So there is one
connection to the database however many receivers are slow, and what came of many attempts is written together.
"""

import logging
import random
import time
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event
from typing import Final

from django.conf import settings
from django.db import Error, close_old_connections, connections

from apps.webhooks import claiming, pruning, receptions, recording, schedule
from apps.webhooks.connecting import Idle
from apps.webhooks.letters import Letter, letters
from apps.webhooks.models import Webhook
from apps.webhooks.posting import Attempt, Outcome

# Seconds between two looks at what is due, and where there was more of it than could be claimed.
TICK: Final = 0.5
SHORT_TICK: Final = 0.05
# Threads in all, of one practice and of one webhook; one that fails keeps one.
MOST_LANES: Final = 48
LANES_OF_PRACTICE: Final = 16
LANES: Final = 4
# Deliveries of one webhook that are claimed together, and of all that are held ready.
CLAIMED: Final = 32
MOST_READY: Final = 512
# What came of attempts is written when so many wait, or one for so many seconds.
WRITTEN: Final = 64
WRITE_SECONDS: Final = 0.1
PRUNE_EVERY: Final = 600.0
# Rounds of making events before it is looked again at what else there is.
ROUNDS: Final = 10

logger = logging.getLogger(__name__)


class Courier:
    """Runs until `stopping` is set; then attempts get the grace to end."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._idle = Idle()
        self._pool = ThreadPoolExecutor(MOST_LANES, thread_name_prefix="lane")
        self._ready: dict[int, deque[Letter]] = {}
        self._lanes: dict[int, int] = {}
        self._more: set[int] = set()
        self._attempts: set[Attempt] = set()
        self._made: SimpleQueue[tuple[Attempt, Outcome | None]] = SimpleQueue()
        self._outcomes: list[Outcome] = []
        self._looked = self._wrote = self._pruned = -PRUNE_EVERY

    def run(self) -> None:
        while not self._stopping.is_set():
            self._round()
        self._end()

    def _round(self) -> None:
        """A database that is away is waited for."""
        try:
            if time.monotonic() - self._looked >= (SHORT_TICK if self._is_hungry() else TICK):
                self._looked = time.monotonic()
                self._look()
            self._start()
            self._gather()
            self._write()
        except Error as error:
            logger.warning("no webhook could be told: %s", type(error).__name__)
            connections.close_all()
            self._stopping.wait(TICK)

    def _look(self) -> None:
        close_old_connections()
        for _ in range(ROUNDS):
            if receptions.expand() < receptions.AT_ONCE:
                break
        due = claiming.due_webhooks()
        # Where there are more than can be held ready, each has its turn at some time.
        random.shuffle(due)
        for webhook in due:
            if sum(map(len, self._ready.values())) < MOST_READY:
                self._claim(webhook)
        self._idle.close_old()
        if time.monotonic() - self._pruned >= PRUNE_EVERY:
            # As long as there are many, again the next time.
            self._pruned = time.monotonic() if pruning.prune() < pruning.AT_ONCE else self._pruned

    def _claim(self, webhook: Webhook) -> None:
        """Have the next ones of a webhook, where few of it are left here."""
        is_doubtful = webhook.failures >= schedule.DOUBTFUL
        self._lanes[webhook.pk] = 1 if is_doubtful else LANES
        held = len(self._ready.get(webhook.pk, ()))
        most = 1 - held - self._under_way(webhook.pk) if is_doubtful else CLAIMED - held
        if most <= 0 or held > LANES:
            return
        claimed = letters(claiming.claim(webhook, most))
        self._ready.setdefault(webhook.pk, deque()).extend(claimed)
        (self._more.add if len(claimed) == CLAIMED - held else self._more.discard)(webhook.pk)

    def _is_hungry(self) -> bool:
        """Whether there is more to claim of a webhook of which little is left here."""
        return any(len(self._ready.get(pk, ())) <= LANES for pk in self._more)

    def _start(self) -> None:
        """Let free lanes take what is ready, webhook after webhook."""
        lanes, of_practice = self._counts()
        is_started = True
        while is_started and len(self._attempts) < MOST_LANES:
            is_started = False
            for pk, ready in self._ready.items():
                is_free = lanes[pk] < self._lanes.get(pk, 1) and len(self._attempts) < MOST_LANES
                if ready and is_free and of_practice[ready[0].practice_id] < LANES_OF_PRACTICE:
                    lanes[pk] += 1
                    of_practice[ready[0].practice_id] += 1
                    self._send(ready.popleft())
                    is_started = True
        self._ready = {pk: ready for pk, ready in self._ready.items() if ready}

    def _counts(self) -> tuple[Counter[int], Counter[int]]:
        """Attempts under way, by webhook and by practice."""
        under_way = [attempt.letter for attempt in self._attempts]
        return Counter(each.webhook_pk for each in under_way), Counter(each.practice_id for each in under_way)

    def _under_way(self, webhook_pk: int) -> int:
        return sum(attempt.letter.webhook_pk == webhook_pk for attempt in self._attempts)

    def _send(self, letter: Letter) -> None:
        attempt = Attempt(letter, self._idle)
        self._attempts.add(attempt)
        self._pool.submit(self._make, attempt)

    def _make(self, attempt: Attempt) -> None:
        """A thread's work."""
        outcome = None
        try:
            outcome = attempt.make()
        except Exception as error:  # noqa: BLE001 - a defect of ours costs this delivery its lease, and no other anything
            # The class, not the message: that may quote what was sent.
            logger.error("delivery %s: %s", attempt.letter.delivery_pk, type(error).__name__)  # noqa: TRY400
        self._made.put((attempt, outcome))

    def _gather(self, seconds: float = WRITE_SECONDS / 2) -> None:
        """Take what has ended, waiting for it a little, and cut what takes too long."""
        try:
            self._took(*self._made.get(timeout=seconds if self._attempts else TICK))
            while True:
                self._took(*self._made.get_nowait())
        except Empty:
            pass
        for attempt in [each for each in self._attempts if each.is_late]:
            attempt.cut()

    def _took(self, attempt: Attempt, outcome: Outcome | None) -> None:
        self._attempts.discard(attempt)
        if outcome is not None:
            self._outcomes.append(outcome)

    def _write(self) -> None:
        waited = time.monotonic() - self._wrote
        if self._outcomes and (waited >= WRITE_SECONDS or len(self._outcomes) >= WRITTEN):
            recording.record(self._outcomes)
            written, self._outcomes, self._wrote = self._outcomes, [], time.monotonic()
            self._hold_back(written)

    def _hold_back(self, outcomes: Iterable[Outcome]) -> None:
        """Of a webhook that took nothing, give back what is ready: it may have to rest, and others may have it."""
        took = {outcome.letter.webhook_pk for outcome in outcomes if outcome.is_delivered}
        for pk in {outcome.letter.webhook_pk for outcome in outcomes} - took:
            self._more.discard(pk)
            if ready := self._ready.pop(pk, None):
                claiming.release([letter.delivery_pk for letter in ready])

    def _end(self) -> None:
        """Wait for what is being sent, as long as the grace goes, and give back the rest."""
        until = time.monotonic() + settings.WEBHOOK_GRACE
        while self._attempts and time.monotonic() < until:
            self._gather()
        for attempt in self._attempts:
            attempt.cut()
        try:
            if self._outcomes:
                recording.record(self._outcomes)
            claiming.release([*_keys(self._ready.values()), *(each.letter.delivery_pk for each in self._attempts)])
        except Error as error:
            logger.warning("what was being sent waits for its lease: %s", type(error).__name__)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._idle.close_old(0)
        connections.close_all()


def _keys(ready: Iterable[deque[Letter]]) -> list[int]:
    return [letter.delivery_pk for letters_ in ready for letter in letters_]
