"""Patients who are expected, and an archive that may have priors of them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.jobs.handle import JobHandle, Later
from apps.jobs.models import Job, State
from apps.remotes.models import Remote
from apps.routing.prefetch import fetching, working
from apps.routing.prefetch.models import PrefetchAnswer, PrefetchSource
from tests import dicoms
from tests.remotes.jobs import do

LAST_YEAR = f"{timezone.localdate() - timedelta(days=300):%Y%m%d}"


def prior(number: int, **attributes: Any) -> bytes:
    """A CT of Jane Doe of last year: another study for each number."""
    uids = {"StudyInstanceUID": dicoms.uid(50, number), "SeriesInstanceUID": dicoms.uid(50, number, 1)}
    known = {"StudyDate": LAST_YEAR, "PatientBirthDate": "19700101", "SOPInstanceUID": dicoms.uid(50, number, 1, 1)}
    return dicoms.ct_slice(**{**uids, **known, **attributes})


def source_at(remote: Remote, **fields: Any) -> PrefetchSource:
    return PrefetchSource.objects.create(practice=remote.practice, remote=remote, **fields)


def turn(source: PrefetchSource) -> bool:
    """One turn of the archive's job; returns whether it is to come back."""
    try:
        working.work(JobHandle(1, 1), source.pk)
    except Later:
        return True
    return False


def fetch_all(source: PrefetchSource) -> PrefetchAnswer:
    """Turns and imports until nothing is left; the last answer."""
    while turn(source):
        for job in Job.objects.filter(kind=fetching.KIND, state=State.QUEUED):
            do(job)
            Job.objects.filter(pk=job.pk).update(state=State.DONE)
    return source.answers.latest("pk")
