"""Checking in, linking and unlinking by REST and in the admin: by who may, who may not, others, and nobody."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.worklist import linking
from apps.worklist.models import Reason, ScheduledStep, UnplannedStudy
from tests import dicoms
from tests.conftest import client_of
from tests.rights import give
from tests.worklist.arriving import arrive, plan

LIST = "/admin/worklist/unplannedstudy/"


@pytest.fixture
def step(practice: Practice) -> ScheduledStep:
    return plan(practice)


@pytest.fixture
def unplanned(step: ScheduledStep) -> UnplannedStudy:
    """A study that fits this step and another."""
    plan(step.practice)
    linking.link(arrive(step.practice))
    return UnplannedStudy.objects.get()


@pytest.fixture
def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/worklist/{path}/", body, content_type="application/json")


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/api/worklist/unplanned/{query}").json()["results"]
    return rows


def viewer(practice: Practice) -> Client:
    user = User.objects.create_user("vera", practice=practice, is_staff=True)
    give(user, practice, Permission.VIEW)
    return client_of(user)


def test_a_patient_is_checked_in(client: Client, step: ScheduledStep) -> None:
    answer = post(client, f"steps/{step.pk}/check-in").json()
    assert (answer["state"], answer["checkedInAt"] is not None) == ("scheduled", True)


def test_a_study_is_linked_and_unlinked(client: Client, unplanned: UnplannedStudy, step: ScheduledStep) -> None:
    answer = post(client, f"steps/{step.pk}/link", study=dicoms.STUDY_UID).json()
    assert (answer["study"], answer["linkedBy"], answer["state"]) == (dicoms.STUDY_UID, "hand", "in_progress")
    assert listed(client) == []
    assert post(client, f"steps/{step.pk}/unlink").json()["study"] is None
    (row,) = listed(client)
    assert (row["study"], row["reason"]) == (dicoms.STUDY_UID, "unlinked")


def test_what_is_set_aside_is_listed_when_asked_for(client: Client, unplanned: UnplannedStudy) -> None:
    assert post(client, f"unplanned/{unplanned.pk}/set-aside").status_code == 200
    assert listed(client) == []
    assert len(listed(client, "?isSetAside=true")) == 1


def test_a_study_of_nowhere_can_not_be_linked(client: Client, step: ScheduledStep) -> None:
    assert post(client, f"steps/{step.pk}/link", study="1.2.3").status_code == 404
    assert post(client, f"steps/{step.pk}/unlink").status_code == 409


@pytest.mark.parametrize("what", ["check-in", "link", "unlink"])
def test_only_by_who_may_plan(
    step: ScheduledStep, practice: Practice, stranger_client: Client, anonymous: Client, what: str
) -> None:
    path = f"steps/{step.pk}/{what}"
    asked = (viewer(practice), stranger_client, anonymous)
    assert [post(each, path, study="1.2").status_code for each in asked] == [403, 404, 401]


class TestPages:
    """The list, the page of one, and the page of the study."""

    def test_the_list_says_why(self, staff: Client, unplanned: UnplannedStudy) -> None:
        page = staff.get(LIST).content.decode()
        assert "Doe, Jane" in page
        assert str(Reason.SEVERAL.label) in page

    def test_a_step_is_chosen_on_its_page(self, staff: Client, unplanned: UnplannedStudy, step: ScheduledStep) -> None:
        page = staff.get(f"{LIST}{unplanned.pk}/change/").content.decode()
        assert page.count(">Link<") == 2
        answer = staff.post(f"{LIST}{unplanned.pk}/link/", {"step": step.pk}, follow=True)
        assert f"Linked to the step {step.step_id}." in answer.content.decode()
        shown = staff.get(f"/admin/archive/study/{unplanned.study_id}/change/").content.decode()
        assert "Planned as" in shown
        assert step.step_id in shown

    def test_nothing_chosen_is_said(self, staff: Client, unplanned: UnplannedStudy) -> None:
        answer = staff.post(f"{LIST}{unplanned.pk}/link/", {"step": "x"}, follow=True)
        assert "Choose one of the steps." in answer.content.decode()

    def test_it_may_be_set_aside(self, staff: Client, unplanned: UnplannedStudy) -> None:
        answer = staff.post(f"{LIST}{unplanned.pk}/set-aside/", follow=True)
        assert "Doe, Jane" not in answer.content.decode()
        assert "Doe, Jane" in staff.get(f"{LIST}?aside=1").content.decode()

    def test_a_study_is_unlinked_on_its_page(
        self, staff: Client, unplanned: UnplannedStudy, step: ScheduledStep
    ) -> None:
        staff.post(f"{LIST}{unplanned.pk}/link/", {"step": step.pk})
        answer = staff.post(f"{LIST}step/{step.pk}/unlink/", follow=True)
        assert "The study is unlinked" in answer.content.decode()
        assert "Planned as" not in answer.content.decode()

    def test_who_may_not_plan_sees_no_buttons(self, practice: Practice, unplanned: UnplannedStudy) -> None:
        client = viewer(practice)
        assert ">Link<" not in client.get(f"{LIST}{unplanned.pk}/change/").content.decode()
        assert client.post(f"{LIST}{unplanned.pk}/set-aside/").status_code == 403
