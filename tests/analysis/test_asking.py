"""Who may ask for which analysis, when a run is begun and when not, and stopping and removing one."""

from dataclasses import replace
from typing import Any

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis import asking, kinds
from apps.analysis.models import Analysis
from apps.archive.models import Instance, Series, Study
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.jobs.models import Job, State
from tests.analysis.conftest import NAME, Copies, store, stored, work, worked
from tests.conftest import user_of
from tests.dicoms import SERIES_UID, STUDY_UID, ct_slice, uid
from tests.rights import give

pytestmark = pytest.mark.django_db


def ask(who: Principal, again: bool = False, **given: Any) -> asking.Asked:
    return asking.ask(who, STUDY_UID, NAME, given, again=again, source="test")


def wrong_with(error: Invalid) -> set[str]:
    return {field for field, _ in error.errors}


def test_it_is_a_row_with_a_job_and_on_record(who: Principal, study: Study, copies: Copies) -> None:
    asked = ask(who, howMany=3)
    row = asked.analysis
    assert asked.is_started
    assert (row.state, row.run, row.requested_by_id) == (State.QUEUED, 0, who.user_id)
    assert row.parameters == {
        "series": SERIES_UID, "howMany": 3, "brightness": 1.0, "look": "plain", "isMarked": False,
    }  # fmt: skip
    assert row.job is not None
    assert (row.job.kind, row.job.practice_id, row.job.parameters) == (
        "analysis",
        study.practice_id,
        {"analysis": row.pk},
    )
    event = Event.objects.get(detail__contains="asked for")
    assert (event.actor, event.study_instance_uid, event.source) == ("nora", STUDY_UID, "test")


def test_the_same_with_its_defaults_said_is_the_same_row(who: Principal, study: Study, copies: Copies) -> None:
    first = ask(who).analysis
    again = ask(who, howMany=2, look="plain", brightness=1)
    assert (again.analysis.pk, again.is_started) == (first.pk, False)
    assert ask(who, howMany=3).analysis.pk != first.pk
    assert Job.objects.filter(kind=asking.JOB).count() == 2


def test_what_is_there_already_is_not_made_again_unless_it_is_wanted(
    who: Principal, study: Study, copies: Copies
) -> None:
    row = worked(ask(who).analysis)
    assert row.state == State.DONE
    assert not ask(who).is_started
    assert ask(who, again=True).is_started
    assert not ask(who, again=True).is_started, "it is at work"


def test_it_is_made_again_when_the_images_have_changed(
    who: Principal, practice: Practice, study: Study, copies: Copies
) -> None:
    worked(ask(who).analysis)
    store(practice, [ct_slice(InstanceNumber=9)])
    assert ask(who).is_started


def test_it_is_made_again_by_newer_code(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(ask(who).analysis)
    monkeypatch.setattr("apps.analysis.results.VERSION", "9.9")
    assert ask(who).is_started


def test_it_is_made_again_when_its_result_or_a_part_of_it_was_deleted(
    who: Principal, study: Study, copies: Copies
) -> None:
    row = worked(ask(who).analysis)
    own = Instance.objects.filter(series__series_instance_uid=row.series_instance_uids[0])
    own.order_by("pk")[0].delete()
    assert ask(who).is_started


def test_it_is_made_again_after_it_has_failed(who: Principal, study: Study, copies: Copies) -> None:
    copies.error = Conflict("These images show nothing.")
    row = worked(ask(who).analysis)
    assert (row.state, row.error) == (State.FAILED, "These images show nothing.")
    copies.error = None
    assert ask(who).is_started


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"howMany": 21}, {"parameters.howMany"}),
        ({"howMany": "many", "look": "round"}, {"parameters.howMany", "parameters.look"}),
        ({"howmany": 2}, {"parameters.howmany"}),
        ({"series": "1.2.3"}, {"parameters.series"}),
        ({"brightness": "nan"}, {"parameters.brightness"}),
        ({"arch": ["inf"]}, {"parameters.arch.0"}),
        ({"arch": [1.0, "x"]}, {"parameters.arch.1"}),
        ({"arch": "x"}, {"parameters.arch"}),
    ],
)
def test_wrong_parameters_are_named(
    who: Principal, study: Study, copies: Copies, given: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        ask(who, **given)
    assert wrong_with(caught.value) == wrong
    assert not Analysis.objects.exists()


def test_a_kind_that_there_is_not(who: Principal, study: Study, copies: Copies) -> None:
    with pytest.raises(Invalid) as caught:
        asking.ask(who, STUDY_UID, "pictures", {})
    assert wrong_with(caught.value) == {"kind"}


def test_two_kinds_of_one_name_are_refused(copies: Copies) -> None:
    known = kinds.find(NAME)
    assert known is not None
    with pytest.raises(ValueError, match=NAME):
        kinds.register(known)
    assert kinds.every() == [known]


def test_who_may_only_look_is_refused(practice: Practice, study: Study, copies: Copies) -> None:
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    with pytest.raises(Refused):
        ask(Principal.of(viewer))
    assert not asking.may_analyse(Principal.of(viewer), study)


def test_who_may_not_look_learns_nothing(practice: Practice, stranger: User, study: Study, copies: Copies) -> None:
    blind = User.objects.create_user("bert", practice=practice)
    give(blind, practice, Permission.ANALYSE)
    for user in (stranger, blind):
        with pytest.raises(NotFound):
            ask(Principal.of(user))


def test_of_the_same_study_in_two_practices_the_active_ones_is_analysed(
    who: Principal, user: User, other_practice: Practice, study: Study, copies: Copies
) -> None:
    store(other_practice, [ct_slice()])
    give(user, other_practice)
    both = Principal.of(user)
    assert ask(both).analysis.study_id == study.pk
    theirs = worked(ask(replace(both, practice_id=other_practice.pk)).analysis)
    assert theirs.study.practice_id == other_practice.pk
    assert asking.rerun(both, theirs).analysis.pk == theirs.pk
    with pytest.raises(Refused):
        asking.rerun(Principal.worker(other_practice.pk, permissions=frozenset({Permission.VIEW})), theirs)


def test_rows_and_waiting_ones_are_bounded(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_OF_STUDY", 1)
    worked(ask(who).analysis)
    with pytest.raises(Conflict):
        ask(who, howMany=3)
    assert ask(who, again=True).is_started
    monkeypatch.setattr(asking, "MOST_OF_STUDY", 9)
    monkeypatch.setattr(asking, "MOST_WAITING", 1)
    with pytest.raises(Conflict):
        ask(who, howMany=3)


def test_what_waits_is_cancelled_at_once(who: Principal, study: Study, copies: Copies) -> None:
    row = asking.cancel(who, ask(who).analysis)
    assert row.state == State.CANCELLED
    with pytest.raises(Conflict):
        asking.cancel(who, row)
    Job.objects.all().delete()
    row.refresh_from_db()
    assert (row.state, row.is_ended) == (State.CANCELLED, True)
    with pytest.raises(Conflict):
        asking.cancel(who, row)


def test_anothers_is_for_administrators_to_stop_and_for_who_may_delete_to_remove(
    who: Principal, practice: Practice, study: Study, copies: Copies
) -> None:
    row = ask(who).analysis
    colleague = User.objects.create_user("cora", practice=practice)
    give(colleague, practice, Permission.VIEW, Permission.ANALYSE)
    for deed in (asking.cancel, asking.remove):
        with pytest.raises(Refused):
            deed(Principal.of(colleague), row)
    assert not asking.may_cancel(Principal.of(colleague), row)
    chief = Principal.of(user_of(practice, "carl"))
    assert asking.may_cancel(chief, row)
    assert asking.cancel(chief, row).is_ended


def test_removing_takes_the_result_away_and_nothing_else(who: Principal, study: Study, copies: Copies) -> None:
    row = worked(ask(who).analysis)
    assert len(stored(row)) == 2
    assert asking.may_remove(who, row)
    asking.remove(who, row, source="test")
    assert not Analysis.objects.exists()
    assert list(Series.objects.values_list("series_instance_uid", flat=True)) == [SERIES_UID]
    removed = Event.objects.get(detail__contains="removed")
    assert (removed.actor, removed.action) == ("nora", Event.Action.DELETE)
    assert Event.objects.filter(source="analysis, removed", on_behalf_of="nora").exists()


def test_what_is_at_work_is_not_removed(who: Principal, study: Study, copies: Copies) -> None:
    row = worked(ask(who).analysis)
    before = stored(row)
    again = ask(who, again=True).analysis
    with pytest.raises(Conflict):
        asking.remove(who, again)
    assert stored(row) == before
    work(again)


def test_removing_the_last_series_of_a_study_takes_its_row_along(who: Principal, study: Study, copies: Copies) -> None:
    row = worked(ask(who).analysis)
    series = Series.objects.get(series_instance_uid=SERIES_UID)
    series.delete()
    asking.remove(who, row)
    assert not Study.objects.exists()
    assert not Analysis.objects.exists()


def test_the_names_of_uids_are_the_tests_own() -> None:
    assert uid(1) == STUDY_UID
