"""The job: what an Orthanc has told of comes into the archive, once, and what came of it stands at each notice."""

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Instance, Study
from apps.audit.models import Event
from apps.core.errors import Refused
from apps.core.sealed import seal
from apps.jobs.handle import Cancelled
from apps.jobs.models import Job, State
from apps.practice.models import NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs.asking import KIND
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.practice.orthancs.calling import notice, tell
from tests.practice.orthancs.peer import Kept, Peer, name_of
from tests.remotes.jobs import do


def _tell(client: Client, orthanc: Orthanc, body: bytes) -> Job:
    number = OrthancNotice.objects.count() + 1
    answer = tell(client, orthanc, body, delivery=f"delivery-{number}")
    return Job.objects.get(pk=answer.json()["jobId"])


def _study(kept: Kept) -> bytes:
    return notice("StableStudy", name_of(kept.study))


def _end(job: Job, state: State = State.DONE) -> None:
    Job.objects.filter(pk=job.pk).update(state=state)


def test_a_study_comes_whole_into_the_practice(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    kept = peer.add(1, 2, 3)
    done = do(_tell(anonymous, there, _study(kept[0])))
    assert done == {
        "notices": 1, "instances": 3, "known": 0, "fetched": 3, "refused": 0, "gone": 0, "reason": "",
    }  # fmt: skip
    assert Instance.objects.filter(series__study__practice=there.practice_id).count() == 3
    told = OrthancNotice.objects.get()
    assert (told.state, told.detail) == (NoticeState.DONE, "3 instances: 3 fetched, 0 were here.")
    there.refresh_from_db()
    assert there.answered_at
    stored = Event.objects.filter(action=Event.Action.IMPORT, practice=there.practice_id)
    assert set(stored.values_list("source", "actor")) == {("Orthanc", "Orthanc Imaging centre")}


def test_what_is_here_is_not_fetched_again(anonymous: Client, there: Orthanc, peer: Peer, practice: Practice) -> None:
    kept = peer.add(1, 2, 3)
    keep(practice, kept[0].data, kept[1].data)
    done = do(_tell(anonymous, there, _study(kept[0])))
    assert isinstance(done, dict)
    assert (done["known"], done["fetched"], peer.files_asked) == (2, 1, 1)


def test_what_arrives_later_comes_by_the_next_notice(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    kept = peer.add(1)
    job = _tell(anonymous, there, _study(kept[0]))
    do(job)
    _end(job)
    peer.add(2)
    later = _tell(anonymous, there, _study(kept[0]))
    assert later.pk != job.pk
    do(later)
    assert Study.objects.get().series.get().instance_count == 2
    assert peer.files_asked == 2


def test_single_instances_are_fetched_alone_and_together(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    kept = peer.add(1, 2, 3, 4)
    jobs = {_tell(anonymous, there, notice("NewInstance", each.resource)).pk for each in kept[:3]}
    (job,) = jobs
    do(Job.objects.get(pk=job))
    assert set(Instance.objects.values_list("sop_instance_uid", flat=True)) == {each.uid for each in kept[:3]}
    assert len([path for path in peer.asked if not path.endswith("/file")]) == 2
    assert not OrthancNotice.objects.exclude(state=NoticeState.DONE).exists()


def test_a_notice_during_the_work_gets_a_job_of_its_own(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    kept = peer.add(1, 2)
    first = _tell(anonymous, there, notice("NewInstance", kept[0].resource))
    _end(first, State.RUNNING)
    second = _tell(anonymous, there, notice("NewInstance", kept[1].resource))
    assert second.pk != first.pk
    do(first)
    assert [each.state for each in OrthancNotice.objects.order_by("pk")] == [NoticeState.DONE, NoticeState.WAITING]


def test_what_is_not_there_any_more_is_said_to_be_gone(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    (kept,) = peer.add(1)
    jobs = [
        _tell(anonymous, there, notice("StableStudy", name_of("deleted"))),
        _tell(anonymous, there, notice("NewInstance", name_of("deleted too"))),
        _tell(anonymous, there, notice("NewInstance", kept.resource)),
    ]
    for job in {job.pk: job for job in jobs}.values():
        do(job)
    states = [each.state for each in OrthancNotice.objects.order_by("pk")]
    assert states == [NoticeState.GONE, NoticeState.GONE, NoticeState.DONE]


def test_an_object_under_another_name_is_not_stored(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    (kept,) = peer.add(1)
    peer.instead[f"/instances/{kept.resource}/file"] = 200, dicoms.ct_slice(SOPInstanceUID="1.2.3"), 0
    do(_tell(anonymous, there, _study(kept)))
    told = OrthancNotice.objects.get()
    assert told.state == NoticeState.FAILED
    assert told.detail.startswith("1 instance: 0 fetched, 0 were here. 1 could not be stored: ")
    assert not Instance.objects.exists()


def test_it_shows_how_far_it_is_and_can_be_stopped(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    kept = peer.add(*range(1, 9))
    job = _tell(anonymous, there, _study(kept[0]))
    with pytest.raises(Cancelled):
        do(job, cancelled_after=4)
    assert 0 < Instance.objects.count() < 8
    do(job)
    assert Instance.objects.count() == peer.files_asked == 8


def test_its_user_name_and_password_are_sent(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    Orthanc.objects.filter(pk=there.pk).update(username="fovea", secret=seal("token"))
    do(_tell(anonymous, there, _study(peer.add(1)[0])))
    assert set(peer.authorization) == {"Basic Zm92ZWE6dG9rZW4="}


def test_one_that_was_switched_off_meanwhile_is_not_asked(anonymous: Client, there: Orthanc, peer: Peer) -> None:
    job = _tell(anonymous, there, _study(peer.add(1)[0]))
    Orthanc.objects.filter(pk=there.pk).update(is_active=False)
    with pytest.raises(Refused, match="switched off"):
        do(job)
    assert not peer.asked


def test_nothing_comes_into_another_practice(
    anonymous: Client, there: Orthanc, peer: Peer, other_practice: Practice
) -> None:
    kept = peer.add(1)
    keep(other_practice, kept[0].data)
    do(_tell(anonymous, there, _study(kept[0])))
    assert Instance.objects.filter(series__study__practice=there.practice_id).count() == 1
    assert Job.objects.filter(kind=KIND).exclude(practice=there.practice_id).count() == 0
