"""The worklist in the admin: the list, the form, the page of a day, cancelling and importing."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.remotes.models import Remote
from apps.worklist import scheduling
from apps.worklist.admin.day import Block, timetable
from apps.worklist.items import attributes_of
from apps.worklist.models import ScheduledStep, StepState
from tests.conftest import client_of
from tests.rights import give
from tests.worklist.planned import DAY, plan, planner

LIST = "/admin/worklist/scheduledstep/"
FORM = {
    "family_name": "Doe", "given_name": "Jane", "patient_id": "P1", "birth_date": "1980-01-02", "sex": "F",
    "modality": "px", "device": "PANO1", "start_date": "2024-05-17", "start_time": "09:30", "minutes": "20",
    "performing_physician": "House, Gregory", "priority": "ROUTINE", "allergies": "Latex", "pregnancy": "1",
}  # fmt: skip


def staff_of(practice: Practice, name: str, *permissions: Permission) -> Client:
    user = User.objects.create_user(name, practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return client_of(user)


@pytest.fixture
def secretary(practice: Practice) -> Client:
    Remote.objects.create(practice=practice, name="Panoramic X-ray", title="PANO1", host="10.0.0.9", port=104)
    return staff_of(practice, "sec", *map(Permission, ("view", "upload", "share", "merge")))


@pytest.fixture
def viewer(practice: Practice) -> Client:
    return staff_of(practice, "vera", Permission.VIEW)


def shown(client: Client, address: str, **query: Any) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_step_is_planned_by_what_people_know(secretary: Client) -> None:
    answer = secretary.post(f"{LIST}add/", FORM)
    step = ScheduledStep.objects.get()
    assert answer.headers["Location"] == f"{LIST}{step.pk}/change/"
    assert (step.patient_name, step.patient_birth_date, step.modality) == ("Doe^Jane", "19800102", "PX")
    assert (step.station_titles, step.start_time, step.minutes) == ("PANO1", time(9, 30), 20)
    assert step.performing_physician == "House^Gregory"
    assert (step.source, step.created_by.username if step.created_by else "") == ("admin", "sec")
    item = attributes_of(step.item)
    assert (item["00102110"]["Value"], item["001021C0"]["Value"]) == (["Latex"], [1])


def test_the_form_knows_what_the_address_says(secretary: Client) -> None:
    page = shown(secretary, f"{LIST}add/", start_date="2024-05-17", device="PANO1")
    assert 'value="2024-05-17"' in page
    assert "Panoramic X-ray (PANO1)" in page


def test_a_change_keeps_what_the_form_does_not_show(secretary: Client, practice: Practice) -> None:
    extra = {"00101030": {"vr": "DS", "Value": [70]}}
    step = plan(practice, patient_name="Doe^Jane^M=山田^太郎", attributes=extra, performing_physician="House^Gregory^A")
    page = shown(secretary, f"{LIST}{step.pk}/change/")
    assert 'value="Doe"' in page
    form = FORM | {"family_name": "Roe", "performing_physician": "House, Gregory A", "accession_number": ""}
    assert secretary.post(f"{LIST}{step.pk}/change/", form).status_code == 302
    changed = ScheduledStep.objects.get()
    assert changed.patient_name == "Roe^Jane^M=山田^太郎"
    assert changed.performing_physician == "House^Gregory^A"
    assert changed.attributes["00101030"] == extra["00101030"]
    assert changed.accession_number == step.accession_number


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"family_name": ""}, "required"), ({"modality": "p-x"}, "capital"), ({"start_date": "soon"}, "date")],
)
def test_what_is_wrong_is_said_in_the_form(secretary: Client, changes: dict[str, str], word: str) -> None:
    answer = secretary.post(f"{LIST}add/", FORM | changes)
    assert answer.status_code == 200
    assert word in answer.content.decode()
    assert not ScheduledStep.objects.exists()


def test_a_step_is_cancelled_with_a_reason_and_put_back(secretary: Client, practice: Practice) -> None:
    step = plan(practice)
    assert "no longer get it" in shown(secretary, f"{LIST}{step.pk}/cancel/")
    secretary.post(f"{LIST}{step.pk}/cancel/", {"reason": "Called off"})
    step.refresh_from_db()
    assert (step.state, step.reason) == (StepState.CANCELLED, "Called off")
    assert "Called off" in shown(secretary, f"{LIST}{step.pk}/change/")
    secretary.post(f"{LIST}{step.pk}/reopen/")
    secretary.post(f"{LIST}{step.pk}/check-in/")
    step.refresh_from_db()
    assert step.state == StepState.SCHEDULED
    assert step.checked_in_at is not None


def test_what_has_begun_is_shown_without_a_form(secretary: Client, practice: Practice) -> None:
    step = scheduling.start(plan(practice), planner(practice))
    page = shown(secretary, f"{LIST}{step.pk}/change/")
    assert "In progress" in page
    assert 'name="family_name"' not in page
    answer = secretary.post(f"{LIST}{step.pk}/cancel/", {"reason": ""}, follow=True)
    assert "to the state Cancelled" in answer.content.decode()


def test_the_list_is_narrowed_by_day_device_modality_and_state(secretary: Client, practice: Practice) -> None:
    today = timezone.localdate()
    plan(practice, patient_name="Today^T", start_date=today)
    plan(practice, patient_name="Later^L", start_date=today + timedelta(days=3), modality="CT", station_titles="CT1")
    assert "Today" in (page := shown(secretary, LIST, day="today"))
    assert "Later, L" not in page
    assert "Later, L" in shown(secretary, LIST, day="week")
    assert "Later, L" not in shown(secretary, LIST, device="PANO1")
    assert "Today, T" not in shown(secretary, LIST, modality="CT")
    assert "Today, T" not in shown(secretary, LIST, state__exact="cancelled")


def test_the_page_of_a_day(secretary: Client, practice: Practice) -> None:
    step = plan(practice)
    scheduling.cancel(plan(practice, patient_name="Roe^Rick", station_titles="", start_time=None), planner(practice))
    plan(practice, patient_name="Other^Day", start_date=DAY + timedelta(days=1))
    page = shown(secretary, f"{LIST}day/", date="2024-05-17")
    for text in ("Friday, 17 May 2024", "Panoramic X-ray", "09:30 Doe, Jane", "any time", "Roe, Rick", "Any device"):
        assert text in page
    assert f"{LIST}{step.pk}/change/" in page
    assert "?date=2024-05-16" in page
    assert "?date=2024-05-18" in page
    assert "Other, Day" not in page
    assert "fovea-day-now" not in page
    assert shown(secretary, f"{LIST}day/", date="9999-12-31")
    assert shown(secretary, f"{LIST}day/", date="never")


def test_a_table_is_imported(secretary: Client, practice: Practice) -> None:
    table = b"patient_id,patient_name,modality,start_date\nP1,Doe^Jane,PX,2024-05-17\nP2,Roe^R,PX,never\n"
    upload = SimpleUploadedFile("list.csv", table)
    page = secretary.post(f"{LIST}import/", {"practice": practice.pk, "file": upload}).content.decode()
    assert "1 planned, 1 not taken" in page
    assert "list.csv, line 3" in page


def test_who_may_what(viewer: Client, practice: Practice, stranger: User) -> None:
    step = plan(practice)
    own = f"{LIST}{step.pk}"
    page = shown(viewer, f"{own}/change/")
    assert 'name="family_name"' not in page
    assert "Cancel this step" not in page
    assert "Plan a step" not in shown(viewer, f"{LIST}day/", date="2024-05-17")
    for address in (f"{LIST}add/", f"{own}/cancel/", f"{LIST}import/"):
        assert viewer.get(address).status_code == 403, address
    assert viewer.post(f"{own}/change/", FORM).status_code == 403
    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    outside = client_of(stranger)
    assert outside.get(f"{own}/change/").status_code == 404
    assert outside.post(f"{own}/cancel/", {"reason": ""}).status_code == 404
    assert "Doe, Jane" not in shown(outside, f"{LIST}day/", date="2024-05-17", practice=practice.pk)


def blocks(*starts: tuple[int, int, int]) -> list[Block]:
    """The blocks of steps that begin at this hour and minute and last so many minutes."""
    steps = [
        ScheduledStep(pk=number, start_date=DAY, start_time=time(hour, minute), minutes=minutes, station_titles="X")
        for number, (hour, minute, minutes) in enumerate(starts)
    ]
    (column,) = timetable(steps, {}, None).columns
    return list(column.blocks)


def test_steps_that_overlap_stand_beside_each_other() -> None:
    one, two, three, four = blocks((9, 0, 60), (9, 15, 30), (9, 45, 30), (11, 0, 30))
    assert [(each.lane, each.lanes) for each in (one, two, three, four)] == [(0, 2), (1, 2), (1, 2), (0, 1)]
    assert (one.top, one.height, two.left, two.width) == (60, 60, 50, 50)


def test_the_hours_stretch_to_what_is_planned() -> None:
    early = ScheduledStep(start_date=DAY, start_time=time(6, 30), minutes=15)
    late = ScheduledStep(start_date=DAY, start_time=time(23, 30), minutes=60)
    assert timetable([early, late], {}, None).hours == tuple(range(6, 24))
    usual = timetable([], {"X": "X-ray"}, datetime(2024, 5, 17, 9, tzinfo=UTC))
    assert (usual.hours[0], usual.hours[-1], usual.now, usual.columns[0].name) == (8, 17, 60, "X-ray")
