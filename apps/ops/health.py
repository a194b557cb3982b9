"""Whether this node can do its work: database, storage, broker, worker and disk, each asked within a bounded time."""

import os
import shutil
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import Error, connection, connections

from apps.archive import storage
from apps.core.errors import FoveaError
from apps.jobs import status
from apps.ops import serving
from apps.saying import say

# Seconds for all checks together, and for how long their answer holds: asking often must not cost much.
PATIENCE: Final = 5.0
REMEMBERED: Final = 1.0
WORKER_SEEN_WITHIN: Final = timedelta(seconds=60)


class Failed(Exception):
    """A part can't do its work; says why in plain words, without secrets."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """How one part is. `detail` is empty for one that works."""

    name: str
    detail: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.detail


def database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except Error as error:
        raise Failed(say("The database does not answer.")) from error


def objects() -> None:
    storage.site_objects().check()


def worker() -> None:
    try:
        seen = status.workers_seen(WORKER_SEEN_WITHIN)
    except Error as error:
        raise Failed(say("The database that knows of the workers does not answer.")) from error
    if not seen:
        seconds = WORKER_SEEN_WITHIN.seconds
        raise Failed(say("No worker gave a sign of life for {seconds} seconds: jobs wait.", seconds=seconds))


def disk() -> None:
    free = shutil.disk_usage(settings.DATA).free
    if free < settings.MIN_FREE_BYTES:
        least = settings.MIN_FREE_BYTES >> 20
        raise Failed(
            say(
                "The disk has {free} MiB left; nothing is stored below {least} MiB (FOVEA_MIN_FREE_MB).",
                free=free >> 20,
                least=least,
            )
        )


def dicom() -> None:
    host = serving.EVERYWHERE.get(settings.DIMSE_HOST, settings.DIMSE_HOST)
    with socket.create_connection((host, settings.DIMSE_PORT), PATIENCE):
        return


def hl7() -> None:
    for address in filter(None, (settings.HL7, settings.HL7_TLS)):
        host, port = address
        with socket.create_connection((serving.EVERYWHERE.get(host, host), port), PATIENCE):
            pass


CHECKS: Final[Mapping[str, Callable[[], None]]] = {
    "database": database,
    "storage": objects,
    "broker": status.broker_answers,
    "worker": worker,
    "disk": disk,
}


class Checkup:
    """Runs checks side by side. One that hangs is not asked again before it has come back."""

    def __init__(self, checks: Mapping[str, Callable[[], None]], patience: float = PATIENCE) -> None:
        self._checks = checks
        self._patience = patience
        self._pool = ThreadPoolExecutor(len(checks), "checkup")
        self._running: dict[str, Future[str]] = {}
        self._lock = Lock()
        self._asked = -REMEMBERED
        self._known: list[Answer] = []

    def answers(self) -> list[Answer]:
        """How each part is, in the order of the checks.

        The answers may be a second old. While one caller waits for new ones, the others get those of before.
        """
        if monotonic() - self._asked >= REMEMBERED and self._lock.acquire(blocking=not self._known):
            try:
                self._known = self._ask()
                self._asked = monotonic()
            finally:
                self._lock.release()
        return self._known

    def _ask(self) -> list[Answer]:
        for name in self._checks.keys() - self._running.keys():
            self._running[name] = self._pool.submit(_detail, self._checks[name])
        deadline = monotonic() + self._patience
        return [self._answer(name, deadline) for name in self._checks]

    def _answer(self, name: str, deadline: float) -> Answer:
        running = self._running.pop(name)
        try:
            return Answer(name, running.result(max(0.0, deadline - monotonic())))
        except TimeoutError:
            self._running[name] = running
            return Answer(name, say("It does not answer within {seconds} seconds.", seconds=f"{self._patience:g}"))


def _detail(check: Callable[[], None]) -> str:
    """What the check finds wrong; empty for nothing."""
    try:
        check()
    except (FoveaError, Failed) as error:
        return error.detail
    except OSError as error:
        return say("It can't be reached: {reason}.", reason=error.strerror or type(error).__name__)
    finally:
        connections.close_all()
    return ""


# Of what another node may do: asked here where the supervisor runs it.
_OF_PARTS: Final[Mapping[str, Callable[[], None]]] = {"dicom": dicom, "hl7": hl7}


def checks_here() -> Mapping[str, Callable[[], None]]:
    """The checks of this node: the DICOM network is another's where the supervisor runs it not."""
    parts = os.environ.get(serving.PARTS_VARIABLE, "").split(",")
    return {**CHECKS, **{name: check for name, check in _OF_PARTS.items() if name in parts}}


checkup: Final = Checkup(checks_here())
