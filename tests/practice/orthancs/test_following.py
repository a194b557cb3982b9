"""Catching up: what an Orthanc's calls did not tell is found by its changes, and nothing is lost."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.jobs.handle import JobHandle, Later
from apps.jobs.models import Job, State
from apps.practice.models import Level, Orthanc, OrthancNotice
from apps.practice.orthancs import following, retrying
from apps.practice.orthancs.asking import FOLLOW, KIND
from apps.remotes.failures import RemoteFailed
from tests.dicomweb.archive import keep
from tests.practice.orthancs.calling import notice, tell
from tests.practice.orthancs.peer import Peer, name_of
from tests.remotes.jobs import do


@pytest.fixture
def look(there: Orthanc) -> Callable[[], bool]:
    """Look what is new."""

    def look() -> bool:
        there.refresh_from_db()
        return following.catch_up(there, JobHandle(0, 1))

    return look


def _fetch() -> None:
    for job in Job.objects.filter(kind=KIND, state=State.QUEUED):
        do(job)
        Job.objects.filter(pk=job.pk).update(state=State.DONE)


def test_what_was_there_before_is_not_fetched_and_what_comes_is(peer: Peer, look: Callable[[], bool]) -> None:
    peer.add(1, 2)
    assert look()
    assert not OrthancNotice.objects.exists()
    peer.add(3, 4)
    peer.add(1, study=2)
    assert look()
    assert set(OrthancNotice.objects.values_list("level", flat=True)) == {Level.SERIES}
    _fetch()
    # Of a series of which something is new, all that is not here.
    assert Instance.objects.count() == 5
    assert look()
    assert OrthancNotice.objects.count() == 2


def test_a_lost_call_loses_nothing_and_one_that_came_costs_nothing(
    anonymous: Client, peer: Peer, there: Orthanc, look: Callable[[], bool]
) -> None:
    look()
    (told,) = peer.add(1, study=1)
    peer.add(1, study=2)
    tell(anonymous, there, notice("NewInstance", told.resource))
    _fetch()
    look()
    assert OrthancNotice.objects.count() == 2
    _fetch()
    assert Instance.objects.count() == peer.files_asked == 2


def test_many_changes_are_read_page_by_page(
    peer: Peer, there: Orthanc, look: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.practice.orthancs.rest.CHANGES_AT_ONCE", 2)
    monkeypatch.setattr("apps.practice.orthancs.following.MOST_PAGES", 2)
    look()
    for study in range(1, 6):
        peer.add(1, study=study)
    assert not look()
    assert OrthancNotice.objects.count() == 4
    assert look()
    assert OrthancNotice.objects.count() == 5


def test_an_orthanc_that_counts_anew_is_read_from_its_beginning(peer: Peer, look: Callable[[], bool]) -> None:
    peer.add(1, 2, 3)
    look()
    peer.changes.clear()
    peer.kept.clear()
    peer.add(1, study=9)
    assert look()
    assert OrthancNotice.objects.count() == 1


def test_what_was_deleted_there_meanwhile_is_passed_over(peer: Peer, look: Callable[[], bool]) -> None:
    look()
    peer.add(1)
    peer.kept.clear()
    assert look()
    assert not OrthancNotice.objects.exists()


def test_nothing_is_passed_over_while_it_fails(peer: Peer, there: Orthanc, look: Callable[[], bool]) -> None:
    look()
    (kept,) = peer.add(1)
    peer.instead[f"/series/{name_of(kept.series)}/instances"] = 500, b"", 0
    with pytest.raises(RemoteFailed):
        look()
    peer.instead.clear()
    look()
    assert OrthancNotice.objects.count() == 1


def test_one_that_tells_the_same_again_and_again_is_not_believed(peer: Peer, look: Callable[[], bool]) -> None:
    look()
    peer.add(1)
    peer.is_stuck = True
    with pytest.raises(RemoteFailed, match="again and again"):
        look()


def test_each_that_is_followed_has_one_job_that_comes_again(practice: Practice, peer: Peer, there: Orthanc) -> None:
    Orthanc.objects.create(practice=practice, name="Not followed", url="http://127.0.0.1:9", follows=False)
    Orthanc.objects.create(practice=practice, name="Off", url="http://127.0.0.1:9", is_active=False)
    retrying.on_minute()
    retrying.on_minute()
    job = Job.objects.get(kind=FOLLOW)
    with pytest.raises(Later) as later:
        do(job)
    assert later.value.pause == following.OFTEN
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
    retrying.on_minute()
    assert Job.objects.get(kind=FOLLOW) == job
    Orthanc.objects.update(follows=False)
    assert do(job) == {"follows": False}
    Orthanc.objects.all().delete()
    assert do(job) == {"follows": False}


def test_one_that_is_away_is_asked_less_often_and_says_why(orthanc: Orthanc) -> None:
    retrying.on_minute()
    with pytest.raises(Later) as later:
        do(Job.objects.get(kind=FOLLOW))
    assert later.value.pause == following.SELDOM
    orthanc.refresh_from_db()
    assert "can't be reached" in orthanc.last_error


def test_what_another_practice_has_counts_for_nothing(
    peer: Peer, look: Callable[[], bool], other_practice: Practice
) -> None:
    look()
    (kept,) = peer.add(1)
    keep(other_practice, kept.data)
    look()
    assert OrthancNotice.objects.count() == 1
