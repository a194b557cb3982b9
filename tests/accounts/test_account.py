"""One's own account: what it shows, the practice one works in, and what there is not."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.accounts.models import Practice, User
from tests.accounts.sign_ins import ACCOUNT, LOGIN
from tests.conftest import client_of
from tests.rights import give

pytestmark = pytest.mark.django_db

SWITCH = "/accounts/practice/"


def test_it_leads_to_all_there_is_to_look_after(client: Client) -> None:
    page = client.get(ACCOUNT).content.decode()
    for address in ("password/change", "two-step", "two-step/webauthn", "sessions"):
        assert f'href="/accounts/{address}/"' in page
        assert client.get(f"/accounts/{address}/").status_code == 200


def test_it_is_for_who_is_signed_in(anonymous: Client) -> None:
    assert anonymous.get(ACCOUNT)["Location"] == f"{LOGIN}?next={ACCOUNT}"
    assert anonymous.post(SWITCH).status_code == 302


def test_one_switches_to_a_practice_of_ones_own(client: Client, user: User, other_practice: Practice) -> None:
    give(user, other_practice)
    assert other_practice.name in client.get(ACCOUNT).content.decode()
    answer = client.post(SWITCH, {"practice": other_practice.pk, "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert client.get("/api/me").json()["practice"]["name"] == other_practice.name


def test_another_practice_can_not_be_chosen(client: Client, user: User, other_practice: Practice) -> None:
    assert client.post(SWITCH, {"practice": other_practice.pk}).status_code == 403
    user.refresh_from_db()
    assert user.practice != other_practice


def test_the_administration_shows_the_active_practice_to_who_has_several(user: User, other_practice: Practice) -> None:
    user.is_staff = True
    user.save()
    client = client_of(user)
    assert 'class="fovea-practice"' not in client.get("/admin/").content.decode()
    give(user, other_practice)
    page = client.get("/admin/").content.decode()
    assert f'<button type="submit" name="practice" value="{other_practice.pk}">' in page


@pytest.mark.parametrize("way", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_switching_leads_to_this_site_alone(client: Client, user: User, way: str) -> None:
    assert client.post(SWITCH, {"practice": user.practice_id, "next": way})["Location"] == ACCOUNT


def test_switching_takes_more_than_a_link(client: Client, user: User) -> None:
    assert client.get(SWITCH, {"practice": user.practice_id}).status_code == 405


def test_the_administration_has_no_sign_in_of_its_own(anonymous: Client) -> None:
    way = anonymous.get("/admin/archive/study/", follow=True)
    assert way.redirect_chain[-1][0] == f"{LOGIN}?next=/admin/archive/study/"


def test_who_may_not_administer_is_told_so(client: Client) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "not for this account" in answer.content.decode()


def test_staff_sign_out_of_the_administration_by_the_same_way(user: User) -> None:
    user.is_staff = True
    user.save()
    client = client_of(user)
    assert client.post("/admin/logout/")["Location"] == LOGIN
    assert client.get(ACCOUNT).status_code == 302


@pytest.mark.parametrize("address", ["signup/", "email/", "password/reset/", "provider/sso/login/", "confirm-email/"])
def test_there_is_no_such_page(anonymous: Client, address: str) -> None:
    assert anonymous.get(f"/accounts/{address}").status_code == 404


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password"])
def test_nothing_leads_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("page", [LOGIN, ACCOUNT, "/accounts/two-step/totp/activate/", "/accounts/two-step/webauthn/"])
def test_pages_run_nothing_inline(client: Client, anonymous: Client, page: str) -> None:
    text = (anonymous if page == LOGIN else client).get(page).content.decode()
    for inline in ("<style", " style=", " onclick=", "<script>", 'type="module"'):
        assert inline not in text
