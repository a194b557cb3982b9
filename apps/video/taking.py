"""Resumable uploads that are films."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.core.errors import Invalid
from apps.jobs.models import Job
from apps.saying import say
from apps.uploads.models import Upload
from apps.uploads.resumable import takers
from apps.video import receiving, wishes
from apps.video.receiving import Sender
from apps.video.wishes import Wishes

PURPOSE: Final = "video"
SOURCE: Final = "resumable upload"
# Besides the fields of a film: a sidecar, and what the films of one study have in common.
METADATA: Final = "metadata"
BATCH: Final = "batch"
BATCH_LENGTH: Final = 64


class Videos:
    """Takes whole files for conversions."""

    def check(self, practice_id: int, facts: Mapping[str, str]) -> None:
        try:
            _read(practice_id, facts, "")
        except Invalid as error:
            raise Invalid(takers.WRONG, error.errors) from error

    def take(self, upload: Upload, path: Path, principal: Principal, facts: Mapping[str, str]) -> Job:
        batch = receiving.batch_key(principal, upload.practice_id, facts.get(BATCH) or upload.key)
        read = _read(upload.practice_id, facts, receiving.study_of(batch))
        sender = Sender(principal, upload.practice_id, SOURCE, batch)
        return receiving.adopt(path, read, sender, upload.name)[1]


def _read(practice_id: int, facts: Mapping[str, str], study: str) -> Wishes:
    if len(facts.get(BATCH, "")) > BATCH_LENGTH:
        raise Invalid(errors=[(BATCH, say("It has at most {most} characters.", most=BATCH_LENGTH))])
    said: dict[str, Any] = {name: value for name, value in facts.items() if name not in (METADATA, BATCH) and value}
    details = facts.get(METADATA, "").encode() or None
    return wishes.read(practice_id, said, details, study=study)
