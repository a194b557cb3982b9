"""Deleting here what its destinations keep: only that, and only where nothing speaks against it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive import lifecycle
from apps.archive.models import Correction, Instance, Study, StudyLabel
from apps.archive.storage import site_objects
from apps.audit.models import Event
from apps.core.errors import Conflict
from apps.jobs.handle import Later
from apps.remotes.models import Remote
from apps.routing.commitments import clearing, requests, running
from apps.routing.models import Arrival, CommitmentRequest, OutgoingState, RequestState, Rule
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.routing.keeping import deleting_rule, deliver, sent


@pytest.fixture
def second(practice: Practice, elsewhere: Remote) -> Remote:
    return Remote.objects.create(practice=practice, name="Cloud", title="CLOUD", host="127.0.0.1", port=1)


@pytest.fixture
def rule(practice: Practice, elsewhere: Remote, second: Remote) -> Rule:
    return deleting_rule(practice, elsewhere, second)


@pytest.fixture
def study(rule: Rule) -> Study:
    return sent(rule)


def commit(study: Study, *remotes: Remote) -> None:
    """These have committed themselves to keep the study as it is."""
    for remote in remotes:
        for row in requests.of(study, remote):
            row.state = RequestState.COMMITTED
            row.save()


def clear(study: Study) -> str:
    try:
        return running.clear(study.pk)
    except Later:
        return "later"


def notes() -> set[str]:
    return set(CommitmentRequest.objects.values_list("note", flat=True))


def test_what_all_destinations_keep_is_deleted_on_record(study: Study, elsewhere: Remote, second: Remote) -> None:
    key = Instance.objects.values_list("file_key", flat=True)[0]
    commit(study, elsewhere, second)
    assert clear(study) == "deleted"
    assert not Study.objects.exists()
    event = Event.objects.get(action=Event.Action.DELETE)
    assert (event.actor, event.source, event.count) == ("rule To the cloud", "storage commitment", 3)
    assert event.study_instance_uid == dicoms.STUDY_UID
    rows = CommitmentRequest.objects.all()
    assert all(row.deleted_at and row.study_instance_uid == dicoms.STUDY_UID for row in rows)
    assert site_objects().size(key) is None


def test_one_destination_is_not_enough(study: Study, elsewhere: Remote) -> None:
    commit(study, elsewhere)
    assert clear(study) == "later"
    assert Study.objects.exists()


def more_came(study: Study) -> None:
    keep(study.practice, dicoms.ct_slice(InstanceNumber=4))


def has_arrived(study: Study) -> None:
    Arrival.objects.create(practice=study.practice, study=study, arrived_at=timezone.now())


def is_to_go_on(study: Study) -> None:
    third = Remote.objects.create(practice=study.practice, name="Hospital")
    deliver(study, third, None, OutgoingState.WAITING)


def was_not_taken(study: Study) -> None:
    third = Remote.objects.create(practice=study.practice, name="Hospital")
    deliver(study, third, None, OutgoingState.FAILED)


def is_labelled(study: Study) -> None:
    StudyLabel.objects.create(study=study, name="trial")


def has_two_patients(study: Study) -> None:
    Study.objects.update(has_other_patient=True)


def rule_is_off(study: Study) -> None:
    Rule.objects.update(is_active=False)


def rule_keeps(study: Study) -> None:
    Rule.objects.update(deletes=False)


def rule_has_another(study: Study) -> None:
    Rule.objects.get().destinations.add(Remote.objects.create(practice=study.practice, name="Hospital"))


@pytest.mark.parametrize(
    ("happens", "word"),
    [
        (more_came, ""),
        (has_arrived, "just arrived"),
        (is_to_go_on, "to go to Hospital"),
        (was_not_taken, "to go to Hospital"),
        (is_labelled, "label trial"),
        (has_two_patients, "Patient IDs"),
        (rule_is_off, "Not every destination"),
        (rule_keeps, "Not every destination"),
        (rule_has_another, "Not every destination"),
    ],
)
def test_it_stays_where_anything_speaks_against_it(
    study: Study, elsewhere: Remote, second: Remote, happens: Callable[[Study], Any], word: str
) -> None:
    commit(study, elsewhere, second)
    happens(study)
    clear(study)
    assert Study.objects.exists()
    assert not Event.objects.filter(action=Event.Action.DELETE).exists()
    (note,) = notes()
    assert word in note


def test_what_comes_at_the_last_moment_stays(study: Study, elsewhere: Remote, second: Remote) -> None:
    """The study changes between the look at it and its deletion."""
    commit(study, elsewhere, second)
    looked_at = Study.objects.get()
    more_came(study)
    kept = clearing.clear(looked_at)
    assert kept is not None
    assert kept.why == "The study has changed since it was looked at."
    assert Study.objects.get().instance_count == 4


def test_it_is_not_looked_at_for_ever(study: Study, elsewhere: Remote, second: Remote) -> None:
    commit(study, elsewhere, second)
    is_to_go_on(study)
    CommitmentRequest.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert clear(study) == "It still has to go to Hospital."


def test_a_correction_after_sending_keeps_it(study: Study, elsewhere: Remote) -> None:
    assert not clearing.was_changed(study, elsewhere.pk)
    Correction.objects.create(
        practice=study.practice, kind="edit", patient=study.patient, study=study, made_by="nora", reason="typo"
    )
    assert clearing.was_changed(study, elsewhere.pk)


def test_another_practice_s_study_of_the_same_uid_stays(
    study: Study, elsewhere: Remote, second: Remote, other_practice: Practice
) -> None:
    keep(other_practice, *dicoms.ct_series(3))
    commit(study, elsewhere, second)
    assert clear(study) == "deleted"
    assert Study.objects.get().practice == other_practice


def test_a_version_that_is_not_there_any_more_is_a_conflict(study: Study) -> None:
    with pytest.raises(Conflict):
        lifecycle.delete_study(Principal.worker(study.practice_id), study.study_instance_uid, version=study.version + 1)
    assert Study.objects.exists()
