"""Fetching from a DICOMweb remote by WADO-RS (PS3.18 10.4), streamed into the store."""

from collections.abc import Iterable, Iterator
from typing import Final

from django.conf import settings

from apps.archive.outcomes import Identity
from apps.archive.store import BATCH_COUNT, Batch
from apps.core.errors import Invalid, TooLarge
from apps.core.multipart import Limits, content_type, parts
from apps.remotes.failures import RemoteFailed
from apps.remotes.intake import Intake, Unit
from apps.remotes.web.client import Answer, Client
from apps.saying import say

# As they are stored (PS3.18 8.7.3.5.2); whoever knows no wildcard gives Explicit VR Little Endian.
ACCEPT: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'

Chunks = Iterable[bytes | memoryview]


def fetch(client: Client, unit: Unit, intake: Intake) -> None:
    """Take in what is asked for. What has come before the remote failed is kept.

    Raises RemoteFailed, RemoteRefused, and what ends the intake.
    """
    for path in _paths(unit):
        with client.ask(path, accept=ACCEPT) as answer:
            if answer.status == 204:
                continue
            _take_in(answer, unit.study_instance_uid, intake)


def _paths(unit: Unit) -> Iterator[str]:
    study = f"/studies/{unit.study_instance_uid}"
    if not unit.series_instance_uids:
        yield study
    for series in unit.series_instance_uids:
        if not unit.sop_instance_uids:
            yield f"{study}/series/{series}"
        yield from (f"{study}/series/{series}/instances/{uid}" for uid in unit.sop_instance_uids)


def _take_in(answer: Answer, study_uid: str, intake: Intake) -> None:
    objects = _objects(answer)
    expected = Identity(study_instance_uid=study_uid)
    is_over = False
    try:
        while not is_over:
            with Batch(intake.origin, intake.policy) as batch:
                try:
                    is_over = _fill(batch, objects, expected, intake)
                finally:
                    for outcome in batch.commit():
                        intake.note(outcome)
            intake.step()
    except (Invalid, TooLarge) as error:
        raise RemoteFailed(say("The other archive's answer can't be read: {detail}", detail=error.detail)) from error


def _fill(batch: Batch, objects: Iterator[Chunks], expected: Identity, intake: Intake) -> bool:
    """Take objects until the batch is worth a commit; True when there are no more."""
    for count, chunks in enumerate(objects, 1):
        batch.receive(chunks, expected=expected)
        intake.step()
        if count == BATCH_COUNT:
            return False
    return True


def _objects(answer: Answer) -> Iterator[Chunks]:
    """The bytes of each object: in the parts, or as the body itself, which is how some give a single one."""
    kind, parameters = content_type(answer.headers.get("content-type", ""))
    if kind == "application/dicom":
        yield answer.pieces
    elif kind == "multipart/related":
        limits = Limits(part_bytes=settings.MAX_INSTANCE_BYTES)
        yield from (part.chunks for part in parts(answer.pieces, parameters.get("boundary", ""), limits))
    else:
        raise Invalid(say("it holds no DICOM objects."))
