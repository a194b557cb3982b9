"""Orthancs in the admin: added with a script that is shown once, tested, and what they told."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.practice.models import Orthanc, OrthancNotice
from tests.conftest import client_of
from tests.practice.orthancs.calling import call, notice, signed, tell
from tests.practice.orthancs.peer import Peer
from tests.rights import give


@pytest.fixture
def admin(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


def _page(orthanc: Orthanc, name: str) -> str:
    return reverse(f"admin:practice_orthanc_{name}", args=[orthanc.pk])


def test_adding_one_shows_its_script_once(admin: Client, anonymous: Client, practice: Practice) -> None:
    form = {"name": "Clinic", "practice": practice.pk, "url": "10.0.0.7:8042", "is_active": "on", "follows": "on"}
    page = admin.post(reverse("admin:practice_orthanc_add"), {**form, "password": "word"})
    orthanc = Orthanc.objects.get()
    assert (page.status_code, orthanc.url) == (200, "http://10.0.0.7:8042")
    assert "no-store" in page["Cache-Control"]
    script: str = page.context["ready"].python
    secret = next(line for line in script.splitlines() if line.startswith("SECRET = ")).split('"')[1]
    body = notice()
    assert call(anonymous, body, signed(orthanc, body, secret=secret)).status_code == 202
    again = admin.get(_page(orthanc, "change")).content.decode()
    assert secret not in again
    assert "word" not in [field.value() for field in admin.get(_page(orthanc, "change")).context["adminform"].form]


def test_its_page_shows_what_it_told_and_what_came_of_it(admin: Client, anonymous: Client, orthanc: Orthanc) -> None:
    tell(anonymous, orthanc)
    OrthancNotice.objects.update(state="failed", detail="1 could not be stored: it is no DICOM.")
    page = admin.get(_page(orthanc, "change")).content.decode()
    assert "it is no DICOM" in page
    assert "Given up" in page


def test_the_button_tests_it(admin: Client, there: Orthanc, peer: Peer) -> None:
    answer = admin.post(_page(there, "test"))
    assert next(str(each) for each in get_messages(answer.wsgi_request)).endswith("Orthanc 1.12.5.")
    assert admin.get(_page(there, "test")).status_code == 405


def test_the_list_says_how_each_stands(admin: Client, practice: Practice, orthanc: Orthanc) -> None:
    Orthanc.objects.create(practice=practice, name="Ailing", url="http://127.0.0.1:9", last_error="It is away.")
    Orthanc.objects.create(practice=practice, name="Off", url="http://127.0.0.1:9", is_active=False)
    page = admin.get(reverse("admin:practice_orthanc_changelist")).content.decode()
    assert [word in page for word in ("Not heard of yet", "Trouble", "Switched off")] == [True] * 3


@pytest.mark.parametrize("name", ["test", "script"])
def test_others_have_no_button(stranger: User, practice: Practice, orthanc: Orthanc, name: str) -> None:
    vera: Any = User.objects.create_user("vera", practice=practice, is_staff=True)
    give(vera, practice, *(each for each in Permission if each is not Permission.ADMINISTER))
    stranger.is_staff = True
    stranger.save()
    assert client_of(vera).post(_page(orthanc, name)).status_code == 403
    assert client_of(stranger).post(_page(orthanc, name)).status_code == 404
    orthanc.refresh_from_db()
    assert not orthanc.last_error
