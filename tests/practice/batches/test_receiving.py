"""POST and GET /api/dental/xrays/batch: who may, and what is refused without leaving anything."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.jobs.models import Job, State
from apps.practice.batches import receivers
from apps.practice.models import Batch, BatchFile, FileOutcome, Lead
from tests import dicoms
from tests.conftest import client_of
from tests.practice.batches.sent import BATCHES, ask, job_of, send, work
from tests.rights import give
from tests.uploads.media import zipped

SLICE = dicoms.ct_slice()
ONE = {"1.dcm": SLICE}


def staged(settings: Settings) -> list[Path]:
    root = settings.DATA / "batches"
    return list(root.iterdir()) if root.exists() else []


def errors(answer: Any) -> dict[str, str]:
    return {each["field"]: each["detail"] for each in answer.json()["errors"]}


def test_a_batch_is_taken_and_a_job_asked_for(client: Client, practice: Practice, user: User) -> None:
    answer = send(client, {"1.dcm": SLICE, "all.zip": zipped({"2": SLICE, "3": SLICE})})
    body = answer.json()
    assert (answer.status_code, body["state"], body["count"], body["progress"]) == (
        202, "queued", 3, {"done": 0, "total": 3}
    )  # fmt: skip
    assert answer["Location"].endswith(f"{BATCHES}?jobId={body['jobId']}")
    job, batch = job_of(answer), Batch.objects.get()
    assert (job.kind, job.parameters, job.practice, job.requested_by) == ("practice-batch", {}, practice, user)
    assert (batch.uploaded_by, batch.size > len(SLICE)) == (user, True)


def test_strangers_find_nothing(client: Client, stranger_client: Client, anonymous: Client) -> None:
    answer = send(client, ONE)
    assert ask(stranger_client, answer).status_code == 404
    assert ask(anonymous, answer).status_code == 401
    assert send(anonymous, ONE).status_code == 401
    assert ask(client, answer).status_code == 200


def test_who_may_not_store_in_all_of_the_practice_is_refused(
    practice: Practice, other_practice: Practice, settings: Settings
) -> None:
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    assert send(client_of(viewer), ONE).status_code == 403
    secretary = User.objects.create_user("sue", practice=practice)
    give(secretary, practice, Permission.UPLOAD)
    assert send(client_of(secretary), ONE, practice=other_practice.pk).status_code == 404
    assert send(client_of(secretary), ONE, practice=practice.pk).status_code == 202
    assert len(staged(settings)) == 1


WRONG_FIELDS = [
    ({"leadId": "x"}, {"leadId"}),
    ({"leadId": "999999"}, {"leadId"}),
    ({"xrayType": "SELFIE"}, {"xrayType"}),
    ({"dateTaken": "31.12.2024"}, {"dateTaken"}),
    ({"userId": "u" * 65}, {"userId"}),
    ({"colour": "red"}, {"colour"}),
    ({"practice": "north"}, {"practice"}),
    ({"metadata": "{"}, {"metadata"}),
    ({"metadata": "[]"}, {"metadata"}),
    ({"metadata": '{"1.dcm": 7}'}, {"metadata.1.dcm"}),
    ({"metadata": '{"1.dcm": {"leadId": 999999, "size": 1}}'}, {"metadata.1.dcm.leadId", "metadata.1.dcm.size"}),
    ({"metadata": '{"1.dcm": {"dateTaken": []}}'}, {"metadata.1.dcm.dateTaken"}),
]


@pytest.mark.parametrize(("fields", "wrong"), WRONG_FIELDS)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    client: Client, settings: Settings, fields: dict[str, str], wrong: set[str]
) -> None:
    answer = send(client, ONE, **fields)
    assert (answer.status_code, set(errors(answer))) == (400, wrong)
    assert (staged(settings), Batch.objects.count(), Job.objects.count()) == ([], 0, 0)


def test_another_practices_lead_looks_like_none(client: Client, other_lead: Lead, settings: Settings) -> None:
    answers = [send(client, ONE, leadId=lead) for lead in (other_lead.pk, 999_999)]
    assert [errors(answer) for answer in answers] == [{"leadId": "There is no such lead in this practice."}] * 2
    assert staged(settings) == []


ARCHIVES = [
    ({"../../etc/passwd": b"x"}, "outside of itself"),
    ({"/root/x": b"x"}, "outside of itself"),
    ({"a\\..\\..\\x": b"x"}, "outside of itself"),
]


@pytest.mark.parametrize(("members", "said"), ARCHIVES)
def test_an_archive_that_leads_out_is_refused(
    client: Client, settings: Settings, members: Mapping[str, bytes], said: str
) -> None:
    answer = send(client, {"all.zip": zipped(members)})
    assert (answer.status_code, said in errors(answer)["all.zip"], staged(settings)) == (400, True, [])


def test_a_damaged_archive_is_refused(client: Client, settings: Settings) -> None:
    answer = send(client, {"1.dcm": SLICE, "all.zip": zipped(ONE)[:-30]})
    assert (answer.status_code, "damaged" in errors(answer)["all.zip"], staged(settings)) == (400, True, [])


def test_too_many_files_are_refused_loose_and_packed(client: Client, settings: Settings) -> None:
    settings.BATCH_FILES = 2
    many = {f"{number}": SLICE for number in range(3)}
    for files in (many, {"all.zip": zipped(many)}):
        answer = send(client, files)
        assert (answer.status_code, "at most 2 files" in answer.json()["detail"]) == (413, True)
    assert staged(settings) == []


def test_archives_in_archives_are_bounded_too(client: Client, settings: Settings) -> None:
    settings.BATCH_FILES = 2
    answer = send(client, {"all.zip": zipped({"in.zip": zipped({f"{number}": SLICE for number in range(3)})})})
    assert work(answer) == {"stored": 1, "known": 1, "refused": 1}


def test_too_many_bytes_are_refused_before_they_are_read(client: Client, settings: Settings) -> None:
    settings.BATCH_BYTES = 1 << 20
    answer = send(client, {"1.dcm": bytes(2 << 20)})
    assert (answer.status_code, staged(settings)) == (413, [])


def test_a_form_larger_than_others_may_be_is_taken(client: Client, settings: Settings) -> None:
    settings.MAX_FORM_BYTES = 1000
    assert send(client, ONE).status_code == 202


@pytest.mark.parametrize("ends", [10, -5, -40])
def test_half_an_upload_leaves_nothing(client: Client, settings: Settings, ends: int) -> None:
    body = encode_multipart(BOUNDARY, {"files": io.BytesIO(SLICE)})[:ends]
    answer = client.generic("POST", BATCHES, body, MULTIPART_CONTENT)
    assert (answer.status_code, staged(settings), Batch.objects.count()) == (400, [], 0)


def test_no_files_and_no_form_are_refused(client: Client, settings: Settings) -> None:
    assert errors(send(client, {}, userId="x"))["files"].startswith("Send at least one file")
    answer = client.post(BATCHES, json.dumps({}), content_type="application/json")
    assert (answer.status_code, staged(settings)) == (415, [])


def test_a_field_twice_is_refused(client: Client) -> None:
    assert errors(client.post(BATCHES, {"leadId": ["1", "2"]})) == {"leadId": "Give this field once."}


@pytest.mark.parametrize("query", [{}, {"jobId": "x"}, {"jobId": "1", "what": "1"}, {"jobId": "0"}])
def test_a_wrong_question_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get(BATCHES, query).status_code == 400


def test_files_are_paged_and_asked_for_by_outcome(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    answer = send(client, ONE)
    batch = Batch.objects.get()
    for number in range(30):
        outcome = FileOutcome.REFUSED if number % 3 else FileOutcome.STORED
        BatchFile.objects.create(batch=batch, key=str(number), name=f"{number}", size=1, outcome=outcome)
    with django_assert_max_num_queries(12):
        page = ask(client, answer, limit=5, outcome="refused").json()
    assert [each["name"] for each in page["files"]["results"]] == ["1", "2", "4", "5", "7"]
    assert (page["files"]["count"], page["counts"]["refused"], page["counts"]["stored"]) == (20, 20, 10)
    assert (page["progress"], page["percent"], page["counts"]["waiting"]) == ({"done": 30, "total": 30}, 100, 0)


def test_an_upload_that_nobody_goes_on_with_is_removed(client: Client, settings: Settings) -> None:
    answer = send(client, ONE)
    settings.BATCH_KEEP_HOURS = 0
    receivers.on_minute()
    assert len(staged(settings)) == 1
    Job.objects.filter(pk=job_of(answer).pk).update(state=State.FAILED)
    receivers.on_minute()
    assert staged(settings) == []
