"""Notifications in the REST API: each user's own, and a practice's decisions for who administers it."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit.models import Event
from apps.jobs.models import Job
from apps.notifications.kinds import Kind
from apps.notifications.models import Contact, Notification, Policy, Watch
from apps.notifications.telling import News, tell
from apps.remotes.models import Remote
from tests.conftest import client_of
from tests.notifications.conftest import Person, settle

ROOT = "/api/notifications"
TELEGRAM = "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12345"


def send(client: Client, method: str, address: str, body: Any = None) -> Any:
    return getattr(client, method)(f"{ROOT}{address}", body, content_type="application/json")


def results(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{ROOT}{query}").json()["results"]
    return found


def test_one_reads_what_one_was_told(client: Client, stranger_client: Client, study: Study) -> None:
    settle(study)
    (found,) = results(client)
    assert found["title"] == "A new study has arrived."
    assert found["facts"][0] == "Doe, Xanthippe"
    assert (found["kind"], found["subject"], found["seenAt"]) == ("new_study", study.pk, None)
    assert results(stranger_client) == []


def test_it_is_read_in_the_language_asked_for(client: Client, practice: Practice, user: User) -> None:
    tell(News(Kind.QUOTA, practice.pk, values={"percent": 92}), [user.pk])
    assert results(client)[0]["title"] == "92 % of the practice's space is used."


def test_what_is_seen_can_be_told_apart(client: Client, practice: Practice, user: User) -> None:
    for key in ("a", "b", "c"):
        tell(News(Kind.JOB_FAILED, practice.pk, key, values={"job": key}), [user.pk])
    assert client.get(f"{ROOT}/seen").json() == {"unseen": 3}
    first = results(client)[0]["id"]
    assert send(client, "post", "/seen", {"ids": [first]}).json() == {"unseen": 2}
    assert [each["id"] for each in results(client, "?seen=true")] == [first]
    assert len(results(client, "?seen=false&kind=job_failed")) == 2
    assert send(client, "post", "/seen", {}).json() == {"unseen": 0}


def test_nobody_marks_anothers(stranger_client: Client, practice: Practice, user: User) -> None:
    tell(News(Kind.JOB_FAILED, practice.pk), [user.pk])
    pk = Notification.objects.get().pk
    assert send(stranger_client, "post", "/seen", {"ids": [pk]}).status_code == 200
    assert Notification.objects.get().seen_at is None


def test_long_lists_are_read_page_by_page(client: Client, practice: Practice, user: User) -> None:
    for number in range(5):
        tell(News(Kind.JOB_FAILED, practice.pk, str(number), values={"job": str(number)}), [user.pk])
    first = client.get(f"{ROOT}?limit=3").json()
    second = client.get(first["next"]).json()
    titles = [each["title"] for each in (*first["results"], *second["results"])]
    assert titles == [f"A job failed: {number}." for number in (4, 3, 2, 1, 0)]


def test_preferences_are_kept(client: Client) -> None:
    kept = client.get(f"{ROOT}/preferences").json()
    assert kept["kinds"]["new_study"] == {"app": True, "email": False, "chat": False}
    assert kept["kinds"]["device_silent"] == {"app": True, "email": True, "chat": True}
    asked = {"kinds": {"new_study": {"email": True}}, "quietFrom": "22:00", "quietUntil": "07:00", "digest": "hourly"}
    changed = send(client, "patch", "/preferences", {**asked, "timeZone": "America/Toronto"}).json()
    assert changed["kinds"]["new_study"] == {"app": True, "email": True, "chat": False}
    assert (changed["quietFrom"], changed["digest"]) == ("22:00:00", "hourly")
    assert client.get(f"{ROOT}/preferences").json() == changed


@pytest.mark.parametrize(
    "asked",
    [
        {"timeZone": "Mars/Olympus"},
        {"timeZone": "../../etc/passwd"},
        {"quietFrom": "22:00"},
        {"digest": "weekly"},
        {"kinds": {"gossip": {"app": True}}},
        {"kinds": {"new_study": {"app": "perhaps"}}},
        {"quietFrom": "25:00", "quietUntil": "26:00"},
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, asked: dict[str, Any]) -> None:
    before = client.get(f"{ROOT}/preferences").json()
    answer = send(client, "patch", "/preferences", asked)
    assert answer.status_code == 400
    assert client.get(f"{ROOT}/preferences").json() == before


def test_contacts_never_show_their_address(client: Client, stranger_client: Client) -> None:
    answer = send(client, "post", "/contacts", {"name": "Phone", "url": TELEGRAM})
    assert answer.status_code == 201
    made = answer.json()
    assert made == {"id": made["id"], "name": "Phone", "service": "tgram", "sentAt": None, "error": ""}
    assert client.get(f"{ROOT}/contacts").json()["results"] == [made]
    assert stranger_client.get(f"{ROOT}/contacts").json()["results"] == []
    assert send(stranger_client, "delete", f"/contacts/{made['id']}").status_code == 404
    answer = send(client, "post", f"/contacts/{made['id']}/test")
    assert answer.status_code == 202
    assert Job.objects.get(pk=answer.json()["id"]).kind == "notification-test"
    assert send(client, "delete", f"/contacts/{made['id']}").status_code == 204
    assert not Contact.objects.exists()


def test_a_contact_anywhere_is_refused(client: Client) -> None:
    answer = send(client, "post", "/contacts", {"name": "Phone", "url": "json://169.254.169.254/"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "url"


def test_a_practice_lets_patients_be_named(client: Client, person: Person, practice: Practice) -> None:
    assert client.get(f"{ROOT}/policy").json() == {"practice": practice.pk, "byEmail": False, "byChat": False}
    assert send(client, "patch", "/policy", {"byEmail": True}).json()["byEmail"]
    assert Policy.objects.get().by_email
    assert "by e-mail allowed" in Event.objects.filter(action=Event.Action.CONFIGURATION).latest("pk").detail
    viewer = client_of(person("vera", Permission.VIEW))
    assert send(viewer, "patch", "/policy", {"byChat": True}).status_code == 403


def test_devices_are_expected(client: Client, stranger_client: Client, practice: Practice) -> None:
    remote = Remote.objects.create(practice=practice, name="Pano")
    asked = {"remote": remote.pk, "hours": 10, "days": "123456"}
    assert send(stranger_client, "post", "/devices", asked).status_code == 400
    made = send(client, "post", "/devices", asked).json()
    assert (made["name"], made["days"], made["silentSince"]) == ("Pano", "123456", None)
    for wrong in ({"days": "54321"}, {"hours": 0}, {"days": "8"}):
        assert send(client, "patch", f"/devices/{made['id']}", wrong).status_code == 400
    assert send(client, "patch", f"/devices/{made['id']}", {"hours": 12}).json()["hours"] == 12
    assert send(stranger_client, "patch", f"/devices/{made['id']}", {"hours": 1}).status_code == 404
    assert send(client, "delete", f"/devices/{made['id']}").status_code == 204
    assert not Watch.objects.exists()


def test_nobody_signs_in_by_nothing(anonymous: Client) -> None:
    for address in ("", "/seen", "/preferences", "/contacts", "/policy", "/devices"):
        assert anonymous.get(f"{ROOT}{address}").status_code == 401
