"""Appointments in the admin: the list, the form, and the buttons; by who may, who may not, strangers and nobody."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.practice.models import Appointment, AppointmentState, Lead
from tests.conftest import client_of
from tests.practice.appointments.booked import book, lead_of, step_of
from tests.rights import give

LIST, ADD = "admin:practice_appointment_changelist", "admin:practice_appointment_add"
TYPED = {
    "day": "2026-03-02", "at": "09:30", "minutes": "20", "modality": "px", "device": "", "description": "Panoramic",
    "practitioner": "Tooth, Tim", "location": "Room 1",
}  # fmt: skip


@pytest.fixture
def desk(user: User) -> Client:
    """A user who may do everything in the practice."""
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return client_of(user)


@pytest.fixture
def viewer(practice: Practice) -> Client:
    user = User.objects.create_user("vera", practice=practice, is_staff=True)
    give(user, practice, Permission.VIEW)
    return client_of(user)


def page(appointment: Appointment, name: str = "change", *more: Any) -> str:
    return reverse(f"admin:practice_appointment_{name}", args=[appointment.pk, *more])


def test_an_appointment_is_booked(desk: Client, practice: Practice) -> None:
    lead = lead_of(practice, name_key="doe jane")
    assert "Doe, Jane" in desk.get(reverse(ADD), {"lead": lead.pk}).content.decode()
    answer = desk.post(reverse(ADD), TYPED | {"lead": lead.pk})
    appointment = Appointment.objects.get()
    assert answer["Location"] == page(appointment)
    assert (appointment.modality, appointment.minutes, step_of(appointment).patient_name) == ("PX", 20, "Doe^Jane")
    assert "Doe, Jane" in desk.get(reverse(LIST), {"q": "doe"}).content.decode()


def test_one_is_changed_and_what_is_refused_is_said(desk: Client, practice: Practice) -> None:
    appointment = book(practice)
    shown = desk.get(page(appointment)).content.decode()
    assert "No device of the practice has the AE title PANO1." in shown
    assert desk.post(page(appointment), TYPED | {"lead": appointment.lead_id}).status_code == 302
    assert step_of(appointment).location == "Room 1"
    refused = desk.post(page(appointment), TYPED | {"lead": appointment.lead_id, "day": "1066-10-14"})
    assert "between 1990 and 2100" in refused.content.decode()


@pytest.mark.parametrize(("name", "state"), [("arrive", "arrived"), ("fulfil", "fulfilled"), ("no-show", "noshow")])
def test_the_buttons_move_it_on(desk: Client, practice: Practice, name: str, state: str) -> None:
    appointment = book(practice)
    assert desk.post(page(appointment, "move", name)).status_code == 302
    appointment.refresh_from_db()
    assert appointment.state == state
    assert state_shown(desk, appointment)


def test_one_is_cancelled_with_a_reason_and_booked_again(desk: Client, practice: Practice) -> None:
    appointment = book(practice)
    assert desk.get(page(appointment, "cancel")).status_code == 200
    desk.post(page(appointment, "cancel"), {"reason": "called off"})
    assert "called off" in desk.get(page(appointment)).content.decode()
    desk.post(page(appointment, "move", "reopen"))
    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.BOOKED


@pytest.mark.parametrize("day", ["today", "tomorrow", "week", "past", "never"])
def test_the_list_is_narrowed_by_day(desk: Client, practice: Practice, day: str) -> None:
    book(practice)
    found = desk.get(reverse(LIST), {"day": day}, follow=True)
    assert found.status_code == 200


def test_another_practice_s_lead_can_not_be_chosen(desk: Client, other_practice: Practice) -> None:
    answer = desk.post(reverse(ADD), TYPED | {"lead": lead_of(other_practice).pk})
    assert answer.status_code == 200
    assert not Appointment.objects.exists()


def test_who_may_what(
    viewer: Client, stranger: User, anonymous: Client, practice: Practice, other_practice: Practice
) -> None:
    appointment = book(practice)
    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    theirs = client_of(stranger)
    assert viewer.get(page(appointment)).status_code == 200
    assert Lead.objects.get().family_name in viewer.get(reverse(LIST)).content.decode()
    for address in (page(appointment, "move", "arrive"), page(appointment, "cancel"), page(appointment)):
        assert viewer.post(address, {"reason": "x"}).status_code == 403, address
        assert "Doe" not in theirs.post(address, {"reason": "x"}, follow=True).content.decode(), address
        assert anonymous.post(address).status_code in (302, 401), address
    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.BOOKED


def state_shown(desk: Client, appointment: Appointment) -> bool:
    appointment.refresh_from_db()
    return appointment.get_state_display() in desk.get(page(appointment)).content.decode()
