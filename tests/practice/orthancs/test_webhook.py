"""An Orthanc's call: believed by its signature alone, once, and acknowledged only when it is kept."""

import json
import time
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.core.sealed import seal
from apps.jobs.models import Job
from apps.practice.models import NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs import noticing, refusals
from apps.practice.orthancs.asking import KIND
from tests.practice.orthancs.calling import RECEIVE, SECRET, STUDY, WEBHOOK, call, notice, signed, tell
from tests.practice.orthancs.peer import name_of


@pytest.mark.parametrize("address", [WEBHOOK, RECEIVE])
def test_a_signed_call_is_kept_and_answered_with_its_job(anonymous: Client, orthanc: Orthanc, address: str) -> None:
    body = notice()
    answer = call(anonymous, body, signed(orthanc, body), address)
    kept = OrthancNotice.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {"state": "accepted", "jobId": kept.job_id, "level": "study", "resource": STUDY}
    assert (kept.state, kept.job and kept.job.kind, kept.job and kept.job.practice_id) == (
        NoticeState.WAITING,
        KIND,
        orthanc.practice_id,
    )
    orthanc.refresh_from_db()
    assert orthanc.seen_at


def test_the_source_may_stand_in_the_address(anonymous: Client, orthanc: Orthanc) -> None:
    body = notice()
    headers = signed(orthanc, body)
    source = headers.pop("X-Fovea-Source")
    assert call(anonymous, body, headers, f"{WEBHOOK}?source={source}").status_code == 202


def test_the_same_delivery_again_is_the_same_job(anonymous: Client, orthanc: Orthanc) -> None:
    first = tell(anonymous, orthanc).json()
    again = tell(anonymous, orthanc)
    assert (again.status_code, again.json()) == (200, {**first, "state": "known"})
    assert OrthancNotice.objects.count() == Job.objects.count() == 1


def test_the_same_delivery_twice_at_the_same_moment_is_kept_once(
    anonymous: Client, orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tell(anonymous, orthanc).json()
    look, looks = noticing._known, iter([True])
    # The other call's row is not there yet when this one looks for it.
    monkeypatch.setattr(noticing, "_known", lambda *known: None if next(looks, False) else look(*known))
    again = tell(anonymous, orthanc)
    assert (again.status_code, again.json()) == (200, {**first, "state": "known"})
    assert OrthancNotice.objects.count() == Job.objects.count() == 1


def test_the_same_delivery_for_something_else_is_refused(anonymous: Client, orthanc: Orthanc) -> None:
    tell(anonymous, orthanc)
    assert tell(anonymous, orthanc, notice(resource=name_of("another"))).status_code == 409


def test_a_flurry_about_one_study_is_one_job(anonymous: Client, orthanc: Orthanc) -> None:
    jobs = {tell(anonymous, orthanc, delivery=f"delivery-{number}").json()["jobId"] for number in range(4)}
    assert len(jobs) == 1
    assert OrthancNotice.objects.count() == 4


def test_single_instances_share_a_job(anonymous: Client, orthanc: Orthanc) -> None:
    told = [notice("NewInstance", name_of(str(number))) for number in range(3)]
    jobs = {tell(anonymous, orthanc, body, delivery=name_of(str(body))).json()["jobId"] for body in told}
    assert len(jobs) == 1


def _unsigned(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return {}


def _other_secret(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body, secret="guessed")


def _other_body(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body + b" ")


def _other_delivery(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body) | {"X-Fovea-Delivery": "delivery-2"}


def _other_time(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body) | {"X-Fovea-Timestamp": str(int(time.time()) + 1)}


def _old(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body, at=time.time() - 600)


def _early(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body, at=time.time() + 600)


def _unknown(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body) | {"X-Fovea-Source": "0123456789abcdef"}


def _odd(orthanc: Orthanc, body: bytes) -> dict[str, str]:
    return signed(orthanc, body) | {"X-Fovea-Signature": "sha256=é"}


@pytest.mark.parametrize(
    "headers",
    [_unsigned, _other_secret, _other_body, _other_delivery, _other_time, _old, _early, _unknown, _odd],
)
def test_what_is_not_rightly_signed_is_not_believed(anonymous: Client, orthanc: Orthanc, headers: Any) -> None:
    body = notice()
    answer = call(anonymous, body, headers(orthanc, body))
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["detail"] == call(anonymous, body, {}).json()["detail"]
    assert "WWW-Authenticate" not in answer
    assert not OrthancNotice.objects.exists()
    assert not Job.objects.filter(kind=KIND).exists()


@pytest.mark.parametrize(
    "changes", [{"is_active": False}, {"networks": "10.0.0.0/8"}, {"signing_secret": ""}, {"signing_secret": "x"}]
)
def test_one_that_is_off_or_elsewhere_or_without_a_secret_is_not_believed(
    anonymous: Client, orthanc: Orthanc, changes: dict[str, Any]
) -> None:
    Orthanc.objects.filter(pk=orthanc.pk).update(**changes)
    assert tell(anonymous, orthanc).status_code == 401
    body = notice()
    assert call(anonymous, body, signed(orthanc, body, secret="")).status_code == 401


def test_it_may_call_from_its_networks(anonymous: Client, orthanc: Orthanc) -> None:
    Orthanc.objects.filter(pk=orthanc.pk).update(networks="10.0.0.0/8 127.0.0.1")
    assert tell(anonymous, orthanc).status_code == 202


def test_a_secret_of_another_practice_is_worth_nothing(
    anonymous: Client, orthanc: Orthanc, other_practice: Practice
) -> None:
    other = Orthanc.objects.create(
        practice=other_practice, name="South", url="http://127.0.0.1:9", signing_secret=seal("theirs")
    )
    body = notice()
    mixed = signed(other, body, secret=SECRET)
    assert call(anonymous, body, mixed).status_code == 401
    job = Job.objects.get(pk=call(anonymous, body, signed(other, body, secret="theirs")).json()["jobId"])
    assert job.practice_id == other_practice.pk


def test_guessing_is_soon_answered_with_a_wait_and_keeps_nobody_else_out(anonymous: Client, orthanc: Orthanc) -> None:
    statuses = [call(anonymous, notice(), {}).status_code for _ in range(refusals.MOST + 1)]
    assert statuses == [401] * refusals.MOST + [429]
    assert tell(anonymous, orthanc).status_code == 202


def test_what_was_wrong_stands_on_its_row(anonymous: Client, orthanc: Orthanc) -> None:
    body = notice()
    call(anonymous, body, signed(orthanc, body, at=time.time() - 600))
    orthanc.refresh_from_db()
    assert "clock" in orthanc.last_error


def test_a_body_without_end_is_not_read(anonymous: Client, orthanc: Orthanc) -> None:
    body = b" " * (65 << 10)
    assert call(anonymous, body, signed(orthanc, body)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff", b'"StableStudy"', b"{}",
        json.dumps({"ChangeType": "StableStudy"}).encode(), json.dumps({"ChangeType": "StableStudy", "ID": 7}).encode(),
        json.dumps({"ChangeType": "NewInstance", "ID": "../../system"}).encode(),
        json.dumps({"ResourceType": "Study", "ID": "http://169.254.169.254/"}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_notice_is_said_to_be_none(anonymous: Client, orthanc: Orthanc, body: bytes) -> None:
    answer = call(anonymous, body, signed(orthanc, body))
    assert answer.status_code == 400
    assert not OrthancNotice.objects.exists()


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"ChangeType": "StableStudy", "ResourceType": "Study", "ID": STUDY}, "study"),
        ({"ChangeType": "NewInstance", "Path": f"/instances/{STUDY}"}, "instance"),
        ({"change_type": "StableSeries", "resource_id": STUDY.upper()}, "series"),
        ({"event": "NewStudy", "orthancId": STUDY}, "study"),
        ({"ResourceType": "Instance", "ResourceID": STUDY}, "instance"),
        ({"Path": f"/studies/{STUDY}"}, "study"),
    ],
)
def test_the_usual_ways_to_say_it_are_understood(
    anonymous: Client, orthanc: Orthanc, said: dict[str, str], level: str
) -> None:
    answer = tell(anonymous, orthanc, json.dumps(said).encode())
    assert (answer.status_code, answer.json()["level"], answer.json()["resource"]) == (202, level, STUDY)


@pytest.mark.parametrize("change", ["Deleted", "UpdatedMetadata", "StablePatient", "JobSuccess", "OrthancStarted"])
def test_other_changes_need_nothing(anonymous: Client, orthanc: Orthanc, change: str) -> None:
    answer = tell(anonymous, orthanc, notice(change))
    assert answer.json() == {"state": "ignored", "jobId": None, "level": None, "resource": None}
    assert not OrthancNotice.objects.exists()


def test_too_many_that_wait_are_to_come_later(
    anonymous: Client, orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.practice.orthancs.noticing.MOST_WAITING", 1)
    assert tell(anonymous, orthanc).status_code == 202
    assert tell(anonymous, orthanc, delivery="delivery-2").status_code == 429
    assert tell(anonymous, orthanc).status_code == 200
