"""Planning steps and moving them on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.dicom.uids import is_strict_uid
from apps.worklist import scheduling
from apps.worklist.events import step_changed
from apps.worklist.items import STEP_SEQUENCE, attributes_of
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.scheduling import MOVES, Planned
from tests.rights import give
from tests.worklist.planned import PLAN, plan, planner

DOES = {
    StepState.SCHEDULED: scheduling.reopen,
    StepState.IN_PROGRESS: scheduling.start,
    StepState.COMPLETED: scheduling.complete,
    StepState.DISCONTINUED: scheduling.discontinue,
    StepState.CANCELLED: scheduling.cancel,
    StepState.EXPIRED: scheduling.expire,
}


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str | None]]]:
    told: list[tuple[str, str | None]] = []

    def hear(step: ScheduledStep, previous: StepState | None, **_: Any) -> None:
        told.append((step.state, previous))

    step_changed.connect(hear)
    yield told
    step_changed.disconnect(hear)


def test_what_nobody_gives_is_made(practice: Practice) -> None:
    one, other = plan(practice), plan(practice)
    assert is_strict_uid(one.study_instance_uid)
    assert one.step_id == one.accession_number == one.requested_procedure_id
    assert one.step_id.startswith("240517-")
    assert len(one.step_id) <= 16
    assert (one.step_id, one.study_instance_uid) != (other.step_id, other.study_instance_uid)
    assert (one.state, one.source) == (StepState.SCHEDULED, "test")


def test_what_is_given_stays(practice: Practice) -> None:
    given = {"step_id": "S1", "accession_number": "A1", "study_instance_uid": "1.2.3", "requested_procedure_id": "R1"}
    step = plan(practice, **given)
    assert {name: getattr(step, name) for name in given} == given
    changed = scheduling.change(step, PLAN, planner(practice))
    assert {name: getattr(changed, name) for name in given} == given


def test_two_steps_of_one_procedure_share_its_numbers(practice: Practice) -> None:
    one = plan(practice)
    other = plan(practice, accession_number=one.accession_number, study_instance_uid=one.study_instance_uid)
    assert other.accession_number == one.accession_number
    assert other.step_id != one.step_id


def test_the_answer_is_ready_made(practice: Practice) -> None:
    extra = {"00102110": {"vr": "LO", "Value": ["Latex"]}, STEP_SEQUENCE: {"vr": "SQ", "Value": [{
        "00400012": {"vr": "LO", "Value": ["None"]}, "00080060": {"vr": "CS", "Value": ["CT"]}}]}}  # fmt: skip
    item = attributes_of(plan(practice, patient_name="Yamada^Tarou=山田^太郎", attributes=extra).item)
    (step,) = item[STEP_SEQUENCE]["Value"]
    assert item["00100010"]["Value"] == [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]
    assert item["00102110"]["Value"] == ["Latex"]
    assert item["00101030"] == {"vr": "DS"}
    assert step["00400012"]["Value"] == ["None"]
    assert step["00080060"]["Value"] == ["PX"], "What has a column is said there"
    assert (step["00400002"]["Value"], step["00400003"]["Value"]) == (["20240517"], ["093000"])
    assert step["00400020"]["Value"] == ["SCHEDULED"]


@pytest.mark.parametrize("target", DOES, ids=str)
@pytest.mark.parametrize("state", StepState, ids=str)
def test_a_step_moves_as_it_may(practice: Practice, state: StepState, target: StepState) -> None:
    step = plan(practice)
    ScheduledStep.objects.update(state=state)
    if state in MOVES[target]:
        assert DOES[target](step, planner(practice)).state == target
    else:
        with pytest.raises(Conflict, match=str(state.label)):
            DOES[target](step, planner(practice))
    step.refresh_from_db()
    assert step.state == (target if state in MOVES[target] else state)


def test_its_times_are_kept_and_its_answer_follows(practice: Practice) -> None:
    step = scheduling.start(plan(practice), planner(practice))
    assert step.started_at is not None
    assert attributes_of(step.item)[STEP_SEQUENCE]["Value"][0]["00400020"]["Value"] == ["STARTED"]
    step = scheduling.discontinue(step, planner(practice), reason="The patient was unwell")
    assert step.ended_at is not None
    assert step.reason == "The patient was unwell"
    assert scheduling.start(step, planner(practice)).ended_at is None


def test_a_change_is_what_differs(practice: Practice) -> None:
    step = plan(practice)
    changed = scheduling.change(
        step, replace(Planned.of(step), start_time=time(11), location="Room 2"), planner(practice)
    )
    assert (changed.start_time, changed.location) == (time(11), "Room 2")
    assert Event.objects.latest("pk").detail == f"step {step.step_id} changed: start_time, location"
    count = Event.objects.count()
    scheduling.change(changed, Planned.of(changed), planner(practice))
    assert Event.objects.count() == count


def test_an_expired_step_is_scheduled_again_and_a_begun_one_stays(practice: Practice) -> None:
    step = scheduling.expire(plan(practice), planner(practice))
    step = scheduling.change(step, Planned.of(step), planner(practice))
    assert (step.state, step.ended_at) == (StepState.SCHEDULED, None)
    scheduling.start(step, planner(practice))
    with pytest.raises(Conflict, match="In progress"):
        scheduling.change(step, PLAN, planner(practice))


def test_each_move_is_told_after_the_commit(
    practice: Practice, heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        scheduling.cancel(plan(practice), planner(practice))
        assert heard == []
    assert heard == [("scheduled", None), ("cancelled", "scheduled")]


def test_it_is_on_record_without_a_name(practice: Practice) -> None:
    step = plan(practice)
    scheduling.cancel(step, planner(practice), reason="Called off", source="admin")
    planned, cancelled = Event.objects.filter(action=Event.Action.SCHEDULE).order_by("pk")
    assert (planned.actor, planned.source, planned.practice_id) == ("planner", "test", practice.pk)
    assert (cancelled.detail, cancelled.reason) == (f"step {step.step_id} cancelled", "Called off")
    assert planned.patient
    assert planned.patient == cancelled.patient
    assert "Doe" not in planned.detail + cancelled.detail


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"patient_name": "A" * 65}, "name"),
        ({"patient_name": ""}, "name"),
        ({"patient_id": "1\\2"}, "ID"),
        ({"patient_birth_date": "1980-01-02"}, "YYYYMMDD"),
        ({"modality": "px"}, "capital"),
        ({"modality": ""}, "Modality"),
        ({"station_titles": "A" * 17}, "AE titles"),
        ({"study_instance_uid": "1..2"}, "UID"),
        ({"accession_number": "1" * 17}, "16"),
        ({"minutes": 0}, "1"),
        ({"priority": "NOW"}, "NOW"),
        ({"attributes": {f"{tag:08X}": {"vr": "LO"} for tag in range(101)}}, "100"),
        ({"attributes": {"00104000": {"vr": "LT", "Value": ["x" * 70_000]}}}, "65536"),
    ],
)
def test_what_is_wrong_is_said(practice: Practice, changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Invalid, match=word):
        plan(practice, **changes)
    assert not ScheduledStep.objects.exists()


@pytest.mark.parametrize("name", ["step_id", "external_id"])
def test_a_number_is_given_once_in_a_practice(practice: Practice, other_practice: Practice, name: str) -> None:
    plan(practice, **{name: "S1"})
    plan(other_practice, **{name: "S1"})
    with pytest.raises(Invalid, match="already"):
        plan(practice, **{name: "S1"})


def test_who_may_not_plan(practice: Practice, stranger: User) -> None:
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    step = plan(practice)
    for who, error in ((Principal.of(viewer), Refused), (Principal.of(stranger), NotFound)):
        with pytest.raises(error):
            scheduling.schedule(practice.pk, PLAN, who)
        with pytest.raises(error):
            scheduling.change(step, PLAN, who)
        with pytest.raises(error):
            scheduling.cancel(step, who)
    assert list(ScheduledStep.objects.visible_to(viewer)) == [step]
    assert not ScheduledStep.objects.visible_to(stranger).exists()
