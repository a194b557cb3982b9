"""Asking for what an Orthanc has told of: one queued job for each of its studies, and one for its single instances."""

from typing import Final

from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.practice.models import Level, Orthanc

KIND: Final = "practice-orthanc-fetch"
FOLLOW: Final = "practice-orthanc-follow"


def ask(orthanc: Orthanc, level: str, resource: str) -> Job:
    """The job that fetches this, in the caller's transaction.

    The job that is queued already, where there is one: what comes in a flurry is fetched together, and what comes
    while a job runs is another's.
    """
    what = "instances" if level == Level.INSTANCE else resource
    return enqueue(KIND, {"orthanc": orthanc.pk}, practice=orthanc.practice_id, key=f"{orthanc.pk}:{what}")
