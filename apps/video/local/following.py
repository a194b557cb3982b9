"""A film's job, waited for at a terminal: a worker does it, or, where none runs, this process."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Final

from django.db import connection

from apps.accounts.principal import Principal
from apps.core.errors import Conflict
from apps.jobs import control, worker
from apps.jobs.models import ENDED, Job
from apps.video import controlling
from apps.video.models import Video

# Seconds between two looks at how far it is, and at whether the job is free to be done here.
LOOK: Final = 0.2

Show = Callable[[int, str], None]


def follow(video: Video, show: Show) -> Video:
    """Wait for the end of its job; the film as it is then. What interrupts this leaves the job as it is."""
    job_id = video.job_id
    assert job_id is not None
    ended = Event()
    helper = Thread(target=_work, args=(job_id, ended), name=f"job {job_id}", daemon=True)
    helper.start()
    try:
        while (job := Job.objects.get(pk=job_id)).state not in ENDED:
            show(job.progress_done, job.progress_text)
            ended.wait(LOOK)
    finally:
        ended.set()
    helper.join()
    return Video.objects.select_related("job").get(pk=video.pk)


def abandon(video: Video, principal: Principal) -> None:
    """Stop it and leave nothing of it. What has become an object meanwhile stays in the archive."""
    with suppress(Conflict):  # it may have just ended
        control.cancel(principal, video.job_id or 0)
    follow(video, lambda *_: None)
    controlling.forget(principal, Video.objects.select_related("job").get(pk=video.pk))


def _work(job_id: int, ended: Event) -> None:
    """Do the job whenever it is free: a worker may have it, or it waits for its next attempt or for a place."""
    try:
        while not ended.is_set():
            worker.run(job_id)
            ended.wait(LOOK)
    finally:
        connection.close()
