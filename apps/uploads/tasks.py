"""The job of uploads for the archive."""

from typing import Any, Final

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.uploads.resumable.bulk import KIND

SECONDS: Final = 6 * 3600
ATTEMPTS: Final = 5


@job(KIND, max_attempts=ATTEMPTS, timeout=SECONDS)
def upload_import(handle: JobHandle) -> dict[str, Any]:
    """Store what the upload of the job holds."""
    from apps.uploads.models import Upload
    from apps.uploads.resumable import bulk

    return bulk.run(handle, Upload.objects.all())
