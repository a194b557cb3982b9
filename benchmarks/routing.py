"""What routing costs: storing with a rule and without one, and how fast the outbox drains into dcmtk's storescp.

All of it is in this process, on an index of its own; storescp keeps nothing (`--ignore`).
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from threading import Event, Thread
from typing import TYPE_CHECKING

from benchmarks.dataset import StoredStudy, tiny
from benchmarks.targets import free_port

if TYPE_CHECKING:
    from apps.accounts.models import Practice

ROUNDS, TIMES = 9, 60
# Studies to drain, and instances of each: many small ones, and a few large ones.
SHAPES = ((200, 1), (3, 200))
TITLE = "SINK"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fovea-routing-") as folder:
        practice = _set_up(folder)
        for line in (*_storing(practice), *_draining(practice)):
            print(line)


def _set_up(folder: str) -> "Practice":
    os.environ |= {"FOVEA_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "FOVEA_LOG_LEVEL": "ERROR"}
    from django.core.management import call_command

    import config.wsgi  # noqa: F401 - sets Django up
    from apps.accounts.models import Practice
    from apps.remotes.models import ApplicationEntity

    call_command("migrate", verbosity=0)
    practice = Practice.objects.create(name="Routing")
    ApplicationEntity.objects.create(title="BENCH", practice=practice)
    return practice


def _storing(practice: "Practice") -> Iterator[str]:
    """CPU milliseconds for each instance of 32 KiB that is stored by itself; in turns."""
    from apps.routing import interest
    from apps.routing.models import Rule

    rule = Rule.objects.create(practice=practice, name="All of it")
    measured: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS):
        is_routed = bool(number % 2)
        Rule.objects.filter(pk=rule.pk).update(is_active=is_routed)
        interest.forget_all()
        measured[is_routed].append(_milliseconds(partial(_store, practice, 1000 + number, TIMES)))
    rule.delete()
    without, with_rule = statistics.median(measured[False]), statistics.median(measured[True])
    yield f"storing an instance: {without / TIMES:.3f} ms of CPU without a rule, {with_rule / TIMES:.3f} ms with one"


def _draining(practice: "Practice") -> Iterator[str]:
    from apps.accounts.principal import Principal
    from apps.archive.models import Study
    from apps.remotes.models import Remote
    from apps.routing import outbox

    with _sink() as port:
        remote = Remote.objects.create(practice=practice, name=TITLE, title=TITLE, host="127.0.0.1", port=port)
        for studies, instances in SHAPES:
            for number in range(studies):
                _store(practice, instances * 10_000 + number, instances)
            for study in Study.objects.order_by("-pk")[:studies]:
                outbox.send(study, remote, Principal.worker(practice.pk))
            began = time.perf_counter()
            milliseconds = _milliseconds(_drain)
            seconds, count = time.perf_counter() - began, studies * instances
            yield (
                f"draining {studies} studies of {instances}: {count / seconds:.0f} instances a second,"
                f" {milliseconds / count:.2f} ms of CPU each"
            )


def _drain() -> None:
    """Let a router run until nothing is left to go."""
    from apps.routing.models import Outgoing
    from apps.routing.outbox import OPEN
    from apps.routing.router import Router

    stopping = Event()
    running = Thread(target=Router(stopping).run)
    running.start()
    while Outgoing.objects.filter(state__in=OPEN).exists():
        time.sleep(0.05)
    stopping.set()
    running.join()


def _store(practice: "Practice", study: int, count: int) -> None:
    """New instances of 32 KiB in a study of their own, each stored by itself as C-STORE does."""
    from apps.archive.store import Origin, store_one

    origin = Origin("C-STORE", practice.pk, "bench")
    for file in _template(count).renewed(study).files:
        store_one([file], origin)


@cache
def _template(count: int) -> StoredStudy:
    return tiny(count)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


@contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        ["storescp", "--ignore", "--fork", "-aet", TITLE, str(port)], env=os.environ | {"TCP_NODELAY": "1"}
    )
    time.sleep(1)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
