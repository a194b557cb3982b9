"""What becomes of the files of resumable uploads: by the job of batches, and by the import."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.archive.models import Instance, Study
from apps.core.errors import Conflict
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.practice.batches.tasks import practice_batch
from apps.practice.models import Batch, XRay
from apps.uploads.resumable import parts
from apps.uploads.tasks import upload_import
from tests import dicoms
from tests.practice.batches.sent import BATCHES, picture
from tests.practice.linking import cases
from tests.uploads.media import zipped
from tests.uploads.resuming import begin, go_on

ONE, TWO = dicoms.ct_slice(), dicoms.ct_slice(SOPInstanceUID=dicoms.uid(1, 1, 2))


def send(client: Client, data: bytes, **said: str) -> Job:
    place = begin(client, len(data), **said)
    go_on(client, place, 0, data[:100])
    assert go_on(client, place, 100, data[100:]).status_code == 204
    return Job.objects.get()


def test_an_archive_becomes_a_batch(client: Client, practice: Practice, user: User) -> None:
    job = send(client, zipped({"1.dcm": ONE, "2.dcm": TWO, "readme": b"x"}), filename="all.zip")
    assert practice_batch(JobHandle(job.pk, 1)) == {"stored": 2, "refused": 1}
    batch: dict[str, Any] = client.get(BATCHES, {"jobId": job.pk}).json()
    assert (batch["count"], batch["percent"]) == (3, 100)
    assert {each["name"] for each in batch["files"]["results"]} == {
        "all.zip > 1.dcm", "all.zip > 2.dcm", "all.zip > readme"
    }  # fmt: skip
    assert (Batch.objects.get().source, Batch.objects.get().uploaded_by) == ("resumable upload", user)
    assert set(Instance.objects.values_list("sop_instance_uid", flat=True)) == {
        dicoms.uid(1, 1, 1),
        dicoms.uid(1, 1, 2),
    }


def test_a_picture_is_the_leads_that_was_named(client: Client, practice: Practice) -> None:
    lead = cases.lead(practice)
    job = send(client, picture(), filename="a.jpg", filetype="image/jpeg", leadId=str(lead.pk), teeth="16")
    assert practice_batch(JobHandle(job.pk, 1)) == {"picture": 1}
    xray = XRay.objects.get()
    assert (xray.study.match.lead, xray.teeth) == (lead, "16")


def test_a_damaged_archive_is_told_of_by_its_job(client: Client) -> None:
    job = send(client, zipped({"1.dcm": ONE})[:-30], filename="half.zip")
    assert practice_batch(JobHandle(job.pk, 1)) == {"refused": 1}
    files = client.get(BATCHES, {"jobId": job.pk}).json()["files"]["results"]
    assert "damaged" in files[0]["detail"]


def test_an_import_takes_as_much_as_an_archive_holds(client: Client, practice: Practice) -> None:
    job = send(client, zipped({"1": ONE, "in/2": TWO, "x": b"x"}), filename="scan.zip", purpose="import")
    assert job.kind == "upload-import"
    told = upload_import(JobHandle(job.pk, 1))
    assert told == {"stored": 2, "refused": 0, "passedOver": 1, "missing": 0, "reasons": []}
    assert Study.objects.get().practice == practice
    assert not list(parts.path_of("x").parent.iterdir())
    with pytest.raises(Conflict):
        upload_import(JobHandle(job.pk, 2))


def test_an_import_tells_why_something_was_not_stored_by_the_names_that_its_sender_knows(client: Client) -> None:
    job = send(client, zipped({"bad.dcm": ONE[:300]}), filename="scan.zip", purpose="import")
    told = upload_import(JobHandle(job.pk, 1))
    assert (told["refused"], told["reasons"][0]["example"]) == (1, "scan.zip > bad.dcm")
