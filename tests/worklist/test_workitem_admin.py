"""Workitems in the admin: the list by state, one of them, and the request for its cancellation."""

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.worklist.models import Workitem
from tests.conftest import client_of
from tests.dicomweb.workitems import Ups, asked
from tests.rights import give

LIST = "/admin/worklist/workitem/"


@pytest.fixture
def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    ups = Ups(client_of(user))
    ups.create(asked("1.2.1"))
    ups.create(asked("1.2.2"))
    ups.change("IN PROGRESS", uid="1.2.2")
    return ups.client


def test_listed_by_state(staff: Client) -> None:
    assert staff.get(LIST).content.count(b"Read the knee") >= 2
    page = staff.get(f"{LIST}?state__exact=IN+PROGRESS")
    assert [each.uid for each in page.context["cl"].result_list] == ["1.2.2"]


def test_one_of_them(staff: Client) -> None:
    page = staff.get(f"{LIST}{Workitem.objects.get(uid='1.2.2').pk}/change/").content.decode()
    assert "nora" in page
    assert "2026-03-10 09:30" in page
    assert "1.2.840.999.77" not in page


def test_asked_to_be_cancelled(staff: Client) -> None:
    keys = list(Workitem.objects.values_list("pk", flat=True))
    page = staff.post(LIST, {"action": "request_cancellation", "_selected_action": keys}, follow=True).content.decode()
    assert "It is cancelled, or its performer asked" in page
    assert "Nobody is told of this workitem" in page
    assert set(Workitem.objects.values_list("uid", "state")) == {("1.2.1", "CANCELED"), ("1.2.2", "IN PROGRESS")}


def test_who_may_only_look_cancels_nothing(staff: Client, practice: Practice) -> None:
    viewer = User.objects.create_user("vera", practice=practice, is_staff=True)
    give(viewer, practice, Permission.VIEW)
    keys = list(Workitem.objects.values_list("pk", flat=True))
    client_of(viewer).post(LIST, {"action": "request_cancellation", "_selected_action": keys})
    assert not Workitem.objects.filter(state="CANCELED").exists()


def test_another_practice_sees_none(staff: Client, stranger: User) -> None:
    stranger.is_staff = True
    stranger.save()
    assert b"Read the knee" not in client_of(stranger).get(LIST).content
