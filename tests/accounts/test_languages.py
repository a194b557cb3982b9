"""Choosing the language of the pages, with an account and without one."""

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import User
from tests.accounts.sign_ins import ACCOUNT, LOGIN

pytestmark = pytest.mark.django_db

SWITCH = "/accounts/language/"


def test_it_is_kept_with_the_account_of_whoever_is_signed_in(client: Client, user: User) -> None:
    answer = client.post(SWITCH, {"language": "fr", "next": ACCOUNT})
    user.refresh_from_db()
    assert (answer["Location"], user.language) == (ACCOUNT, "fr")
    assert '<html lang="fr">' in client.get(ACCOUNT).content.decode()


def test_it_is_kept_in_the_browser_of_whoever_is_not(anonymous: Client) -> None:
    answer = anonymous.post(SWITCH, {"language": "zh-hans", "next": f"{LOGIN}?next=/admin/"})
    assert answer["Location"] == f"{LOGIN}?next=/admin/"
    assert '<html lang="zh-hans">' in anonymous.get(LOGIN).content.decode()


def test_the_accounts_language_goes_before_the_browsers(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(language="es")
    assert '<html lang="es">' in client.get(ACCOUNT, headers={"Accept-Language": "fr"}).content.decode()


@pytest.mark.parametrize("kind", ["client", "anonymous"])
def test_it_can_be_left_to_the_browser_again(kind: str, request: pytest.FixtureRequest) -> None:
    somebody: Client = request.getfixturevalue(kind)
    somebody.post(SWITCH, {"language": "es"})
    somebody.post(SWITCH, {"language": ""})
    page = somebody.get(ACCOUNT, headers={"Accept-Language": "fr"}, follow=True).content.decode()
    assert '<html lang="fr">' in page


@pytest.mark.parametrize("language", ["tlh", "../../etc", "FR"])
def test_there_are_no_others(client: Client, user: User, language: str) -> None:
    assert client.post(SWITCH, {"language": language}).status_code == 400
    user.refresh_from_db()
    assert user.language == ""


@pytest.mark.parametrize("way", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_it_leads_to_this_site_alone(anonymous: Client, way: str) -> None:
    assert anonymous.post(SWITCH, {"language": "fr", "next": way})["Location"] == ACCOUNT


def test_it_takes_more_than_a_link(anonymous: Client) -> None:
    assert anonymous.get(SWITCH, {"language": "fr"}).status_code == 405


def test_whoever_has_to_choose_a_password_first_may_do_so_in_their_language(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    client.post(SWITCH, {"language": "fr"})
    user.refresh_from_db()
    assert user.language == "fr"


def test_pages_offer_all_languages_by_their_own_names(client: Client, user: User, anonymous: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    for page in (anonymous.get(LOGIN), client.get("/admin/")):
        for code, name in settings.LANGUAGES:
            assert f'name="language" value="{code}" lang="{code}"' in page.content.decode()
            assert f">{name}</button>" in page.content.decode()


def test_after_a_wrong_password_the_way_to_where_one_wanted_is_not_lost(anonymous: Client) -> None:
    wrong = {"username": "nobody", "password": "wrong", "next": "/admin/"}
    assert f'name="next" value="{LOGIN}?next=%2Fadmin%2F"' in anonymous.post(LOGIN, wrong).content.decode()
