"""The steps of family access, as staff and the invited person take them, by pages and by REST."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from apps.access.models import Invitation
from apps.archive.models import Study
from tests.access.conftest import ask

PASSWORD = "seven green bottles"
WHY = "The papers were false"


def invite(client: Client, *studies: Study, days: int = 30, **more: Any) -> Any:
    body = {
        "studies": [study.study_instance_uid for study in studies],
        "name": "Maria Doe",
        "contact": "maria@example.org",
        "relation": "parent",
        "until": (timezone.now() + timedelta(days=days)).isoformat(),
    }
    return ask(client, "invitations", **(body | more))


def sign_up(link: str, username: str = "maria", password: str = PASSWORD) -> tuple[Client, Any]:
    """A browser that makes an account by the link, and the answer."""
    browser = Client(HTTP_SEC_FETCH_SITE="same-origin")
    form = {"username": username, "password": password, "again": password}
    return browser, browser.post(link, form, follow=True)


def new_code(client: Client, pk: int) -> str:
    return str(ask(client, f"invitations/{pk}/code").json()["code"])


def enter(browser: Client, pk: int, code: str) -> str:
    """The page that follows."""
    return browser.post(f"/access/invitations/{pk}/code/", {"code": code}, follow=True).content.decode()


def opened(client: Client, *studies: Study, **more: Any) -> tuple[Client, int]:
    """A relative whose account was made by an invitation, and the invitation."""
    made = invite(client, *studies, **more).json()
    browser, _ = sign_up(made["link"])
    return browser, made["id"]


def verified(client: Client, *studies: Study, **more: Any) -> tuple[Client, int]:
    """A relative whose code was right."""
    browser, pk = opened(client, *studies, **more)
    enter(browser, pk, new_code(client, pk))
    return browser, pk


def accepted(client: Client, *studies: Study, **more: Any) -> tuple[Client, int]:
    """A relative who was let in."""
    browser, pk = verified(client, *studies, **more)
    assert ask(client, f"invitations/{pk}/accept").status_code == 200
    return browser, pk


def state(pk: int) -> str:
    return Invitation.objects.get(pk=pk).state
