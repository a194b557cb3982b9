"""The worklist's search: which steps are answered to which identifier, and how."""

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.core.errors import Invalid
from apps.worklist import scheduling, searching
from apps.worklist.items import STEP_SEQUENCE, STEP_SUPPORTED, SUPPORTED
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.searching import find
from tests.worklist.planned import plan, planner
from tests.worklist.test_matching import key, name, step


def found(practice: Practice, identifier: dict[str, Any] | None = None, **options: Any) -> list[str]:
    """The step IDs of what is answered."""
    answers = find(practice.pk, identifier or {}, options.pop("most", 100), **options)
    return [answer[STEP_SEQUENCE]["Value"][0]["00400009"]["Value"][0] for answer in answers]


@pytest.fixture
def day(practice: Practice) -> Practice:
    """A day of three steps, of which the second is for any device and at any time."""
    plan(practice, step_id="1", accession_number="A1", start_time=time(8))
    plan(practice, step_id="2", patient_id="P2", patient_name="Roe^Richard", modality="CT", station_titles="",
         start_time=None, start_date=date(2024, 5, 18), requested_procedure_id="R2")  # fmt: skip
    plan(practice, step_id="3", patient_name="Müller^Eva", start_time=time(14), station_titles="PANO1\\PANO2",
         study_instance_uid="1.2.3", performing_physician="House^Gregory", description="Bitewing")  # fmt: skip
    return practice


@pytest.mark.parametrize(
    ("identifier", "ids"),
    [
        ({}, ["1", "3", "2"]),
        ({"00080050": key("SH", "A1")}, ["1"]),
        ({"00080050": key("SH", "a1")}, []),
        ({"00080050": key("SH", "A*")}, ["1"]),
        ({"00100010": name("MULLER")}, ["3"]),
        ({"00100020": key("LO", "P2")}, ["2"]),
        ({"00100020": key("LO", "P2", "P1")}, ["1", "3", "2"]),
        ({"0020000D": key("UI", "1.2.3", "4.5")}, ["3"]),
        ({"00401001": key("SH", "R2")}, ["2"]),
        ({"00101030": key("DS", 70)}, []),
        ({"00380300": key("LO", "Ward 3")}, []),
        ({"00080080": key("LO", "An institution that no key of the table asks for")}, ["1", "3", "2"]),
        (step(t00080060=key("CS", "CT")), ["2"]),
        (step(t00080060=key("CS", "C?")), ["2"]),
        (step(t00400009=key("SH", "3")), ["3"]),
        (step(t00400006=name("house*")), ["3"]),
        (step(t00400007=key("LO", "bitewing")), ["3"]),
        (step(t00400002=key("DA", "20240517")), ["1", "3"]),
        (step(t00400002=key("DA", "20240518-")), ["2"]),
        (step(t00400002=key("DA", "-20240517")), ["1", "3"]),
        (step(t00400002=key("DA", "20240516-20240519")), ["1", "3", "2"]),
        (step(t00400020=key("CS", "SCHEDULED")), ["1", "3", "2"]),
    ],
)
def test_the_keys_of_the_table(day: Practice, identifier: dict[str, Any], ids: list[str]) -> None:
    assert found(day, identifier) == ids


def test_a_step_at_any_time_matches_every_time_of_its_day(day: Practice) -> None:
    assert found(day, step(t00400003=key("TM", "0700-0900"))) == ["1", "2"]
    keys = step(t00400002=key("DA", "20240517-20240518"), t00400003=key("TM", "1200-1000"))
    assert found(day, keys) == ["3", "2"]


def test_a_step_for_any_device_is_answered_to_each_as_its_own(day: Practice) -> None:
    assert found(day, step(t00400001=key("AE", "PANO2"))) == ["3", "2"]
    assert found(day, step(t00400001=key("AE", "OTHER"))) == ["2"]
    (answer,) = find(day.pk, step(t00400001=key("AE", "OTHER")), 10)
    assert answer[STEP_SEQUENCE]["Value"][0]["00400001"] == key("AE", "OTHER")


def test_every_key_of_the_table_is_returned(day: Practice) -> None:
    """PS3.4 table K.6-1: the attributes are there, empty where nothing is known."""
    for answer in find(day.pk, {}, 10):
        (inside,) = answer[STEP_SEQUENCE]["Value"]
        assert answer.keys() >= SUPPORTED
        assert inside.keys() >= STEP_SUPPORTED
        for tag in ("00100010", "00100020", "0020000D", "00401001", "00321060"):
            assert answer[tag]["Value"], tag


@pytest.mark.parametrize("state", [each for each in StepState if each is not StepState.SCHEDULED], ids=str)
def test_only_what_is_to_come_is_answered(practice: Practice, settings: Settings, state: StepState) -> None:
    plan(practice, step_id="1")
    ScheduledStep.objects.update(state=state)
    assert found(practice) == []
    settings.WORKLIST_STARTED = True
    assert found(practice) == (["1"] if state is StepState.IN_PROGRESS else [])


def test_a_started_step_says_so(practice: Practice, settings: Settings) -> None:
    settings.WORKLIST_STARTED = True
    scheduling.start(plan(practice, step_id="1"), planner(practice))
    assert found(practice, step(t00400020=key("CS", "STARTED"))) == ["1"]
    assert found(practice, step(t00400020=key("CS", "SCHEDULED"))) == []


def test_another_practice_has_a_worklist_of_its_own(day: Practice, other_practice: Practice) -> None:
    assert found(other_practice) == []


def test_names_are_found_by_likeness_where_asked(day: Practice) -> None:
    assert found(day, {"00100010": name("Miller")}) == []
    assert found(day, {"00100010": name("Miller")}, fuzzy=True) == ["3"]


def test_no_more_than_so_many_come(day: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    assert found(day, most=2) == ["1", "3"]
    assert found(day) == ["1", "3", "2"]


def test_a_day_is_one_query(practice: Practice) -> None:
    for number in range(20):
        plan(practice, step_id=str(number))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(found(practice, step(t00400002=key("DA", "20240517"), t00080060=key("CS", "PX")))) == 20
    assert len(queries) == 1


@pytest.mark.parametrize(
    "identifier",
    [
        step(t00400002=key("DA", "tomorrow")),
        step(t00400002=key("DA", "20240231")),
        step(t00400003=key("TM", "noon")),
        {"0020000D": key("UI", "x")},
        {STEP_SEQUENCE: key("SQ", {}, {})},
    ],
)
def test_what_cannot_be_searched_is_said_at_once(practice: Practice, identifier: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        find(practice.pk, identifier, 10)
