"""What becomes of the files of a batch: DICOM, pictures, archives, and what is neither."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Instance, Quarantined
from apps.jobs.handle import Cancelled, JobHandle
from apps.practice.batches import staging
from apps.practice.batches.staging import Folder
from apps.practice.batches.tasks import practice_batch
from apps.practice.models import Batch, BatchFile, Lead, Match, XRay, XrayType
from tests import dicoms
from tests.practice.batches.sent import ask, details, job_of, outcomes, picture, send, work
from tests.uploads.media import zipped

SLICES = {f"{number}.dcm": content for number, content in enumerate(dicoms.ct_series(3))}


def panoramic(number: int, **attributes: Any) -> bytes:
    """An image that is an X-ray of its own, of a study of its own."""
    uids = {
        "StudyInstanceUID": dicoms.uid(900, number),
        "SeriesInstanceUID": dicoms.uid(900, number, 1),
        "SOPInstanceUID": dicoms.uid(900, number, 1, 1),
    }
    return dicoms.secondary_capture(**uids, Modality="PX", **attributes)


def test_each_file_is_told_what_it_became(client: Client, lead: Lead) -> None:
    files = {**SLICES, "cut.dcm": SLICES["0.dcm"][:-500], "a.jpg": picture(), "letter.txt": b"Dear colleague"}
    answer = send(client, files, leadId=lead.pk)
    assert work(answer) == {"stored": 3, "picture": 1, "refused": 2}
    assert outcomes(client, answer) == {
        **dict.fromkeys(SLICES, "stored"), "cut.dcm": "refused", "a.jpg": "picture", "letter.txt": "refused"
    }  # fmt: skip
    said = details(client, answer)
    assert ("cut off" in said["cut.dcm"], "JPEG, PNG or TIFF" in said["letter.txt"], said["0.dcm"]) == (True, True, "")


def test_all_that_is_said_of_the_files_is_in_their_xrays(client: Client, lead: Lead) -> None:
    facts = {"leadId": lead.pk, "userId": "dr-7", "xrayType": "PANORAMIC", "dateTaken": "2024-02-03", "notes": "First"}
    named = {"two.dcm": {"xrayType": "CEPHALOMETRIC", "teeth": "11 12"}}
    answer = send(client, {"1.dcm": panoramic(1), "two.dcm": panoramic(2)}, metadata=json.dumps(named), **facts)
    work(answer)
    one, two = XRay.objects.order_by("pk")
    assert (one.kind, one.user_id, one.notes, f"{one.taken_at:%Y-%m-%d}") == (
        XrayType.PANORAMIC, "dr-7", "First", "2024-02-03"
    )  # fmt: skip
    assert (two.kind, two.teeth, two.user_id) == (XrayType.CEPHALOMETRIC, "11 12", "dr-7")
    assert set(Match.objects.values_list("study", "lead")) == {(one.study_id, lead.pk), (two.study_id, lead.pk)}
    shown = ask(client, answer).json()["files"]["results"]
    assert [each["xrayId"] for each in shown] == [one.pk, two.pk]
    assert shown[0]["studyInstanceUid"] == one.study.study_instance_uid


@pytest.mark.parametrize(
    "manifest",
    [
        b"file,lead id,xray type\none.dcm,{lead},OCCLUSAL\n",
        b"File;LeadId;XrayType\r\none.dcm;{lead};OCCLUSAL\r\n",
        b'{"one.dcm": {"leadId": {lead}, "xrayType": "OCCLUSAL"}}',
    ],
)
def test_a_manifest_says_it_of_each(client: Client, lead: Lead, manifest: bytes) -> None:
    text = manifest.replace(b"{lead}", b"%d" % lead.pk)
    answer = send(client, {"one.dcm": panoramic(1), "two.dcm": panoramic(2)}, **_file("manifest", text))
    work(answer)
    assert XRay.objects.get(study__study_instance_uid=dicoms.uid(900, 1)).kind == XrayType.OCCLUSAL
    assert Match.objects.get(lead=lead).study.study_instance_uid == dicoms.uid(900, 1)


def _file(name: str, content: bytes) -> dict[str, Any]:
    return {name: SimpleUploadedFile("list.csv", content)}


def test_the_files_of_an_archive_count_each(client: Client, lead: Lead) -> None:
    inner = zipped({"deep.dcm": panoramic(3)})
    members = {"in/1.dcm": panoramic(1), "in/2.jpg": picture(), "__MACOSX/in/._1.dcm": b"junk", "more.zip": inner}
    named = {"2.jpg": {"leadId": lead.pk}, "in/1.dcm": {"xrayType": "TMJ"}}
    answer = send(client, {"all.zip": zipped(members)}, metadata=json.dumps(named))
    assert (answer.status_code, answer.json()["count"]) == (202, 4)
    work(answer)
    assert outcomes(client, answer) == {
        "all.zip > in/1.dcm": "stored",
        "all.zip > in/2.jpg": "picture",
        "all.zip > __MACOSX/in/._1.dcm": "skipped",
        "all.zip > more.zip > deep.dcm": "stored",
    }
    assert XRay.objects.filter(kind=XrayType.TMJ).count() == 1


def test_the_same_again_is_known_and_other_bytes_wait(client: Client, lead: Lead) -> None:
    work(send(client, {**SLICES, "a.jpg": picture()}, leadId=lead.pk))
    changed = dicoms.ct_slice(PatientName="Somebody^Else")
    answer = send(client, {"again.dcm": SLICES["1.dcm"], "a.jpg": picture(), "other.dcm": changed}, leadId=lead.pk)
    work(answer)
    assert outcomes(client, answer) == {"again.dcm": "known", "a.jpg": "known", "other.dcm": "quarantined"}
    assert (Instance.objects.count(), Quarantined.objects.count()) == (4, 1)


def test_a_picture_without_a_lead_is_refused_and_the_rest_goes_on(client: Client) -> None:
    answer = send(client, {"a.jpg": picture(), "1.dcm": panoramic(1)})
    work(answer)
    assert outcomes(client, answer) == {"a.jpg": "refused", "1.dcm": "stored"}
    assert "lead" in details(client, answer)["a.jpg"]


class Killed(BaseException):
    """A worker that is no more."""


def test_what_a_killed_worker_had_done_is_not_done_again(
    client: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.practice.batches.working.BATCH_COUNT", 2)
    files = {f"{number}.dcm": panoramic(number) for number in range(5)}
    answer = send(client, files, leadId=lead.pk)

    class Ending(JobHandle):
        def progress(self, done: int, total: int | None = None, text: str = "") -> None:
            if done == 3:
                raise Killed

    with pytest.raises(Killed):
        practice_batch(Ending(job_of(answer).pk, 1))
    before = dict(BatchFile.objects.values_list("name", "at"))
    assert (sorted(before), Instance.objects.count()) == (["0.dcm", "1.dcm"], 2)
    work(answer)
    after = dict(BatchFile.objects.values_list("name", "at"))
    assert (sorted(after), Instance.objects.count()) == (sorted(files), 5)
    assert {name: after[name] for name in before} == before


def test_a_cancelled_one_stops_between_files_and_can_go_on(client: Client, lead: Lead) -> None:
    answer = send(client, {"a.jpg": picture(), "b.jpg": picture(colour=9)}, leadId=lead.pk)

    class Cancelling(JobHandle):
        def progress(self, done: int, total: int | None = None, text: str = "") -> None:
            if done == 1:
                raise Cancelled

    with pytest.raises(Cancelled):
        practice_batch(Cancelling(job_of(answer).pk, 1))
    assert outcomes(client, answer) == {"a.jpg": "picture"}
    assert ask(client, answer).json()["progress"] == {"done": 1, "total": 2}
    assert work(answer) == {"picture": 2}


def test_the_upload_is_gone_when_the_batch_is_done(client: Client, lead: Lead) -> None:
    answer = send(client, SLICES)
    folder = Folder(Batch.objects.get().folder)
    assert folder.path.exists()
    work(answer)
    assert not folder.path.exists()
    with pytest.raises(staging.Conflict, match="Send the files again"):
        work(answer)


def test_a_file_that_the_disk_has_lost_is_told(client: Client) -> None:
    answer = send(client, {"1.dcm": panoramic(1), "2.dcm": panoramic(2)})
    Folder(Batch.objects.get().folder).file(0).write_bytes(b"")
    work(answer)
    assert outcomes(client, answer) == {"1.dcm": "refused", "2.dcm": "stored"}


def test_a_lead_that_is_gone_meanwhile_is_told(client: Client, practice: Practice, lead: Lead) -> None:
    answer = send(client, {"1.dcm": panoramic(1)}, leadId=lead.pk)
    Lead.objects.update(deleted_at="2024-01-01T00:00Z")
    work(answer)
    assert (outcomes(client, answer), "taken away" in details(client, answer)["1.dcm"]) == ({"1.dcm": "stored"}, True)
