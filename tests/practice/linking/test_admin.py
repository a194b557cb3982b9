"""The review queue in the admin: what waits, one case at a time, and its buttons."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.practice.models import How, Lead, Match, MatchState
from tests.conftest import client_of
from tests.practice.leads.people import user_with
from tests.practice.linking.cases import lead, matched, standing

pytestmark = pytest.mark.django_db

QUEUE = "/admin/practice/match/"


@pytest.fixture
def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def jane(practice: Practice) -> Lead:
    return lead(practice)


@pytest.fixture
def case(practice: Practice, jane: Lead) -> Match:
    """A twin, perhaps."""
    return matched(practice, PatientID=None, PatientName="Doe^Ruth")


def page(match: Match) -> str:
    return f"{QUEUE}{match.pk}/change/"


def decide(client: Client, match: Match, deed: str, **sent: Any) -> Any:
    match.refresh_from_db()
    return client.post(f"{QUEUE}{match.pk}/decide/", {"version": match.version, "deed": deed, **sent}, follow=True)


def test_the_list_has_what_waits(staff: Client, practice: Practice, case: Match) -> None:
    linked = matched(practice, 2)
    listed = staff.get(QUEUE).content.decode()
    assert page(case) in listed
    assert page(linked) not in listed
    assert page(linked) in staff.get(f"{QUEUE}?state=linked").content.decode()


def test_a_case_shows_both_sides_and_the_reasons(staff: Client, case: Match) -> None:
    shown = staff.get(f"{QUEUE}review/", follow=True).content.decode()
    for text in ("Doe, Ruth", "Doe, Jane", "1970-01-01", "differs", "same", "twin", 'data-key="1"', "/thumbnail"):
        assert text in shown


def test_a_case_is_linked_and_the_next_one_comes(staff: Client, practice: Practice, case: Match, jane: Lead) -> None:
    second = matched(practice, 2, PatientID=None, PatientName="Doe^Ida")
    after = decide(staff, case, f"link:{jane.pk}")
    assert standing(case) == (MatchState.LINKED, jane.pk, How.PERSON)
    assert after.redirect_chain[-1][0] == f"{page(second)}?done={case.pk}"
    decide(staff, second, "no-lead")
    assert "Nothing waits" in staff.get(f"{QUEUE}review/", follow=True).content.decode()
    assert "Undone" in decide(staff, case, "undo").content.decode()
    assert standing(case)[0] == MatchState.REVIEW


@pytest.mark.parametrize(
    ("deed", "state", "how"),
    [
        ("reject:jane", MatchState.NO_LEAD, How.MACHINE),
        ("no-lead", MatchState.NO_LEAD, How.PERSON),
        ("create", MatchState.LINKED, How.PERSON),
        ("unlink", MatchState.REVIEW, How.PERSON),
    ],
)
def test_the_buttons(staff: Client, case: Match, jane: Lead, deed: str, state: str, how: str) -> None:
    decide(staff, case, deed.replace("jane", str(jane.pk)))
    assert (standing(case)[0], standing(case)[2]) == (state, how)


@pytest.mark.parametrize("deed", ["", "link:", "link:999999", "link:x", "link:²", "delete:1"])
def test_what_is_no_button_does_nothing(staff: Client, case: Match, deed: str) -> None:
    before = standing(case)
    assert "Choose one of the leads" in decide(staff, case, deed).content.decode()
    assert standing(case) == before


def test_the_second_of_two_is_told(staff: Client, case: Match, jane: Lead) -> None:
    old = case.version
    decide(staff, case, f"link:{jane.pk}")
    assert "in the meantime" in decide(staff, case, "no-lead", version=old).content.decode()
    assert standing(case)[1] == jane.pk


def test_another_lead_is_looked_for(staff: Client, practice: Practice, case: Match) -> None:
    other = lead(practice, family_name="Poe", given_name="Edgar", patient_id="E-9")
    assert f"link:{other.pk}" in staff.get(f"{page(case)}?q=poe+ed").content.decode()
    decide(staff, case, f"link:{other.pk}")
    assert standing(case)[1] == other.pk


def test_several_are_confirmed_where_nothing_speaks_against_it(staff: Client, practice: Practice, case: Match) -> None:
    sure = matched(practice, 2)
    chosen = {"action": "confirm_selected", "_selected_action": [sure.pk, case.pk]}
    answer = staff.post(f"{QUEUE}?state=every", chosen, follow=True)
    assert "1 of 2 linked" in answer.content.decode()
    assert (standing(sure)[2], standing(case)[0]) == (How.PERSON, MatchState.REVIEW)


def test_who_may_only_look_has_no_buttons(practice: Practice, case: Match) -> None:
    viewer = client_of(user_with(practice, "vera", Permission.VIEW))
    assert 'name="deed"' not in viewer.get(page(case)).content.decode()
    assert decide(viewer, case, "no-lead").status_code == 403
    assert standing(case)[0] == MatchState.REVIEW


def test_strangers_find_nothing(other_practice: Practice, anonymous: Client, case: Match) -> None:
    stranger = client_of(user_with(other_practice, "sue", *Permission))
    assert stranger.get(page(case)).status_code == 404
    assert decide(stranger, case, "no-lead").status_code == 404
    assert page(case) not in stranger.get(QUEUE).content.decode()
    assert anonymous.get(page(case)).status_code == 302
    assert standing(case)[0] == MatchState.REVIEW


def test_the_pages_of_study_and_patient_say_whose_they_are(staff: Client, practice: Practice, jane: Lead) -> None:
    match = matched(practice)
    for where in (f"study/{match.study_id}", f"patient/{match.study.patient_id}"):
        assert "Doe, Jane" in staff.get(f"/admin/archive/{where}/change/").content.decode()
    assert page(match) in staff.get(f"/admin/archive/study/{match.study_id}/change/").content.decode()


def test_the_list_takes_as_many_queries_for_many_as_for_one(staff: Client, practice: Practice, case: Match) -> None:
    staff.get(QUEUE)
    with CaptureQueriesContext(connection) as one:
        staff.get(QUEUE)
    for number in range(2, 6):
        matched(practice, number, PatientID=None, PatientName="Doe^Ida")
    with CaptureQueriesContext(connection) as many:
        staff.get(QUEUE)
    assert len(many) == len(one)
