"""The jobs of the DICOM network server."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.dimse import commitments
from apps.dimse.models import Commitment, CommitmentState
from apps.jobs.handle import JobHandle, Later
from apps.jobs.registry import job


@job(commitments.KIND)
def storage_commitment(handle: JobHandle, *, commitment: int) -> dict[str, Any]:
    """Call the remote to tell it the outcome. Tried again, with growing pauses, until it takes it or days are over."""
    from apps.dimse import reporting

    row = Commitment.objects.select_related("remote").filter(pk=commitment).first()
    if row is None:
        return {"state": "gone"}
    if row.state == CommitmentState.WAITING and commitments.claim(row):
        reporting.try_to_tell(row, commitments.check(row))
    row.refresh_from_db(fields=["state", "next_try_at"])
    if row.state == CommitmentState.WAITING:
        raise Later(max(row.next_try_at - timezone.now(), timedelta(seconds=1)))
    return {"state": row.state}
