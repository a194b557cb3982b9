"""Resumable uploads as batches of one file: a picture, a DICOM file, or an archive of any of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from apps.accounts.principal import Principal
from apps.core.errors import Invalid
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.practice.batches import facts as batch_facts
from apps.practice.batches.receiving import KIND
from apps.practice.batches.staging import Folder, Plan, StagedFile
from apps.practice.models import Batch
from apps.uploads.models import Upload
from apps.uploads.resumable import takers

PURPOSE: Final = "xrays"
SOURCE: Final = "resumable upload"


class Batches:
    """Takes whole files for jobs of batches."""

    def check(self, practice_id: int, facts: Mapping[str, str]) -> None:
        try:
            batch_facts.read(facts, None, practice_id)
        except Invalid as error:
            raise Invalid(takers.WRONG, error.errors) from error

    def take(self, upload: Upload, path: Path, principal: Principal, facts: Mapping[str, str]) -> Job:
        of_all, named = batch_facts.read(facts, None, upload.practice_id).to_json()
        folder = Folder.new()
        try:
            folder.link(0, path)
            folder.close(Plan([StagedFile(0, upload.name, upload.length)], of_all, named))
            job = enqueue(KIND, principal=principal, practice=upload.practice_id)
            # What an archive holds, its job counts.
            Batch.objects.create(
                practice_id=upload.practice_id,
                job=job,
                uploaded_by_id=principal.user_id or None,
                source=SOURCE,
                folder=folder.name,
                total=0,
                size=upload.length,
            )
        except BaseException:
            folder.discard()
            raise
        return job
