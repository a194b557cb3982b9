"""Priors from an archive of the DICOM network: dcmtk's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.audit.models import Event
from apps.jobs.models import Job, State
from apps.remotes.models import ApplicationEntity, Remote
from apps.routing.prefetch import fetching, planning, receivers
from apps.routing.prefetch.models import Occasion, Outcome, Prefetch, PrefetchAnswer, PrefetchSource, When
from apps.worklist.checking_in import check_in
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.remotes.qrscp import Archive, archive
from tests.routing.expecting import fetch_all, prior, source_at, turn
from tests.worklist.arriving import plan

TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.fixture
def old(tmp_path: Path, transactional_db: None, title: ApplicationEntity) -> Iterator[Archive]:
    with archive(tmp_path / "old") as old:
        yield old


@pytest.fixture
def source(old: Archive, title: ApplicationEntity) -> PrefetchSource:
    return source_at(old.remote(title.practice))


def expected(practice: Practice, **facts: Any) -> None:
    """Jane Doe is planned for tomorrow, and the evening has come."""
    plan(practice, start_date=TOMORROW, **facts)
    planning.expect_tomorrow(practice.pk)


def test_the_priors_of_tomorrows_patients_are_fetched(old: Archive, source: PrefetchSource, practice: Practice) -> None:
    old.add(prior(1), prior(2))
    expected(practice)
    answer = fetch_all(source)
    assert (answer.outcome, answer.found, len(answer.studies)) == (Outcome.FETCHED, 2, 2)
    assert Study.objects.filter(practice=practice, source="import from Old archive").count() == 2
    asked = Event.objects.filter(action=Event.Action.QUERY, actor="prefetch")
    assert asked.get().detail == "Old archive answered with 2 studies"


@pytest.mark.parametrize(
    "other", [{"PatientName": "Roe^Richard"}, {"PatientBirthDate": "19800101"}, {"PatientID": "P10"}]
)
def test_somebody_elses_studies_are_not(
    old: Archive, source: PrefetchSource, practice: Practice, other: dict[str, Any]
) -> None:
    old.add(prior(1, **other))
    expected(practice)
    answer = fetch_all(source)
    assert (answer.outcome, answer.studies, answer.differing) == (Outcome.NOTHING, [], answer.found)


def test_what_is_here_is_left_out(old: Archive, source: PrefetchSource, practice: Practice) -> None:
    old.add(prior(1), prior(2))
    keep(practice, prior(1))
    expected(practice)
    answer = fetch_all(source)
    assert (answer.here, answer.studies) == (1, [dicoms.uid(50, 2)])


def test_a_patient_has_so_many_and_the_relevant_come_first(
    old: Archive, source: PrefetchSource, practice: Practice
) -> None:
    PrefetchSource.objects.update(most_studies=1)
    newer = f"{timezone.localdate() - timedelta(days=30):%Y%m%d}"
    old.add(prior(1, StudyDescription="Knee, left"), prior(2, StudyDate=newer))
    expected(practice, description="CT of the knee")
    answer = fetch_all(source)
    assert (answer.studies, answer.left_out) == ([dicoms.uid(50, 1)], 1)


def test_old_studies_are_not_asked_for(old: Archive, source: PrefetchSource, practice: Practice) -> None:
    old.add(prior(1, StudyDate="19900101"))
    expected(practice)
    assert fetch_all(source).found == 0


def test_nothing_is_asked_twice_a_day(old: Archive, source: PrefetchSource, practice: Practice) -> None:
    old.add(prior(1))
    expected(practice)
    fetch_all(source)
    step = plan(practice, start_date=TOMORROW)
    assert planning.expect_tomorrow(practice.pk) == 0
    assert planning.expect(practice.pk, timezone.localdate(), [step], Occasion.CHECK_IN) == 0
    assert PrefetchAnswer.objects.count() == 1


def test_at_check_in_they_are_asked_again_the_day_after(
    old: Archive, source: PrefetchSource, practice: Practice
) -> None:
    step = plan(practice, start_date=TOMORROW)
    planning.expect_tomorrow(practice.pk)
    fetch_all(source)
    old.add(prior(1))
    PrefetchAnswer.objects.update(asked_at=timezone.now() - timedelta(days=1))
    Prefetch.objects.update(day=timezone.localdate())
    check_in(step, Principal.worker(practice.pk), source="tests")
    assert PrefetchAnswer.objects.get().is_urgent
    assert fetch_all(source).outcome == Outcome.FETCHED


def test_a_patient_without_a_number_is_not_looked_for(source: PrefetchSource, practice: Practice) -> None:
    expected(practice, patient_id="*")
    turn(source)
    assert source.answers.get().outcome == Outcome.NOTHING


def test_by_hand_they_are_asked_at_any_time(old: Archive, source: PrefetchSource, practice: Practice) -> None:
    expected(practice)
    fetch_all(source)
    old.add(prior(1))
    assert planning.again(Prefetch.objects.get()) == 1
    assert fetch_all(source).outcome == Outcome.FETCHED


def test_an_import_that_fails_for_good_is_said(old: Archive, source: PrefetchSource, practice: Practice) -> None:
    old.add(prior(1))
    expected(practice)
    turn(source)
    Job.objects.filter(kind=fetching.KIND).update(state=State.FAILED, error="1 of 1 instances did not come.")
    assert not turn(source)
    answer = source.answers.get()
    assert (answer.outcome, answer.detail) == (Outcome.FAILED, "1 of 1 instances did not come.")


class TestAway:
    """An archive that nobody answers at."""

    @pytest.fixture
    def away(self, elsewhere: Remote) -> PrefetchSource:
        return source_at(elsewhere)

    def test_it_rests_and_is_asked_again(self, away: PrefetchSource, practice: Practice) -> None:
        expected(practice)
        assert turn(away)
        away.refresh_from_db()
        answer = away.answers.get()
        assert away.rests_until is not None
        assert (away.failures, answer.outcome, answer.attempts) == (1, Outcome.WAITING, 1)
        assert turn(away)
        assert away.answers.get().attempts == 1

    def test_it_is_given_up_in_the_end(self, away: PrefetchSource, practice: Practice) -> None:
        expected(practice)
        for _ in range(8):
            PrefetchSource.objects.update(rests_until=None)
            turn(away)
        answer = away.answers.get()
        assert answer.outcome == Outcome.FAILED
        assert "Elsewhere" in answer.detail

    def test_it_holds_up_no_other(
        self, away: PrefetchSource, old: Archive, source: PrefetchSource, practice: Practice
    ) -> None:
        old.add(prior(1))
        expected(practice)
        assert {job.key for job in Job.objects.filter(kind=planning.KIND)} == {str(away.pk), str(source.pk)}
        turn(away)
        assert fetch_all(source).outcome == Outcome.FETCHED

    def test_yesterdays_patients_are_not_asked_for(self, away: PrefetchSource, practice: Practice) -> None:
        expected(practice)
        Prefetch.objects.update(day=timezone.localdate() - timedelta(days=1))
        assert not turn(away)
        assert away.answers.get().detail == "The day was over before the archive had given them."

    def test_planned_for_today_is_as_good_as_here(self, away: PrefetchSource, practice: Practice, db: None) -> None:
        receivers.on_step_changed(step=plan(practice), previous=None)
        assert Prefetch.objects.get().occasion == Occasion.PLANNED

    def test_one_for_the_evening_is_not_asked_then(self, away: PrefetchSource, practice: Practice) -> None:
        PrefetchSource.objects.update(when=When.EVENING)
        receivers.on_step_changed(step=plan(practice), previous=None)
        assert not Prefetch.objects.exists()
