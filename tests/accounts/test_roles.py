"""Roles: the product's, which stay, and those that a practice makes for itself."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Grant, Practice, Role
from apps.accounts.permissions import ROLES, Permission
from apps.audit.models import Event
from tests.admin.conftest import StaffWho, boss, other_staff, staff, staff_who
from tests.admin.people import post_role, product_role
from tests.conftest import user_of

__all__ = ["boss", "other_staff", "staff", "staff_who"]

ROLE_LIST = reverse("admin:accounts_role_changelist")
LOOK = (Permission.VIEW, Permission.DOWNLOAD)


def page_of(role: Role, kind: str = "change") -> str:
    return reverse(f"admin:accounts_role_{kind}", args=[role.pk])


def test_a_practice_makes_a_role_of_its_own_on_record(staff: Client, practice: Practice) -> None:
    assert post_role(staff, practice, *LOOK).status_code == 302
    role = Role.objects.get(name="hygienist")
    assert (role.practice, role.permissions) == (practice, ["view", "download"])
    assert Event.objects.filter(action="rights", detail="role hygienist: view download", practice=practice).exists()


def test_a_role_holds_no_more_than_its_maker_has(staff_who: StaffWho, practice: Practice) -> None:
    client = staff_who(Permission.VIEW, Permission.ADMINISTER)
    assert "have yourself: download" in post_role(client, practice, *LOOK).content.decode().replace("&#x27;", "'")
    assert post_role(client, practice, Permission.VIEW).status_code == 302


def test_a_role_is_raised_by_no_more_than_its_changer_has(staff_who: StaffWho, practice: Practice) -> None:
    role = Role.objects.create(practice=practice, name="hygienist", permissions=["upload"])
    client = staff_who(Permission.VIEW, Permission.ADMINISTER)
    more = {"name": "hygienist", "may_bring_in": ["upload"], "may_look": ["view", "download"]}
    assert "have yourself: download" in client.post(page_of(role), more).content.decode().replace("&#x27;", "'")
    fine = {**more, "may_look": ["view"]}
    assert client.post(page_of(role), fine).status_code == 302
    role.refresh_from_db()
    assert role.permissions == ["view", "upload"]


def test_no_role_is_made_in_another_practice(staff: Client, other_practice: Practice) -> None:
    assert "Select a valid choice" in post_role(staff, other_practice, *LOOK).content.decode()
    assert not Role.objects.filter(name="hygienist").exists()


@pytest.mark.parametrize("name", ROLES)
def test_the_products_roles_stay_as_they_are(boss: Client, name: str) -> None:
    role = product_role(name)
    assert boss.get(page_of(role)).status_code == 200
    assert boss.post(page_of(role), {"name": "x"}).status_code == 403
    assert boss.post(page_of(role, "delete"), {"post": "yes"}).status_code == 403


def test_another_practices_roles_are_unknown(other_staff: Client, practice: Practice) -> None:
    role = Role.objects.create(practice=practice, name="hygienist", permissions=["view"])
    assert "hygienist" not in other_staff.get(ROLE_LIST).content.decode()
    assert "hygienist" not in other_staff.get(reverse("admin:accounts_role_table")).content.decode()
    for kind in ("change", "delete", "history"):
        assert other_staff.get(page_of(role, kind)).status_code == 404


def test_who_holds_a_role_is_counted_in_ones_own_practices(
    staff: Client, practice: Practice, other_practice: Practice
) -> None:
    viewer = product_role("viewer")
    for place, name in ((practice, "cleo"), (other_practice, "dora"), (other_practice, "ella")):
        Grant.objects.create(user=user_of(place, name), practice=place, role=viewer)
    listed = {role.name: role.holder_count for role in staff.get(ROLE_LIST).context["cl"].result_list}
    assert listed["viewer"] == 1


def test_a_role_that_somebody_had_stays(staff: Client, practice: Practice) -> None:
    role = Role.objects.create(practice=practice, name="hygienist", permissions=["view"])
    grant = Grant.objects.create(user=user_of(practice, "cleo"), practice=practice, role=role)
    assert staff.post(page_of(role, "delete"), {"post": "yes"}).status_code == 403
    grant.delete()
    assert staff.post(page_of(role, "delete"), {"post": "yes"}).status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()


def test_the_last_administrators_role_keeps_that_permission(staff: Client, practice: Practice) -> None:
    role = Role.objects.get(practice=practice)
    staff.post(page_of(role), {"name": role.name, "may_look": ["view"]})
    role.refresh_from_db()
    assert "administer" in role.permissions


def test_the_table_shows_who_may_what(staff: Client) -> None:
    page = staff.get(reverse("admin:accounts_role_table"))
    rows = {each.value: held for _, rows in page.context["groups"] for each, held in rows}
    names = [role.name for role in page.context["roles"]]
    assert set(rows) == set(Permission.values)
    for name, permissions in ROLES.items():
        assert {value for value, held in rows.items() if held[names.index(name)]} == set(permissions)


def test_a_role_begins_like_another(staff: Client) -> None:
    like = product_role("referring")
    form = staff.get(reverse("admin:accounts_role_add"), {"like": like.pk}).context["adminform"].form
    assert form["may_look"].value() == ["view", "download"]
