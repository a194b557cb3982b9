"""Orthancs that are away, or answer what they should not: it ends in words, within bounds, and is tried again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.archive.models import Instance
from apps.jobs.models import Job, State
from apps.practice.models import NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs import retrying
from apps.practice.orthancs.asking import KIND
from apps.remotes.failures import RemoteFailed, RemoteRefused
from tests.practice.orthancs.calling import notice, tell
from tests.practice.orthancs.peer import Kept, Peer, name_of
from tests.remotes.jobs import do


@pytest.fixture
def kept(peer: Peer) -> Kept:
    return peer.add(1, 2)[0]


@pytest.fixture
def job(anonymous: Client, there: Orthanc, kept: Kept) -> Job:
    answer = tell(anonymous, there, notice("StableStudy", name_of(kept.study)))
    return Job.objects.get(pk=answer.json()["jobId"])


def _list(kept: Kept) -> str:
    return f"/studies/{name_of(kept.study)}/instances"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b"[1]", b"[{}]", b'[{"ID": "../../x"}]', b'[{"ID": 7, "MainDicomTags": {}}]', b"[" * 100],
)
def test_nonsense_is_said_to_be_none_of_an_orthanc(
    there: Orthanc, peer: Peer, kept: Kept, job: Job, body: bytes
) -> None:
    peer.instead[_list(kept)] = 200, body, 0
    with pytest.raises(RemoteFailed, match="does not answer as an Orthanc does"):
        do(job)
    there.refresh_from_db()
    assert "does not answer as an Orthanc" in there.last_error
    assert OrthancNotice.objects.get().state == NoticeState.WAITING


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [(302, RemoteRefused, "not followed"), (401, RemoteRefused, "user name"), (500, RemoteFailed, "Try again")],
)
def test_refusals_are_told_and_no_redirection_is_followed(
    there: Orthanc, peer: Peer, kept: Kept, job: Job, status: int, error: type[Exception], words: str
) -> None:
    peer.instead[_list(kept)] = status, b"secrets of a page", 0
    with pytest.raises(error, match=words):
        do(job)
    there.refresh_from_db()
    assert words in there.last_error
    assert "secrets" not in there.last_error
    assert peer.asked == [_list(kept)]


def test_an_address_of_the_machine_itself_is_not_called(there: Orthanc, job: Job) -> None:
    Orthanc.objects.filter(pk=there.pk).update(url="http://0.0.0.0:1")
    with pytest.raises(RemoteFailed):
        do(job)


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
def test_link_local_addresses_are_refused_once_the_name_is_resolved(
    there: Orthanc, peer: Peer, job: Job, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.getpeername", lambda _: (address, 80))
    with pytest.raises(RemoteFailed, match="link-local"):
        do(job)
    assert not peer.asked


def test_a_list_without_end_is_ended(peer: Peer, kept: Kept, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.practice.orthancs.rest.LIST_BYTES", 1 << 20)
    peer.instead[_list(kept)] = 200, b" " * (2 << 20), 0
    with pytest.raises(RemoteFailed, match="longer than 1 MiB"):
        do(job)


def test_too_many_instances_are_not_taken(peer: Peer, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.practice.orthancs.rest.MOST_INSTANCES", 1)
    with pytest.raises(RemoteFailed, match="more than 1 instances"):
        do(job)
    assert not peer.files_asked


def test_a_torn_file_is_not_stored_and_the_others_are_not_lost(peer: Peer, kept: Kept, job: Job) -> None:
    path = f"/instances/{list(peer.kept)[1]}/file"
    peer.instead[path] = 200, kept.data[:1000], 5000
    with pytest.raises(RemoteFailed, match="connection broke"):
        do(job)
    assert [each.sop_instance_uid for each in Instance.objects.all()] == [kept.uid]
    del peer.instead[path]
    do(job)
    assert Instance.objects.count() == 2
    assert peer.files_asked == 3


def test_a_file_over_the_limit_costs_itself_alone(
    peer: Peer, kept: Kept, job: Job, settings: pytest.FixtureRequest
) -> None:
    settings.MAX_INSTANCE_BYTES = 1 << 20  # type: ignore[attr-defined]
    peer.instead[f"/instances/{kept.resource}/file"] = 200, kept.data + b"\0" * (2 << 20), 0
    do(job)
    assert Instance.objects.count() == 1
    assert OrthancNotice.objects.get().state == NoticeState.FAILED


def test_a_file_that_never_ends_is_ended(peer: Peer, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.practice.orthancs.rest.FILE_SECONDS", -1.0)
    with pytest.raises(RemoteFailed, match="took too long"):
        do(job)
    assert not Instance.objects.exists()


def _fail(job: Job, ago: timedelta, state: State = State.FAILED, *, cancelled: bool = False) -> None:
    ended = {"state": state, "finished_at": timezone.now() - ago, "cancel_requested": cancelled}
    Job.objects.filter(pk=job.pk).update(**ended)


def _job() -> Job | None:
    return OrthancNotice.objects.get().job


def test_what_could_not_be_fetched_is_tried_again_after_a_while(job: Job) -> None:
    _fail(job, timedelta(minutes=1))
    retrying.on_minute()
    assert _job() == job
    _fail(job, timedelta(minutes=16))
    retrying.on_minute()
    again = _job()
    assert again not in (None, job)
    retrying.on_minute()
    assert _job() == again
    assert Job.objects.filter(kind=KIND).count() == 2


def test_a_job_that_gave_way_to_another_is_no_cancelled_one(job: Job) -> None:
    _fail(job, timedelta(0), State.CANCELLED)
    retrying.on_minute()
    assert OrthancNotice.objects.get().state == NoticeState.WAITING
    assert _job() != job


def test_what_somebody_cancels_is_cancelled_until_it_is_tried_again(job: Job) -> None:
    _fail(job, timedelta(0), State.CANCELLED, cancelled=True)
    retrying.on_minute()
    assert OrthancNotice.objects.get().state == NoticeState.CANCELLED
    do(job)
    assert OrthancNotice.objects.get().state == NoticeState.DONE


def test_what_waits_goes_on_as_soon_as_the_orthanc_answers_again(there: Orthanc, job: Job) -> None:
    _fail(job, timedelta(minutes=1))
    retrying.hasten(there)
    assert _job() != job


def test_a_job_whose_row_is_gone_is_asked_for_again(job: Job) -> None:
    job.delete()
    retrying.on_minute()
    assert _job()


def test_it_is_given_up_after_two_weeks_and_forgotten_after_another(job: Job) -> None:
    _fail(job, timedelta(hours=1))
    OrthancNotice.objects.update(received_at=timezone.now() - timedelta(days=15))
    retrying.on_minute()
    assert OrthancNotice.objects.get().state == NoticeState.FAILED
    OrthancNotice.objects.update(ended_at=timezone.now() - timedelta(days=8))
    retrying.on_minute()
    assert not OrthancNotice.objects.exists()


def test_of_one_that_is_switched_off_nothing_is_tried(there: Orthanc, job: Job) -> None:
    _fail(job, timedelta(hours=1))
    Orthanc.objects.filter(pk=there.pk).update(is_active=False)
    retrying.on_minute()
    assert _job() == job
