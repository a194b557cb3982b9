"""One attempt at sending a study to its destination, over one association where it has not thousands of instances."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

from apps.accounts.permissions import Permission
from apps.archive import retrieve
from apps.core.errors import FoveaError
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.routes import deliver
from apps.remotes.sending import Sent
from apps.routing import breaker, journal
from apps.routing.journal import Result
from apps.routing.leases import Held
from apps.routing.models import DeliveryState, Outgoing
from apps.routing.verdicts import Verdict, judge
from apps.saying import say

# Instances whose places are in memory at a time.
PAGE: Final = 1000
# Confirmed instances are written down so many at a time, or after so many seconds: a kill sends no more of them twice.
NOTED_AT_ONCE: Final = 20
NOTED_EVERY: Final = 0.25
# So many in a row that the destination can't take now say that it can take nothing now.
IN_A_ROW: Final = 3
GONE: Final = say("It was deleted here before it was sent.")


class Interrupted(Exception):
    """The attempt is to end at once."""


class Attempt:
    """Sends what is left of a study. `is_to_stop` is asked between two instances."""

    def __init__(self, row: Outgoing, held: Held, is_to_stop: Callable[[], bool]) -> None:
        self._row = row
        self._held = held
        self._is_to_stop = is_to_stop
        self._unnoted: list[Result] = []
        self._noted_at = time.monotonic()
        self._took = 0
        self._later: list[Sent] = []
        self._in_a_row = 0

    def run(self) -> None:
        """Send, and write down how it ended. Database errors are raised: the lease lapses then."""
        try:
            self._send_all()
        except Interrupted:
            self._note()
            self._told(journal.release(self._row))
        except FoveaError as error:
            self._note()
            self._failed(error.detail, is_theirs=isinstance(error, RemoteFailed | RemoteRefused))
        else:
            self._ended()

    def _send_all(self) -> None:
        waiting = self._row.deliveries.filter(state=DeliveryState.WAITING).order_by("tries", "pk")
        keys = list(waiting.values_list("instance_key", flat=True))
        for start in range(0, len(keys), PAGE):
            if not self._send(keys[start : start + PAGE]):
                return

    def _send(self, keys: Sequence[int]) -> bool:
        """Send these; False where the destination takes nothing now. Raises Interrupted and FoveaError."""
        row = self._row
        chosen = retrieve.chosen(journal.actor_of(row), row.study_instance_uid, keys, Permission.SEND)
        here = {stored.pk for stored in chosen}
        for key in keys:
            if key not in here:
                self._add(Result(key, Verdict.PARKED, None, GONE))
        with closing(deliver(row.remote, chosen)) as deliveries:
            for stored, sent in deliveries:
                self._add_sent(stored.pk, sent)
                if self._in_a_row >= IN_A_ROW:
                    return False
                if self._held.is_lost or self._is_to_stop():
                    raise Interrupted
        return True

    def _add_sent(self, key: int, sent: Sent) -> None:
        result = Result(key, judge(sent), sent.status, sent.reason)
        if result.verdict is Verdict.LATER:
            self._later.append(sent)
            self._in_a_row += 1
        else:
            self._in_a_row = 0
            self._took += result.verdict is not Verdict.PARKED
        self._add(result)

    def _add(self, result: Result) -> None:
        self._unnoted.append(result)
        is_due = time.monotonic() - self._noted_at >= NOTED_EVERY
        if is_due or len(self._unnoted) >= NOTED_AT_ONCE:
            self._note()

    def _note(self) -> None:
        journal.note(self._row, self._unnoted)
        self._unnoted.clear()
        self._noted_at = time.monotonic()

    def _ended(self) -> None:
        if self._later:
            self._note()
            first = self._later[0]
            text = f"{len(self._later)} instances could not be sent now. The first: {first.reason}"
            self._failed(text, is_theirs=not first.is_ours)
        else:
            self._told(journal.finish(self._row, self._unnoted))

    def _failed(self, error: str, *, is_theirs: bool) -> None:
        """Where nothing was taken, that counts against the destination."""
        if is_theirs and not self._took:
            breaker.failed(self._row.remote_id, error)
        self._told(journal.put_back(self._row, error))

    def _told(self, is_mine: bool) -> None:
        """What has left is on record however the attempt was lost."""
        if not is_mine:
            journal.settle_lost(self._row)
