"""The job of batches."""

from dataclasses import replace
from typing import Any, Final

from apps.accounts.principal import principal_of
from apps.core.errors import Refused
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.batches.receiving import KIND
from apps.practice.models import Batch
from apps.saying import say
from apps.uploads.deciding import decide

# Thousands of pictures that codecs have to read.
SECONDS: Final = 6 * 3600
ATTEMPTS: Final = 5
VIA: Final = "job"
CLOSED: Final = say("The account of whoever sent this batch is closed.")


@job(KIND, max_attempts=ATTEMPTS, timeout=SECONDS)
def practice_batch(handle: JobHandle) -> dict[str, Any]:
    """Store the files of the job's batch, with the rights that its sender has now."""
    from apps.practice.batches import working

    batch = Batch.objects.select_related("uploaded_by").get(job=handle.job_id)
    who = principal_of(batch.uploaded_by)
    if who is None:
        raise Refused(CLOSED)
    decide(who, batch.practice_id)
    return working.run(handle, batch, replace(who, practice_id=batch.practice_id, via=VIA))
