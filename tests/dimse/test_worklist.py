"""The Modality Worklist as pynetdicom's and dcmtk's clients ask for it (PS3.4 K)."""

from datetime import time
from typing import Any

import pytest
from pydicom import Dataset

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from apps.dicom.network.command import Status
from apps.dimse.server import Server
from apps.dimse.services import worklist as service
from apps.remotes.models import Service
from apps.worklist.models import ScheduledStep
from tests.dimse import nodes
from tests.dimse.finding import find, findscu, responses
from tests.dimse.planning import DAY, WORKLIST, dataset, plan, worklist

Steps = list[ScheduledStep]


@pytest.fixture
def steps(server: Server, practice: Practice) -> Steps:
    """Jane at the panoramic device at ten, John at the scanner at eleven, Jane again the day after, at any device."""
    tomorrow = DAY.replace(day=3)
    return [
        plan(practice, step_id="S1"),
        plan(
            practice, step_id="S2", patient_id="P2", patient_name="Roe^John", modality="CT",
            station_titles="SCANNER", start_time=time(11), performing_physician="Bone^Bea",
        ),
        plan(practice, step_id="S3", start_date=tomorrow, start_time=None, station_titles=""),
    ]  # fmt: skip


def ids(port: int, asked: Dataset, **how: Any) -> list[str]:
    """The steps that are found, in the order in which they come."""
    found = find(port, asked, model=WORKLIST, **how)
    assert found.status == Status.SUCCESS
    return [match.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID for match in found.matches]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["S1", "S2", "S3"]),
        ({"Modality": "CT"}, ["S2"]),
        ({"ScheduledStationAETitle": "PANO"}, ["S1", "S3"]),
        ({"ScheduledProcedureStepStartDate": "20260302"}, ["S1", "S2"]),
        ({"ScheduledProcedureStepStartDate": "20260303-"}, ["S3"]),
        ({"ScheduledProcedureStepStartTime": "103000-"}, ["S2", "S3"]),
        ({"ScheduledPerformingPhysicianName": "bone*"}, ["S2"]),
        ({"ScheduledProcedureStepID": "S3"}, ["S3"]),
        ({"Modality": "ZZ"}, []),
        ({"ScheduledStationAETitle": "NOBODY", "ScheduledProcedureStepStartDate": "20260302"}, []),
    ],
)
@pytest.mark.parametrize("syntax", [nodes.IMPLICIT, nodes.EXPLICIT])
def test_keys_of_the_step_match(
    port: int, steps: Steps, keys: dict[str, str], expected: list[str], syntax: str
) -> None:
    assert ids(port, worklist(keys), syntax=syntax) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [({"PatientID": "P2"}, ["S2"]), ({"PatientName": "doe*"}, ["S1", "S3"]), ({"PatientName": "Nobody"}, [])],
)
def test_keys_of_the_patient_match(port: int, steps: Steps, keys: dict[str, str], expected: list[str]) -> None:
    assert ids(port, worklist(**keys)) == expected


def test_answers_hold_what_was_asked_for_and_nothing_else(port: int, steps: Steps) -> None:
    asked = dataset(PatientWeight=None, AccessionNumber="", RequestedProcedureCodeSequence=[])
    asked.ScheduledProcedureStepSequence = [dataset(Modality="PX", ScheduledStationName="")]
    first, *_ = find(port, asked, model=WORKLIST).matches
    assert [element.keyword for element in first] == [
        "AccessionNumber", "PatientWeight", "RequestedProcedureCodeSequence", "ScheduledProcedureStepSequence",
    ]  # fmt: skip
    assert first.AccessionNumber == steps[0].accession_number
    assert first.PatientWeight is None
    (step,) = first.ScheduledProcedureStepSequence
    assert {element.keyword: element.value for element in step} == {"Modality": "PX", "ScheduledStationName": ""}


@pytest.mark.parametrize("sequence", [[], [Dataset()]])
def test_an_empty_sequence_asks_for_the_whole_step(port: int, steps: Steps, sequence: list[Dataset]) -> None:
    asked = dataset(PatientID="P2", ScheduledProcedureStepSequence=sequence)
    (match,) = find(port, asked, model=WORKLIST).matches
    (step,) = match.ScheduledProcedureStepSequence
    assert (step.Modality, step.ScheduledProcedureStepStartTime) == ("CT", "110000")


@pytest.mark.parametrize(("keyword", "status"), [("PatientID", 0xFF00), ("SmokingStatus", 0xFF01)])
def test_what_is_not_of_the_model_comes_with_a_warning(port: int, steps: Steps, keyword: str, status: int) -> None:
    found = find(port, worklist(**{keyword: ""}), model=WORKLIST)
    assert found.pending == {status}
    assert len(found.matches) == len(steps)


@pytest.mark.parametrize(
    ("asked_in", "answered_in"), [(None, "ISO_IR 192"), ("ISO_IR 101", "ISO_IR 101"), ("ISO_IR 100", "ISO_IR 192")]
)
def test_no_name_is_lost_in_the_asker_s_character_set(
    port: int, server: Server, practice: Practice, asked_in: str | None, answered_in: str
) -> None:
    plan(practice, patient_name="Łukasz^Żółć")
    asked = worklist()
    if asked_in:
        asked.SpecificCharacterSet = asked_in
    (match,) = find(port, asked, model=WORKLIST).matches
    assert (match.SpecificCharacterSet, str(match.PatientName)) == (answered_in, "Łukasz^Żółć")


@pytest.mark.parametrize(("agreed", "expected"), [(b"\1\1\1", ["S1"]), (b"", [])])
def test_names_match_by_likeness_where_that_was_agreed(
    port: int, server: Server, practice: Practice, agreed: bytes, expected: list[str]
) -> None:
    plan(practice, patient_name="Schmidt^Hans", step_id="S1")
    assert ids(port, worklist(PatientName="Schmitt^Hans"), negotiate=agreed) == expected


def test_a_date_that_is_none_can_t_be_asked_for(port: int, steps: Steps) -> None:
    found = find(port, worklist({"ScheduledProcedureStepStartDate": "tomorrow"}), model=WORKLIST)
    assert (found.status, found.matches) == (Status.CANNOT_UNDERSTAND, [])


def test_too_many_steps_are_cut_and_said_to_be(port: int, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    found = find(port, worklist(), model=WORKLIST)
    assert (found.status, len(found.matches)) == (Status.OUT_OF_RESOURCES, 2)
    assert "Ask for a day" in found.comment


def test_another_practice_s_steps_are_not_there(port: int, steps: Steps, other_practice: Practice) -> None:
    nodes.add_entity(other_practice, "SOUTH")
    nodes.add_remote(other_practice, "SOUTHERN", Service.WORKLIST)
    assert ids(port, worklist(), title="SOUTHERN", called="SOUTH") == []


def test_who_may_not_ask_is_offered_nothing(port: int, steps: Steps, practice: Practice) -> None:
    nodes.add_remote(practice, "FINDER", Service.FIND)
    with nodes.calling(port, [(WORKLIST, [nodes.EXPLICIT])], calling="FINDER") as association:
        assert not association.contexts


def test_who_may_ask_for_the_worklist_alone_finds_no_studies(port: int, steps: Steps, practice: Practice) -> None:
    nodes.add_remote(practice, "DEVICE", Service.WORKLIST)
    contexts = [("1.2.840.10008.5.1.4.1.2.2.1", [nodes.EXPLICIT]), (nodes.CT, [nodes.EXPLICIT])]
    with nodes.calling(port, [*contexts, (WORKLIST, [nodes.EXPLICIT])], calling="DEVICE") as association:
        assert [each.abstract_syntax for each in association.contexts.values()] == [WORKLIST]


def test_searches_are_on_record_without_values(port: int, steps: Steps) -> None:
    find(port, worklist({"Modality": "PX"}, PatientID="P1"), model=WORKLIST)
    access.flush()
    event = Event.objects.get(action=Event.Action.QUERY)
    assert (event.source, event.count) == ("C-FIND worklist", 2)
    assert event.detail == "00100020 00400100.00080060"


def test_dcmtk_asks_as_well(port: int, steps: Steps) -> None:
    step = "ScheduledProcedureStepSequence[0]"
    keys = [f"{step}.Modality=PX", f"{step}.ScheduledProcedureStepStartDate=20260301-20260302", "PatientName"]
    said = findscu(port, *keys, options=("-W",))
    assert responses(said) == 1, said
    assert "Doe^Jane" in said
