"""Performed procedure steps: what devices may say when, and with which status they are answered (PS3.4 F.7)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.dicom.network.command import Status
from apps.dimse.server import Server
from apps.dimse.services.performed import NO_LONGER_UPDATED
from apps.remotes.models import Service
from apps.worklist import scheduling
from apps.worklist.models import PerformedStep, ScheduledStep, StepState
from tests import dicoms
from tests.dimse import nodes
from tests.dimse.planning import PERFORMED, Modality, begun, dataset, ended, plan

UID = dicoms.uid(70, 1)
OTHER = dicoms.uid(70, 2)


@pytest.fixture
def step(server: Server, practice: Practice) -> ScheduledStep:
    return plan(practice)


def state(step: ScheduledStep) -> str:
    step.refresh_from_db()
    return step.state


@pytest.mark.parametrize(("status", "last"), [("COMPLETED", StepState.COMPLETED), ("DISCONTINUED", "discontinued")])
def test_a_step_is_begun_and_ended_by_its_device(port: int, step: ScheduledStep, status: str, last: str) -> None:
    with Modality(port) as modality:
        assert modality.create(begun(step), UID).Status == Status.SUCCESS
        assert state(step) == StepState.IN_PROGRESS
        assert modality.set(ended(status), UID).Status == Status.SUCCESS
    assert state(step) == last
    performed = PerformedStep.objects.get()
    assert (performed.state, performed.station_title, performed.remote.title) == (status, "PANO", nodes.THEIRS)  # type: ignore[union-attr]
    assert (performed.started_at, performed.ended_at) == (step.started_at, step.ended_at)
    assert step.ended_at == datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
    assert list(performed.steps.all()) == [step]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"PerformedProcedureStepStatus": "COMPLETED"}, Status.INVALID_ATTRIBUTE_VALUE),
        ({"PerformedProcedureStepStatus": "STARTED"}, Status.INVALID_ATTRIBUTE_VALUE),
        ({"PerformedProcedureStepStatus": None}, Status.MISSING_ATTRIBUTE),
        ({"ScheduledStepAttributesSequence": None}, Status.MISSING_ATTRIBUTE),
        ({"ScheduledStepAttributesSequence": []}, Status.MISSING_ATTRIBUTE_VALUE),
        ({"ScheduledStepAttributesSequence": [dataset(AccessionNumber="A1")]}, Status.MISSING_ATTRIBUTE),
        ({"PerformedProcedureStepStartTime": ""}, Status.MISSING_ATTRIBUTE_VALUE),
        ({"PerformedProcedureStepStartDate": "20261399"}, Status.INVALID_ATTRIBUTE_VALUE),
        ({"Modality": None}, Status.MISSING_ATTRIBUTE),
    ],
)
def test_what_no_step_begins_with_is_declined(
    port: int, step: ScheduledStep, changed: dict[str, Any], status: int
) -> None:
    with Modality(port) as modality:
        assert modality.create(begun(step, **changed), UID).Status == status
    assert not PerformedStep.objects.exists()
    assert state(step) == StepState.SCHEDULED


def test_a_step_that_is_created_twice_is_one(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        assert modality.create(begun(step), UID).Status == Status.DUPLICATE_SOP_INSTANCE
    assert PerformedStep.objects.count() == 1
    assert state(step) == StepState.IN_PROGRESS


def test_saying_it_again_finds_a_step_that_was_planned_in_between(port: int, practice: Practice) -> None:
    late = {"step_id": "LATE", "study_instance_uid": "1.2.3.4.5"}
    said = begun()
    said.ScheduledStepAttributesSequence[0].ScheduledProcedureStepID = "LATE"
    with Modality(port) as modality:
        modality.create(said, UID)
        step = plan(practice, **late)
        assert modality.create(said, UID).Status == Status.DUPLICATE_SOP_INSTANCE
    assert state(step) == StepState.IN_PROGRESS


def test_nothing_is_set_of_a_step_that_nobody_knows(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        assert modality.set(ended(), UID).Status == Status.NO_SUCH_OBJECT_INSTANCE
    assert state(step) == StepState.SCHEDULED


@pytest.mark.parametrize("again", ["COMPLETED", "DISCONTINUED", "IN PROGRESS"])
def test_nothing_is_set_after_the_end(port: int, step: ScheduledStep, again: str) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        modality.set(ended(), UID)
        answer = modality.set(ended(again), UID)
        assert modality.create(begun(step), UID).Status == Status.DUPLICATE_SOP_INSTANCE
    assert (answer.Status, answer.ErrorID) == (Status.PROCESSING_FAILURE, NO_LONGER_UPDATED)
    assert answer.ErrorComment == "Performed Procedure Step Object may no longer be updated"
    assert state(step) == StepState.COMPLETED


def test_a_status_that_is_none_changes_nothing(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        assert modality.set(ended("DONE"), UID).Status == Status.INVALID_ATTRIBUTE_VALUE
        assert modality.set(dataset(StudyID="7", PerformedProcedureStepDescription="Pano"), UID).Status == 0x0107
    performed = PerformedStep.objects.get()
    assert performed.state == "IN PROGRESS"
    assert performed.dataset["00400254"]["Value"] == ["Pano"]
    assert "Value" not in performed.dataset["00200010"]


def test_what_may_not_be_set_stays_and_is_told(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        assert modality.set(ended(PatientID="P1"), UID).Status == Status.SUCCESS
        modality.create(begun(step), OTHER)
        answer = modality.set(ended(PatientID="P9"), OTHER)
    assert answer.Status == Status.ATTRIBUTE_LIST_ERROR
    assert "00100020" in answer.ErrorComment
    performed = PerformedStep.objects.get(sop_instance_uid=OTHER)
    assert (performed.state, performed.dataset["00100020"]["Value"]) == ("COMPLETED", ["P1"])


def test_a_step_without_a_uid_gets_one(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        answer = modality.create(begun(step), None)
    assert answer.Status == Status.SUCCESS
    assert PerformedStep.objects.get().sop_instance_uid.startswith("2.25.")


def test_what_nobody_planned_is_kept(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        assert modality.create(begun(), UID).Status == Status.SUCCESS
        assert modality.set(ended(), UID).Status == Status.SUCCESS
    assert not PerformedStep.objects.get().steps.exists()
    assert state(step) == StepState.SCHEDULED


@pytest.mark.parametrize(
    ("reference", "patient_id", "is_meant"),
    [
        ({"StudyInstanceUID": "1.2.9"}, "P1", True),
        ({"StudyInstanceUID": "1.2.9"}, "P9", False),
        ({"StudyInstanceUID": "1.2.9", "AccessionNumber": "OTHER"}, "P1", False),
        ({"ScheduledProcedureStepID": ""}, "P9", True),
        ({"ScheduledProcedureStepID": "OTHER"}, "P1", False),
    ],
)
def test_a_step_is_meant_where_more_than_its_id_agrees(
    port: int, step: ScheduledStep, reference: dict[str, str], patient_id: str, is_meant: bool
) -> None:
    said = begun(step, PatientID=patient_id)
    said.ScheduledStepAttributesSequence[0].update(dataset(**reference))
    with Modality(port) as modality:
        modality.create(said, UID)
    assert (state(step) == StepState.IN_PROGRESS) is is_meant


def test_a_step_ends_with_the_last_of_what_was_performed_of_it(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        modality.create(begun(step), OTHER)
        modality.set(ended("DISCONTINUED"), UID)
        assert state(step) == StepState.IN_PROGRESS
        modality.set(ended(), OTHER)
    assert state(step) == StepState.COMPLETED


def test_a_step_that_was_given_up_is_begun_anew(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        why = dataset(CodeValue="110501", CodingSchemeDesignator="DCM", CodeMeaning="Equipment failure")
        reasons = {"PerformedProcedureStepDiscontinuationReasonCodeSequence": [why]}
        modality.set(ended("DISCONTINUED", **reasons), UID)
        assert (state(step), step.reason) == (StepState.DISCONTINUED, "Equipment failure")
        modality.create(begun(step), OTHER)
    assert state(step) == StepState.IN_PROGRESS


def test_several_steps_are_performed_at_once(port: int, step: ScheduledStep, practice: Practice) -> None:
    second = plan(practice, study_instance_uid=step.study_instance_uid)
    said = begun(step)
    said.ScheduledStepAttributesSequence.append(begun(second).ScheduledStepAttributesSequence[0])
    with Modality(port) as modality:
        modality.create(said, UID)
        modality.set(ended(), UID)
    assert state(step) == state(second) == StepState.COMPLETED


def test_a_device_counts_more_than_a_cancellation(port: int, step: ScheduledStep, practice: Practice) -> None:
    scheduling.cancel(step, Principal.worker(practice.pk, "tests", frozenset({scheduling.PLANNING})))
    with Modality(port) as modality:
        assert modality.create(begun(step), UID).Status == Status.SUCCESS
    assert state(step) == StepState.IN_PROGRESS


def test_a_performed_step_is_read_again(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step, PatientName="Łukasz^Żółć", SpecificCharacterSet="ISO_IR 101"), UID)
        answer, attributes = modality.get(UID, [0x00100010, 0x00400252])
        everything = modality.get(UID, [])[1]
        lacking, _ = modality.get(UID, [0x00101030])
        unknown, _ = modality.get(OTHER, [])
    assert (answer.Status, lacking.Status, unknown.Status) == (Status.SUCCESS, 0x0107, Status.NO_SUCH_OBJECT_INSTANCE)
    assert attributes is not None
    assert everything is not None
    assert (str(attributes.PatientName), attributes.SpecificCharacterSet) == ("Łukasz^Żółć", "ISO_IR 101")
    assert everything.PerformedStationAETitle == "PANO"


def test_another_practice_s_step_is_not_there(
    port: int, step: ScheduledStep, practice: Practice, other_practice: Practice
) -> None:
    theirs = PerformedStep.objects.create(practice=other_practice, sop_instance_uid=UID, dataset={})
    with Modality(port) as modality:
        assert modality.set(ended(), UID).Status == Status.NO_SUCH_OBJECT_INSTANCE
        assert modality.create(begun(step), UID).Status == Status.SUCCESS
    theirs.refresh_from_db()
    assert theirs.state == "IN PROGRESS"


def test_who_may_not_report_is_offered_nothing(port: int, step: ScheduledStep, practice: Practice) -> None:
    nodes.add_remote(practice, "SENDER", Service.STORE)
    with nodes.calling(port, [(PERFORMED, [nodes.EXPLICIT])], calling="SENDER") as association:
        assert not association.contexts


def test_each_report_is_on_record(port: int, step: ScheduledStep) -> None:
    with Modality(port) as modality:
        modality.create(begun(step), UID)
        modality.set(ended(), UID)
    events = Event.objects.filter(action=Event.Action.SCHEDULE, source="MPPS").order_by("pk")
    details = [event.detail for event in events]
    assert details == [
        f"step {step.step_id} in progress", f"performed step {UID} created: in progress",
        f"step {step.step_id} completed", f"performed step {UID} set: completed",
    ]  # fmt: skip
    assert {event.actor for event in events} == {nodes.THEIRS}
    assert not any("Doe" in detail for detail in details)


def test_attributes_that_can_t_be_read_are_declined(port: int, step: ScheduledStep) -> None:
    with nodes.calling(port, [(PERFORMED, [nodes.EXPLICIT])]) as association:
        answer = nodes.ask(association, nodes.Field.N_CREATE, b"\xff" * 40, AFFECTED_SOP_INSTANCE=UID)
        assert answer.command.status == Status.PROCESSING_FAILURE
        answer = nodes.ask(association, nodes.Field.N_CREATE, AFFECTED_SOP_INSTANCE=UID)
        assert answer.command.status == Status.MISSING_ATTRIBUTE
