"""Objects in the archive for the tests of DICOMweb, and where they are found."""

from typing import Any

import pydicom

from apps.accounts.models import Practice
from apps.archive.store import Batch, Origin

ROOT = "/dicom-web"


def keep(practice: Practice, *objects: bytes) -> None:
    """Store these for the practice."""
    with Batch(Origin("test", practice.pk, "test")) as batch:
        for data in objects:
            batch.receive([data])
        outcomes = batch.commit()
    assert not any(outcome.failure_reason for outcome in outcomes)


def place(data: bytes) -> str:
    """The address of an object."""
    dataset = pydicom.dcmread(pydicom.filebase.DicomBytesIO(data), stop_before_pixels=True)
    return (
        f"{ROOT}/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def body(response: Any) -> bytes:
    """The whole body, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content
