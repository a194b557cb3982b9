"""What webhooks cost the store: storing while 10,000 deliveries go to a slow receiver, and without any.

A site's database of its own; the courier and the receiver are processes beside this one. Run it by
`python -m benchmarks.webhooks [deliveries]`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from benchmarks.dataset import StoredStudy, tiny
from benchmarks.targets import free_port

if TYPE_CHECKING:
    from apps.accounts.models import Practice

DELIVERIES = 10_000
# What the receiver takes for each, in seconds; rounds, and instances in each.
SLOW = 1.0
ROUNDS, TIMES = 7, 60


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES
    with tempfile.TemporaryDirectory(prefix="fovea-webhooks-") as folder:
        practice = _set_up(folder)
        for line in _measured(practice, count):
            print(line, flush=True)


def _set_up(folder: str) -> "Practice":
    os.environ |= {"FOVEA_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "FOVEA_LOG_LEVEL": "ERROR"}
    os.environ["FOVEA_WEBHOOK_NETWORKS"] = "127.0.0.1"
    from django.core.management import call_command

    import config.wsgi  # noqa: F401 - sets Django up
    from apps.accounts.models import Practice

    call_command("migrate", verbosity=0)
    return Practice.objects.create(name="Webhooks")


def _measured(practice: "Practice", count: int) -> Iterator[str]:
    _rounds(practice, 1)
    without = _rounds(practice, 1000)
    yield f"storing an instance, no webhook: {_told(without)}"
    with _process("receiver", str(port := free_port())):
        _add(practice, port)
        with_one = _rounds(practice, 2000)
        yield f"storing an instance, a webhook for it: {_told(with_one)}"
        _fill(practice, count)
        with _process("courier"):
            time.sleep(8)
            resting, under_way = [], []
            for number in range(ROUNDS):
                _pause(is_paused=True)
                resting += _rounds(practice, 3000 + number, 1)
                _pause(is_paused=False)
                under_way += _rounds(practice, 4000 + number, 1)
            yield f"the same in turns, {count} deliveries wait and the webhook pauses: {_told(resting)}"
            yield f"they go to a receiver that takes {SLOW} s: {_told(under_way)}; {_sent()} delivered"


def _rounds(practice: "Practice", first: int, rounds: int = ROUNDS) -> list[tuple[float, float]]:
    """For each round: milliseconds of CPU, and of the clock, for each instance."""
    found = []
    for number in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        _store(practice, first + number)
        found.append((1000 * (time.process_time() - cpu) / TIMES, 1000 * (time.perf_counter() - wall) / TIMES))
    return found


def _told(rounds: list[tuple[float, float]]) -> str:
    cpu, wall = (statistics.median(column) for column in zip(*rounds, strict=True))
    return f"{cpu:.2f} ms of CPU, {wall:.2f} ms by the clock"


def _store(practice: "Practice", study: int) -> None:
    """New instances of 32 KiB in a study of their own, each stored by itself as C-STORE does."""
    from apps.archive.store import Origin, store_one

    origin = Origin("C-STORE", practice.pk, "bench")
    for file in _template().renewed(study).files:
        store_one([file], origin)


@cache
def _template() -> StoredStudy:
    return tiny(TIMES)


def _add(practice: "Practice", port: int) -> None:
    from apps.core.sealed import seal
    from apps.webhooks import interest
    from apps.webhooks.models import Webhook
    from apps.webhooks.signing import new_secret

    url, events = f"http://127.0.0.1:{port}/", ["study.received", "study.stable"]
    Webhook.objects.create(practice=practice, name="Slow", url=url, events=events, secret=seal(new_secret()))
    interest.forget_all()


def _fill(practice: "Practice", count: int) -> None:
    from django.db import transaction

    from apps.webhooks import outbox

    with transaction.atomic():
        for number in range(count):
            outbox.put(practice.pk, "study.stable", f"1.2.{number}", {"studyInstanceUid": f"1.2.{number}"})


def _pause(*, is_paused: bool) -> None:
    """Let the courier have nothing to do, or all of it; what is under way ends meanwhile."""
    from django.utils import timezone

    from apps.webhooks.models import Webhook

    Webhook.objects.update(paused_at=timezone.now() if is_paused else None)
    time.sleep(2 * SLOW)


def _sent() -> int:
    from apps.webhooks.models import Delivery, State

    return Delivery.objects.filter(state=State.DELIVERED).count()


@contextmanager
def _process(what: str, *arguments: str) -> Iterator[None]:
    command = ["manage.py", "courier"] if what == "courier" else ["-m", "benchmarks.webhooks", what, *arguments]
    process = subprocess.Popen([sys.executable, *command])
    time.sleep(1)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def receive(port: int) -> None:
    """A receiver that takes its time."""

    class Slow(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(SLOW)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Slow).serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["receiver"]:
        receive(int(sys.argv[2]))
    else:
        main()
