"""Remotes, AE titles and unknown callers in the admin."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.core.sealed import unseal
from apps.remotes.models import ApplicationEntity, Remote, Service, UnknownCaller
from tests.conftest import client_of
from tests.remotes.asking import TITLE, XRAY, ask
from tests.remotes.peer import answering_echo
from tests.rights import give

REMOTES, CALLERS = "/admin/remotes/remote/", "/admin/remotes/unknowncaller/"
TITLES = "/admin/remotes/applicationentity/"


def staff(practice: Practice, name: str, *permissions: Permission) -> Client:
    user = User.objects.create_user(name, practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return client_of(user)


@pytest.fixture
def admin(practice: Practice) -> Client:
    return staff(practice, "ada", Permission.VIEW, Permission.ADMINISTER)


@pytest.fixture
def caller(title: ApplicationEntity) -> UnknownCaller:
    return UnknownCaller.objects.create(
        practice=title.practice, calling="PANO1", called=TITLE, address="10.0.0.9", reason="No remote has this title."
    )


def form(practice: Practice, **changes: Any) -> dict[str, Any]:
    entered = {
        "practice": practice.pk, "name": "Pano", "protocol": "dimse", "is_active": "on", "title": XRAY,
        "host": "10.0.0.9", "port": "104", "services": ["echo", "store"],
    }  # fmt: skip
    return entered | changes


def test_a_remote_is_added_and_on_record(admin: Client, title: ApplicationEntity) -> None:
    assert admin.post(f"{REMOTES}add/", form(title.practice)).status_code == 302
    made = Remote.objects.get()
    assert [service for service in Service if made.may(service)] == [Service.ECHO, Service.STORE]
    assert ask("10.0.0.9").remote_id == made.pk
    event = Event.objects.get(action=Event.Action.CONFIGURATION)
    assert (event.actor, event.source, event.practice) == ("ada", "admin", title.practice)
    assert "Pano added" in event.detail


def test_what_is_wrong_is_said_beside_the_field(admin: Client, practice: Practice) -> None:
    wrong = form(practice, host="a b", networks="10.0.0.1/8", certificate="none", port="")
    page = admin.post(f"{REMOTES}add/", wrong).content.decode()
    for words in ("neither an address nor a name", "host bits set", "no certificate", "Enter the port too"):
        assert words in page
    assert not Remote.objects.exists()


def test_a_remote_is_changed_and_removed(admin: Client, xray: Remote) -> None:
    changed = form(xray.practice, name="Pano", services=["echo"], host="10.0.0.9")
    assert admin.post(f"{REMOTES}{xray.pk}/change/", changed).status_code == 302
    xray.refresh_from_db()
    assert (xray.name, xray.may_store) == ("Pano", False)
    assert admin.post(f"{REMOTES}{xray.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Remote.objects.exists()
    assert Event.objects.filter(action=Event.Action.CONFIGURATION).count() == 2


def test_a_secret_is_kept_and_never_shown(admin: Client, practice: Practice) -> None:
    cloud = {
        "protocol": "dicomweb",
        "url": "https://archive.example.org/dicom-web",
        "title": "",
        "host": "",
        "port": "",
    }
    admin.post(f"{REMOTES}add/", form(practice, **cloud, password="open sesame"))
    made = Remote.objects.get()
    assert unseal(made.secret) == "open sesame"
    page = admin.get(f"{REMOTES}{made.pk}/change/").content.decode()
    assert "open sesame" not in page
    assert made.secret not in page
    admin.post(f"{REMOTES}{made.pk}/change/", form(practice, **cloud, password=""))
    made.refresh_from_db()
    assert unseal(made.secret) == "open sesame"
    assert not Event.objects.filter(detail__contains="sesame").exists()


def test_echo_answers_on_the_page(admin: Client, xray: Remote) -> None:
    with answering_echo(XRAY) as port:
        Remote.objects.update(host="127.0.0.1", port=port)
        page = admin.post(f"{REMOTES}{xray.pk}/echo/", follow=True).content.decode()
    assert "Panoramic X-ray answered in" in page
    assert "can&#x27;t be reached" in admin.post(f"{REMOTES}{xray.pk}/echo/", follow=True).content.decode()


def test_one_click_lets_an_unknown_caller_in(admin: Client, caller: UnknownCaller) -> None:
    page = admin.get(CALLERS).content.decode()
    assert f'formaction="{CALLERS}{caller.pk}/allow/"' in page
    answer = admin.post(f"{CALLERS}{caller.pk}/allow/")
    made = Remote.objects.get()
    assert answer["Location"] == f"{REMOTES}{made.pk}/change/"
    assert [service for service in Service if made.may(service)] == [Service.ECHO, Service.STORE]
    assert ask("10.0.0.9", calling="PANO1").remote_id == made.pk
    assert not UnknownCaller.objects.exists()


def test_or_a_form_says_what_it_may(admin: Client, caller: UnknownCaller) -> None:
    assert "PANO1" in admin.get(f"{CALLERS}{caller.pk}/change/").content.decode()
    page = admin.post(f"{CALLERS}{caller.pk}/allow/", {"name": ""}, follow=True).content.decode()
    assert "Give it a name" in page
    admin.post(f"{CALLERS}{caller.pk}/allow/", {"name": "Pano", "services": ["echo", "find"]})
    made = Remote.objects.get()
    assert (made.name, made.may_find, made.may_store) == ("Pano", True, False)


def test_a_second_caller_of_one_title_gets_a_name_of_its_own(
    admin: Client, caller: UnknownCaller, xray: Remote
) -> None:
    Remote.objects.update(name="PANO1")
    admin.post(f"{CALLERS}{caller.pk}/allow/")
    assert Remote.objects.filter(name="PANO1 from 10.0.0.9").exists()


def test_dismissed_is_off_the_list(admin: Client, caller: UnknownCaller) -> None:
    assert admin.post(f"{CALLERS}{caller.pk}/dismiss/").status_code == 302
    assert not UnknownCaller.objects.exists()
    assert not Remote.objects.exists()


def test_an_ae_title_is_added_and_removed(admin: Client, practice: Practice) -> None:
    assert admin.post(f"{TITLES}add/", {"title": "NORTH2", "practice": practice.pk}).status_code == 302
    made = ApplicationEntity.objects.get()
    assert "already" in admin.post(f"{TITLES}add/", {"title": "NORTH2", "practice": practice.pk}).content.decode()
    admin.post(f"{TITLES}{made.pk}/delete/", {"post": "yes"})
    assert not ApplicationEntity.objects.exists()


@pytest.mark.parametrize("who", ["lacking", "stranger", "nobody"])
def test_others_see_and_decide_nothing(
    who: str, practice: Practice, other_practice: Practice, xray: Remote, caller: UnknownCaller
) -> None:
    everything_else = [each for each in Permission if each is not Permission.ADMINISTER]
    client = {
        "lacking": lambda: staff(practice, "lou", *everything_else),
        "stranger": lambda: staff(other_practice, "stan"),
        "nobody": Client,
    }[who]()
    for path in (f"{REMOTES}{xray.pk}/change/", f"{CALLERS}{caller.pk}/change/", REMOTES, CALLERS):
        page = client.get(path)
        assert XRAY.encode() not in page.content
        assert b"PANO1" not in page.content
    for path in (
        f"remote/{xray.pk}/echo/",
        f"unknowncaller/{caller.pk}/allow/",
        f"unknowncaller/{caller.pk}/dismiss/",
    ):
        assert client.post(f"/admin/remotes/{path}").status_code in {302, 403, 404}
    client.post(f"{REMOTES}{xray.pk}/change/", form(practice, name="Mine"))
    xray.refresh_from_db()
    assert (xray.name, xray.echoed_at) == ("Panoramic X-ray", None)
    assert UnknownCaller.objects.filter(pk=caller.pk).exists()


def test_nobody_adds_a_remote_to_another_practice(admin: Client, other_practice: Practice) -> None:
    page = admin.post(f"{REMOTES}add/", form(other_practice)).content.decode()
    assert "not one of the available choices" in page
    assert not Remote.objects.exists()
