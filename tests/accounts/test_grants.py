"""Roles given to users and taken from them: in the admin, by administrators, within what they have themselves."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from tests.admin.conftest import StaffWho, boss, other_staff, staff, staff_who
from tests.admin.people import post_grant, product_role
from tests.conftest import client_of, user_of
from tests.rights import give

__all__ = ["boss", "other_staff", "staff", "staff_who"]

GRANTS = reverse("admin:accounts_grant_changelist")


@pytest.fixture
def cleo(practice: Practice) -> User:
    """A colleague who may look at everything."""
    colleague = User.objects.create_user("cleo", practice=practice)
    give(colleague, practice, Permission.VIEW)
    return colleague


def end(client: Client, grant: Grant) -> Grant:
    client.post(reverse("admin:accounts_grant_end", args=[grant.pk]), {"reason": "left us"})
    grant.refresh_from_db()
    return grant


def test_a_role_is_given_to_several_at_once_and_on_record(staff: Client, practice: Practice, cleo: User) -> None:
    dora = user_of(practice, "dora")
    role = product_role("technologist")
    assert post_grant(staff, practice, role, cleo, dora, reason="new machine").status_code == 302
    assert set(Grant.objects.filter(role=role).values_list("user__username", flat=True)) == {"cleo", "dora"}
    told = Event.objects.filter(action="rights", practice=practice, reason="new machine")
    assert set(told.values_list("actor", "detail")) == {
        ("nora", "given: technologist to cleo"),
        ("nora", "given: technologist to dora"),
    }


def test_what_is_given_is_felt_at_once(staff: Client, practice: Practice, cleo: User) -> None:
    client = client_of(cleo)
    assert client.post("/dicom-web/studies").status_code == 403
    post_grant(staff, practice, product_role("technologist"), cleo)
    assert client.post("/dicom-web/studies").status_code != 403


def test_what_is_ended_is_felt_at_once_and_stays_on_file(staff: Client, cleo: User) -> None:
    client = client_of(cleo)
    assert client.get("/dicom-web/studies").status_code == 200
    grant = Grant.objects.get(user=cleo)
    assert not end(staff, grant).is_current()
    assert client.get("/dicom-web/studies").status_code == 403
    assert Event.objects.filter(action="rights", detail__startswith="ended:", reason="left us").count() == 1


@pytest.mark.parametrize(
    ("hours", "allowed"), [((-2, -1), False), ((1, 2), False), ((-1, 1), True), ((-1, None), True)]
)
def test_a_grant_holds_within_its_time(practice: Practice, hours: tuple[int, int | None], allowed: bool) -> None:
    dora = User.objects.create_user("dora", practice=practice)
    times = [None if hour is None else timezone.now() + timedelta(hours=hour) for hour in hours]
    give(dora, practice, Permission.VIEW, valid_from=times[0], valid_until=times[1])
    assert client_of(dora).get("/dicom-web/studies").status_code == (200 if allowed else 403)


def test_nobody_gives_what_they_do_not_have(staff_who: StaffWho, practice: Practice, cleo: User) -> None:
    client = staff_who(Permission.VIEW, Permission.ADMINISTER)
    answer = post_grant(client, practice, product_role("radiologist"), cleo)
    assert "have yourself: analyse, annotate" in answer.content.decode().replace("&#x27;", "'")
    assert post_grant(client, practice, product_role("viewer"), cleo).status_code == 302


def test_nobody_gives_a_role_to_themselves(staff: Client, practice: Practice, user: User) -> None:
    assert "to themselves" in post_grant(staff, practice, product_role("viewer"), user).content.decode()
    assert Grant.objects.filter(user=user).count() == 1


def test_nobody_gives_anything_in_another_practice(
    staff: Client, practice: Practice, other_practice: Practice, cleo: User, stranger: User
) -> None:
    viewer = product_role("viewer")
    theirs = Role.objects.create(practice=other_practice, name="xenologist", permissions=["view"])
    assert "Select a valid choice" in post_grant(staff, other_practice, viewer, cleo).content.decode()
    assert "Select a valid choice" in post_grant(staff, practice, theirs, cleo).content.decode()
    assert "Select a valid choice" in post_grant(staff, practice, viewer, stranger).content.decode()
    assert "xenologist" not in staff.get(reverse("admin:accounts_grant_add")).content.decode()


def test_another_practices_grant_is_neither_seen_nor_ended(other_staff: Client, cleo: User) -> None:
    grant = Grant.objects.get(user=cleo)
    assert "cleo" not in other_staff.get(GRANTS).content.decode()
    assert other_staff.get(reverse("admin:accounts_grant_change", args=[grant.pk])).status_code == 404
    assert end(other_staff, grant).is_current()
    other_staff.post(GRANTS, {"action": "end_selected", "_selected_action": [grant.pk]})
    grant.refresh_from_db()
    assert grant.is_current()


def test_who_does_not_administer_opens_no_page_of_grants(staff_who: StaffWho, cleo: User) -> None:
    client = staff_who(*(each for each in Permission if each != Permission.ADMINISTER))
    assert client.get(GRANTS).status_code == 403
    assert client.get(reverse("admin:accounts_grant_add")).status_code == 403
    assert end(client, Grant.objects.get(user=cleo)).is_current()


def test_to_administer_a_part_of_the_practice_is_to_administer_nothing(practice: Practice, cleo: User) -> None:
    dora = User.objects.create_user("dora", practice=practice, is_staff=True)
    give(dora, practice, scope="uploads")
    client = client_of(dora)
    assert "cleo" not in client.get(GRANTS).content.decode()
    assert "Select a valid choice" in post_grant(client, practice, product_role("viewer"), cleo).content.decode()


def test_the_last_administrator_stays(staff: Client, user: User, practice: Practice) -> None:
    own = Grant.objects.get(user=user)
    assert end(staff, own).is_current()
    give(User.objects.create_user("dora"), practice)
    assert not end(staff, own).is_current()


def test_a_grant_that_names_nothing_is_refused(staff: Client, practice: Practice, cleo: User) -> None:
    answer = post_grant(staff, practice, product_role("viewer"), cleo, scope="label")
    assert "This scope needs it." in answer.content.decode()
    assert post_grant(staff, practice, product_role("viewer"), cleo, scope="label", subject="trial").status_code == 302


def test_the_list_is_filtered_by_state(staff: Client, cleo: User) -> None:
    end(staff, Grant.objects.get(user=cleo))
    assert "cleo" in staff.get(GRANTS, {"state": "ended"}).content.decode()
    assert "cleo" not in staff.get(GRANTS, {"state": "holds"}).content.decode()
