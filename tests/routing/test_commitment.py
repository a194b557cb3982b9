"""Asking destinations to keep what they were sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.jobs.handle import Later
from apps.jobs.models import Job
from apps.remotes.models import Remote
from apps.routing.commitments import asking, requests, running
from apps.routing.models import CommitmentRequest, RequestState, Rule
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.remotes.peer import answering_echo
from tests.routing.keeping import Keeping, deleting_rule, keeping, sent

UIDS = [dicoms.uid(1, 1, number) for number in (1, 2, 3)]


@pytest.fixture(autouse=True)
def settled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies are complete at once, and silent destinations are not waited for."""
    settings.STUDY_SETTLES = 0
    monkeypatch.setattr(asking, "PATIENCE", 2.0)


@pytest.fixture
def rule(practice: Practice, elsewhere: Remote) -> Rule:
    return deleting_rule(practice, elsewhere)


@pytest.fixture
def study(rule: Rule) -> Study:
    return sent(rule)


def ask(study: Study, remote: Remote) -> str:
    """The work of the job; `later` where it is to go on another time."""
    try:
        return running.ask(study.pk, remote.pk)
    except Later:
        return "later"


def due() -> None:
    CommitmentRequest.objects.update(next_try_at=timezone.now())


def test_who_keeps_everything_has_committed_itself(study: Study, elsewhere: Remote) -> None:
    with keeping(elsewhere) as peer:
        assert ask(study, elsewhere) == "committed"
    (asked,) = peer.asked
    row = CommitmentRequest.objects.get()
    assert asked.TransactionUID == row.transaction_uid
    assert [item.ReferencedSOPInstanceUID for item in asked.ReferencedSOPSequence] == UIDS
    assert (row.state, row.instances, row.failed, row.error) == (RequestState.COMMITTED, 3, 0, "")
    assert peer.told == [0]
    assert Job.objects.get(kind=requests.CLEAR).parameters == {"study": study.pk}


def test_who_keeps_less_is_asked_again_as_another_transaction(study: Study, elsewhere: Remote) -> None:
    with keeping(elsewhere, Keeping(without=frozenset(UIDS[2:]))) as peer:
        assert ask(study, elsewhere) == "later"
        row = CommitmentRequest.objects.get()
        assert (row.state, row.failed) == (RequestState.WAITING, 1)
        assert row.error == "Elsewhere does not promise to keep 1 of 3: it does not have it."
        peer.without = frozenset()
        due()
        assert ask(study, elsewhere) == "committed"
    first, second = (asked.TransactionUID for asked in peer.asked)
    assert first != second


def test_who_says_nothing_has_time_and_is_asked_the_same_again(study: Study, elsewhere: Remote) -> None:
    with keeping(elsewhere, Keeping(reports=False)) as peer:
        assert ask(study, elsewhere) == "later"
        row = CommitmentRequest.objects.get()
        assert row.state == RequestState.ASKED
        assert row.next_try_at > timezone.now() + timedelta(hours=1)
        assert ask(study, elsewhere) == "later"
        due()
        assert ask(study, elsewhere) == "later"
    assert len(peer.asked) == 2
    assert peer.asked[0].TransactionUID == peer.asked[1].TransactionUID


def test_who_declines_is_quoted(study: Study, elsewhere: Remote) -> None:
    with keeping(elsewhere, Keeping(status=0x0110, reports=False)):
        assert ask(study, elsewhere) == "later"
    assert "declines the request for storage commitment: with the status 0110" in CommitmentRequest.objects.get().error


def test_who_does_not_offer_it_is_quoted(study: Study, elsewhere: Remote) -> None:
    with answering_echo(elsewhere.title) as port:
        Remote.objects.update(port=port)
        assert ask(study, elsewhere) == "later"
    assert "does not offer storage commitment" in CommitmentRequest.objects.get().error


def test_who_is_away_is_asked_later_and_later_and_given_up_after_days(study: Study, elsewhere: Remote) -> None:
    pauses = []
    for _ in range(4):
        ask(study, elsewhere)
        row = CommitmentRequest.objects.get()
        pauses.append(round((row.next_try_at - timezone.now()) / timedelta(minutes=1)))
        due()
    assert pauses == [1, 2, 4, 8]
    CommitmentRequest.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert ask(study, elsewhere) == "given up"
    assert "can't be reached" in CommitmentRequest.objects.get().error


def test_a_large_study_is_asked_about_in_parts(
    study: Study, elsewhere: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MOST_REFERENCES", 2)
    with keeping(elsewhere) as peer:
        assert ask(study, elsewhere) == "committed"
    assert [len(asked.ReferencedSOPSequence) for asked in peer.asked] == [2, 1]


def more_came(study: Study) -> None:
    keep(study.practice, dicoms.ct_slice(InstanceNumber=4))


def goes_by_dicomweb(study: Study) -> None:
    Remote.objects.update(protocol="dicomweb", url="https://archive.example.org/dicom-web")


def was_deleted(study: Study) -> None:
    study.delete()


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [
        (more_came, "it has not got the study as it is here"),
        (goes_by_dicomweb, "it is not asked by DICOMweb"),
        (was_deleted, "gone"),
    ],
)
def test_nothing_is_asked_about_what_was_not_all_sent(
    study: Study, elsewhere: Remote, happens: Callable[[Study], Any], outcome: str
) -> None:
    key = study.pk
    happens(study)
    assert running.ask(key, elsewhere.pk) == outcome
    assert not CommitmentRequest.objects.exists()


def test_another_worker_at_the_same_time_does_not_ask(study: Study, elsewhere: Remote) -> None:
    (row,) = requests.of(study, elsewhere)
    assert requests.claim(row)
    with keeping(elsewhere) as peer:
        assert ask(study, elsewhere) == "later"
    assert not peer.asked


def test_asking_again_by_hand_goes_at_once(study: Study, elsewhere: Remote) -> None:
    CommitmentRequest.objects.update(state=RequestState.GIVEN_UP)
    ask(study, elsewhere)
    CommitmentRequest.objects.update(state=RequestState.GIVEN_UP)
    row = CommitmentRequest.objects.get()
    assert requests.ask_again(row)
    assert Job.objects.get(kind=requests.ASK).parameters == {"study": study.pk, "remote": elsewhere.pk}
    with keeping(elsewhere):
        assert ask(study, elsewhere) == "committed"
    assert not requests.ask_again(row)


def test_old_ones_are_forgotten(study: Study, elsewhere: Remote) -> None:
    requests.of(study, elsewhere)
    CommitmentRequest.objects.update(created_at=timezone.now() - timedelta(days=100))
    requests.on_minute()
    assert CommitmentRequest.objects.exists()
    CommitmentRequest.objects.update(state=RequestState.COMMITTED)
    requests.on_minute()
    assert not CommitmentRequest.objects.exists()
