"""The thread beside a running job: it renews the lease, writes the progress, and hears when the job is to stop."""

import logging
import time
from threading import Event, Thread
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error, connection

from apps.jobs import claims
from apps.jobs.handle import JobHandle, Progress, Sign
from apps.jobs.models import Job

logger = logging.getLogger(__name__)


class Heartbeat:
    """Beats while its context lasts. Short jobs end before the first beat, and cost nothing."""

    def __init__(self, job: Job, handle: JobHandle) -> None:
        self._job = job
        self._handle = handle
        self._written = Progress()
        self._renewed = time.monotonic()
        self._ended = Event()
        self._thread = Thread(target=self._run, name=f"heartbeat of job {job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended.wait(settings.JOB_PULSE):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        """A database that is away for a moment costs a beat; away for a whole lease, it costs the attempt."""
        try:
            self._handle.sign = self._exchange()
        except Error as error:
            logger.warning("job %s: no heartbeat, %s", self._job.pk, type(error).__name__)
            connection.close()

    def _exchange(self) -> Sign:
        said = self._handle.said
        is_due = time.monotonic() - self._renewed >= settings.JOB_LEASE / 4
        if said == self._written and not is_due:
            return claims.look(self._job)
        sign = claims.renew(self._job, said)
        self._written, self._renewed = said, time.monotonic()
        return sign
