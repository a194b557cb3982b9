"""Users in the admin, as superusers and administrators of practices look after them."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from tests.admin.conftest import StaffWho
from tests.admin.people import PASSWORD, post_user, product_role
from tests.conftest import user_of
from tests.rights import give

USERS = reverse("admin:accounts_user_changelist")


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def change(client: Client, user: User, **fields: object) -> int:
    facts = {"username": user.username, "is_active": "on", **fields}
    return int(client.post(page_of(user), facts).status_code)


def test_a_user_is_made_with_a_first_role(boss: Client, other_practice: Practice) -> None:
    role = product_role("radiologist")
    answer = post_user(
        boss, first_practice=other_practice.pk, first_role=role.pk, first_scope="practice", is_staff="on"
    )
    assert answer.status_code == 302
    made = User.objects.get(username="new")
    assert made.is_staff
    assert made.check_password(PASSWORD)
    assert made.practice == other_practice
    assert Grant.objects.get(user=made).role == role
    told = Event.objects.filter(practice=other_practice, actor="nora").values_list("action", "detail")
    assert ("rights", "given: radiologist to new") in told


def test_an_administrator_makes_users_of_their_practice_alone(
    staff: Client, practice: Practice, other_practice: Practice
) -> None:
    role = product_role("radiologist")
    elsewhere = post_user(staff, first_practice=other_practice.pk, first_role=role.pk, first_scope="practice")
    assert "Select a valid choice" in elsewhere.content.decode()
    assert "Give the new user a role" in post_user(staff).content.decode()
    assert post_user(staff, first_practice=practice.pk, first_role=role.pk, first_scope="practice").status_code == 302
    assert User.objects.get(username="new").practice == practice


def test_nobody_gives_a_new_user_more_than_they_have(staff_who: StaffWho, practice: Practice) -> None:
    client = staff_who(Permission.VIEW, Permission.ADMINISTER)
    answer = post_user(
        client, first_practice=practice.pk, first_role=product_role("radiologist").pk, first_scope="practice"
    )
    assert "have yourself" in answer.content.decode()
    assert not User.objects.filter(username="new").exists()


def test_an_administrator_makes_no_superuser(staff: Client, practice: Practice) -> None:
    colleague = user_of(practice, "cleo")
    role = product_role("viewer")
    post_user(staff, first_practice=practice.pk, first_role=role.pk, first_scope="practice", is_superuser="on")
    change(staff, colleague, is_superuser="on")
    assert not User.objects.filter(is_superuser=True).exists()


def test_an_administrator_sees_their_own_users(staff: Client, practice: Practice, stranger: User) -> None:
    user_of(practice, "cleo")
    page = staff.get(USERS).content.decode()
    assert "cleo" in page
    assert "sam" not in page
    assert staff.get(page_of(stranger)).status_code == 404
    assert staff.get(reverse("admin:auth_user_password_change", args=[stranger.pk])).status_code in {403, 404}


def test_who_works_elsewhere_too_is_looked_at_and_left_alone(staff: Client, practice: Practice, stranger: User) -> None:
    give(stranger, practice, Permission.VIEW)
    page = staff.get(page_of(stranger)).content.decode()
    assert "works in another practice too" in page
    assert "South" not in page
    assert change(staff, stranger, first_name="Sammy") == 403
    assert staff.get(reverse("admin:auth_user_password_change", args=[stranger.pk])).status_code == 403


def test_a_superusers_account_is_for_superusers(staff: Client, practice: Practice) -> None:
    chief = user_of(practice, "chief")
    User.objects.filter(pk=chief.pk).update(is_superuser=True)
    assert "is a superuser" in staff.get(page_of(chief)).content.decode()
    assert change(staff, chief, first_name="X") == 403


def test_an_account_that_may_more_is_left_alone(staff_who: StaffWho, practice: Practice) -> None:
    colleague = user_of(practice, "cleo")
    client = staff_who(Permission.VIEW, Permission.ADMINISTER)
    assert "may do what you may not" in client.get(page_of(colleague)).content.decode()
    assert change(client, colleague, first_name="X") == 403


def test_an_account_is_closed_on_record(staff: Client, practice: Practice) -> None:
    colleague = user_of(practice, "cleo")
    chosen = {"action": "close_selected", "_selected_action": [colleague.pk]}
    staff.post(USERS, chosen)
    colleague.refresh_from_db()
    assert not colleague.is_active
    assert Event.objects.filter(action="account", detail="cleo: is_active changed", practice=practice).exists()


def test_the_last_superuser_stays(boss: Client, user: User) -> None:
    boss.post(USERS, {"action": "close_selected", "_selected_action": [user.pk]})
    assert change(boss, user, is_superuser="") == 302
    boss.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})
    user.refresh_from_db()
    assert user.is_active
    assert user.is_superuser


def test_a_given_password_is_on_record(staff: Client, practice: Practice) -> None:
    colleague = user_of(practice, "cleo")
    address = reverse("admin:auth_user_password_change", args=[colleague.pk])
    given = {"usable_password": "true", "password1": "another good one", "password2": "another good one"}
    assert staff.post(address, given).status_code == 302
    colleague.refresh_from_db()
    assert colleague.check_password("another good one")
    assert Event.objects.filter(action="account", detail="cleo: password given").exists()


def test_the_list_costs_the_same_whatever_its_length(
    boss: Client, practice: Practice, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    boss.get(USERS)
    with django_assert_max_num_queries(13) as few:
        boss.get(USERS)
    for number in range(5):
        user_of(practice, f"user{number}")
    with django_assert_max_num_queries(len(few)):
        boss.get(USERS)


def test_a_practice_with_patients_stays(boss: Client, practice: Practice, study: object) -> None:
    assert boss.post(reverse("admin:accounts_practice_delete", args=[practice.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", ["changelist", "add"])
def test_practices_are_the_superusers_affair(boss: Client, other_staff: Client, page: str) -> None:
    address = reverse(f"admin:accounts_practice_{page}")
    assert boss.get(address).status_code == 200
    assert other_staff.get(address).status_code == 403
