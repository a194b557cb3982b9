"""A password that was given, and a second factor that the site asks for, come before everything else."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.accounts import authentication
from apps.accounts.models import Token, User
from apps.ops.first_start import initialise
from tests.accounts.sign_ins import ACCOUNT, STUDIES, basic, bearer, post_sign_in, set_up_app
from tests.conftest import PASSWORD, client_of

pytestmark = pytest.mark.django_db

CHANGE = "/accounts/password/change/"
TWO_STEP = "/accounts/two-step/"
OWN = "a staple of one's own"


@pytest.fixture
def newcomer(user: User) -> User:
    user.must_change_password, user.email = True, "nora.hofstadter@example.org"
    user.save()
    return user


def change(client: Client, new: str = OWN, old: str = PASSWORD) -> int:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new}).status_code


@pytest.mark.parametrize("page", ["/viewer/?a=b", ACCOUNT, TWO_STEP, "/accounts/sessions/", "/admin/"])
def test_every_page_leads_to_the_change(newcomer: User, page: str) -> None:
    answer = client_of(newcomer).get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{CHANGE}?next=")


def test_after_the_change_one_goes_on(newcomer: User) -> None:
    client = client_of(newcomer)
    way = client.get("/viewer/?a=b")["Location"]
    assert "given to you" in client.get(way).content.decode()
    fields = {"oldpassword": PASSWORD, "password1": OWN, "password2": OWN, "next": "/viewer/?a=b"}
    assert client.post(CHANGE, fields)["Location"] == "/viewer/?a=b"
    assert client.get(ACCOUNT).status_code == 200
    assert client.get(STUDIES).status_code == 200


@pytest.mark.parametrize("new", [PASSWORD, "password1234", "short pass", "nora.hofstadter", "x" * 129])
def test_not_any_password_will_do(newcomer: User, new: str) -> None:
    client = client_of(newcomer)
    assert change(client, new) == 200
    newcomer.refresh_from_db()
    assert newcomer.must_change_password


def test_dicomweb_and_the_api_say_what_to_do(newcomer: User) -> None:
    for address in (STUDIES, "/api/me"):
        for answer in (client_of(newcomer).get(address), Client().get(address, headers=basic(newcomer))):
            assert answer.status_code == 403
            assert "choose one of your own" in answer.json()["detail"]


def test_a_program_goes_on_with_its_token(newcomer: User) -> None:
    _, secret = Token.issue(newcomer, "PMS")
    assert Client().get(STUDIES, headers=bearer(secret)).status_code == 200


def test_one_can_always_sign_out(newcomer: User) -> None:
    assert client_of(newcomer).post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_the_viewers_files_are_nobodys(newcomer: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client_of_cookie(newcomer).get("/viewer/x/app.js").status_code == 404


def client_of_cookie(user: User) -> Client:
    return Client(HTTP_COOKIE="sessionid=whatever")


@pytest.mark.parametrize(("given", "must"), [("", True), ("a password that somebody chose", False)])
def test_the_first_password_is_changed_where_it_was_made_up(db: None, given: str, must: bool) -> None:
    initialise("admin", given)
    assert User.objects.get(username="admin").must_change_password is must


@pytest.mark.parametrize(
    ("required", "is_staff", "is_led"),
    [("nobody", True, False), ("staff", False, False), ("staff", True, True), ("everybody", False, True)],
)
def test_a_second_factor_is_asked_of_whom_the_site_says(
    settings: Settings, user: User, required: str, is_staff: bool, is_led: bool
) -> None:
    settings.REQUIRE_MFA = required
    User.objects.filter(pk=user.pk).update(is_staff=is_staff)
    client = client_of(User.objects.get(pk=user.pk))
    assert client.get(ACCOUNT).status_code == (302 if is_led else 200)
    assert client.get(STUDIES).status_code == (403 if is_led else 200)
    assert Client().get(STUDIES, headers=basic(user)).status_code == (403 if is_led else 200)


def test_who_has_set_it_up_goes_on(settings: Settings, user: User) -> None:
    settings.REQUIRE_MFA = "everybody"
    client = client_of(user)
    assert client.get(TWO_STEP).status_code == client.get(f"{TWO_STEP}totp/activate/").status_code == 200
    set_up_app(user)
    authentication.forget_all()
    assert client.get(ACCOUNT).status_code == client.get(STUDIES).status_code == 200


def test_whom_a_provider_signed_in_has_done_that_there(settings: Settings, user: User) -> None:
    settings.REQUIRE_MFA = "everybody"
    client = client_of(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 0}]
    session.save()
    assert client.get(ACCOUNT).status_code == client.get(STUDIES).status_code == 200


@pytest.mark.parametrize("is_to_change", [True, False])
def test_administrators_give_passwords_to_be_changed(stranger: User, user: User, is_to_change: bool) -> None:
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    boss = client_of(stranger)
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    assert 'name="must_change_password" checked' in boss.get(page).content.decode()
    fields = {"password1": OWN, "password2": OWN, **({"must_change_password": "on"} if is_to_change else {})}
    assert boss.post(page, fields).status_code == 302
    user.refresh_from_db()
    assert user.must_change_password is is_to_change
    led_to = post_sign_in(Client(), user, OWN)
    assert led_to == "/viewer/"
