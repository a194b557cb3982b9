"""Uploads for the archive alone: a DICOM file, or an archive of as many as it holds, stored by the import's own way."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db.models import QuerySet

from apps.accounts.principal import Principal
from apps.archive.objects import disk_errors
from apps.archive.store import Origin
from apps.core.errors import Conflict, Invalid, Unavailable
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.saying import say
from apps.uploads.models import Upload
from apps.uploads.resumable import parts, takers
from apps.uploads.summary import Group, Summary

PURPOSE: Final = "import"
KIND: Final = "upload-import"
WAY: Final = "upload"
# Beside the file of the upload, which goes: for the job.
SUFFIX: Final = ".import"
MOST_REASONS: Final = 20


class Importer:
    """Takes whole files for `importing`."""

    def check(self, practice_id: int, facts: Mapping[str, str]) -> None:
        if facts:
            errors = [(name, say("There is no such field of an import.")) for name in facts]
            raise Invalid(takers.WRONG, errors)

    def take(self, upload: Upload, path: Path, principal: Principal, facts: Mapping[str, str]) -> Job:
        kept = path.with_suffix(SUFFIX)
        kept.unlink(missing_ok=True)
        try:
            os.link(path, kept)
        except OSError as error:
            raise disk_errors(error) from error
        return enqueue(KIND, principal=principal, practice=upload.practice_id)


def run(handle: JobHandle, uploads: QuerySet[Upload]) -> dict[str, Any]:
    """Import the job's file, which is gone when it returns; what became of its content.

    Raises Conflict where the file is gone already, Unavailable where the storage is full or away.
    """
    from apps.uploads import importing

    upload = uploads.select_related("user").get(job=handle.job_id)
    path = parts.path_of(upload.key).with_suffix(SUFFIX)
    if not path.exists():
        raise Conflict(parts.LOST)
    origin = Origin(WAY, upload.practice_id, upload.user.get_username(), "", upload.user_id)
    done = 0

    def progress(weight: int, _: Summary) -> None:
        nonlocal done
        done += weight
        handle.progress(min(done, upload.length), upload.length, "Storing the files")

    summary = importing.run([path], origin, resume=False, progress=progress)
    if summary.stopped_by:
        raise Unavailable(summary.stopped_by)
    path.unlink(missing_ok=True)
    return _told(summary, str(path), upload.name)


def _told(summary: Summary, path: str, name: str) -> dict[str, Any]:
    """Counts, and the first reasons with an example each, by the name that the sender knows the file by."""
    counts = {status.value: count for status, count in summary.statuses.items()}
    passed = sum(summary.kinds.values())
    groups = [*summary.refused.items(), *summary.quarantined.items()][:MOST_REASONS]
    reasons = [_reason(reason, group, path, name) for reason, group in groups]
    missing = summary.missing.count if summary.missing else 0
    return {**counts, "refused": summary.refusals, "passedOver": passed, "missing": missing, "reasons": reasons}


def _reason(reason: str, group: Group, path: str, name: str) -> dict[str, Any]:
    return {"reason": reason, "count": group.count, "example": group.example.replace(path, name)}
