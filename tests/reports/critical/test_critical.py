"""Critical findings: raised, told again while nobody acknowledges them, and acknowledged; all of it on record."""

from datetime import timedelta
from typing import Any, Final

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit.models import Event as AuditEvent
from apps.jobs.events import minute_passed
from apps.jobs.handle import JobHandle
from apps.notifications import sending
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import Delivery, Habits, Notification
from apps.reports import critical
from apps.reports.models import CriticalFinding, CriticalStep
from apps.webhooks import interest, kinds
from apps.webhooks.models import Event, Webhook
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.rights import give

ROOT: Final = "/api/critical-findings"
TEXT: Final = "Large pneumothorax on the left"


@pytest.fixture
def study(practice: Practice) -> Study:
    keep(practice, *dicoms.ct_series(1, PatientName="Doe^Xanthippe"))
    return Study.objects.get(practice=practice)


@pytest.fixture
def people(practice: Practice) -> dict[str, User]:
    """Who may do one thing each."""
    found = {}
    for name, permission in (("vera", Permission.VIEW), ("sid", Permission.SIGN), ("ada", Permission.ADMINISTER)):
        user = User.objects.create_user(name, practice=practice, email=f"{name}@example.org", is_staff=True)
        give(user, practice, Permission.VIEW, permission)
        found[name] = user
    return found


def send(client: Client, address: str, body: Any) -> Any:
    return client.post(f"{ROOT}{address}", body, content_type="application/json")


def raised(client: Client, study: Study, **more: Any) -> dict[str, Any]:
    asked = {"study": study.study_instance_uid, "urgency": "hours", "text": TEXT, **more}
    answer = send(client, "", asked)
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def told(user: User) -> list[str]:
    rows = Notification.objects.filter(user=user, kind=Kind.CRITICAL).order_by("pk")
    return [each["what"] for each in rows.values_list("values", flat=True)]


def late(pk: int) -> None:
    CriticalFinding.objects.filter(pk=pk).update(due_at=timezone.now() - timedelta(minutes=1))


def test_a_finding_goes_its_way(client: Client, user: User, study: Study, people: dict[str, User]) -> None:
    made = raised(client, study)
    assert (made["raisedBy"], made["escalations"], made["acknowledgedAt"]) == (user.username, 0, None)
    due = CriticalFinding.objects.get().due_at - CriticalFinding.objects.get().raised_at
    assert due == timedelta(hours=24)
    assert told(people["vera"]) == ["raised"]
    assert told(user) == []
    assert critical.escalate() == 0

    late(made["id"])
    minute_passed.send(sender=None)
    assert critical.escalate() == 0
    assert all(told(each) == ["raised", "escalated"] for each in people.values())
    assert told(user) == ["escalated"]

    answer = send(client_of(people["vera"]), f"/{made['id']}/acknowledge", {"how": "by telephone,  to Dr Weber"})
    assert answer.status_code == 200
    assert (answer.json()["acknowledgedBy"], answer.json()["how"]) == ("vera", "by telephone, to Dr Weber")
    assert told(user) == ["escalated", "acknowledged"]
    assert Notification.objects.filter(user=people["sid"], kind=Kind.CRITICAL, seen_at=None).count() == 0
    late(made["id"])
    assert critical.escalate() == 0
    assert send(client, f"/{made['id']}/acknowledge", {}).status_code == 409

    steps = client.get(f"{ROOT}/{made['id']}").json()["steps"]
    assert [(step["what"].split()[0], step["by"]) for step in steps] == [
        ("Raised.", user.username), ("Nobody", None), ("Acknowledged:", "vera"),
    ]  # fmt: skip
    record = AuditEvent.objects.filter(detail__startswith="critical finding").order_by("pk")
    assert [each.detail.split()[-1] for each in record] == ["raised", "escalated", "acknowledged"]
    assert {each.study_instance_uid for each in record} == {study.study_instance_uid}
    assert not AuditEvent.objects.filter(detail__contains="pneumothorax").exists()


def test_its_recipient_is_told_and_nobody_else_at_first(
    client: Client, study: Study, people: dict[str, User], stranger: User
) -> None:
    made = raised(client, study, recipient=people["vera"].pk)
    assert (told(people["vera"]), told(people["sid"])) == (["raised"], [])
    late(made["id"])
    critical.escalate()
    assert (told(people["sid"]), told(people["ada"])) == (["escalated"], ["escalated"])
    wrong = send(client, "", {**_asked(study), "recipient": stranger.pk})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "recipient")


def _asked(study: Study) -> dict[str, str]:
    return {"study": study.study_instance_uid, "urgency": "minutes", "text": TEXT}


def test_it_is_told_again_only_so_often(
    client: Client, study: Study, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(critical, "MOST_ESCALATIONS", 2)
    pk = raised(client, study)["id"]
    for _ in range(4):
        late(pk)
        critical.escalate()
    assert CriticalFinding.objects.get().escalations == 2
    assert told(people["ada"]) == ["raised", "escalated", "escalated"]
    assert client.get(f"{ROOT}?open=true").json()["results"][0]["id"] == pk


def test_mail_waits_for_no_quiet_hours_and_names_no_patient(
    client: Client, study: Study, people: dict[str, User], settings: Settings
) -> None:
    settings.EMAIL_IS_SENT, settings.PUBLIC_URL = True, "https://fovea.example.org"
    Habits.objects.create(user=people["vera"], quiet_from="00:00", quiet_until="23:59", digest="daily")
    raised(client, study)
    delivery = Delivery.objects.get(user=people["vera"], channel=Channel.EMAIL)
    assert delivery.due_at <= timezone.now()
    sending.send(JobHandle(0, 1), people["vera"].pk)
    (message,) = mail.outbox
    assert "A critical finding was raised." in f"{message.subject} {message.body}"
    assert "Xanthippe" not in message.body
    assert "pneumothorax" not in message.body


def test_webhooks_are_told_without_what_was_found(client: Client, practice: Practice, study: Study) -> None:
    events = [kinds.CRITICAL_RAISED, kinds.CRITICAL_ESCALATED, kinds.CRITICAL_ACKNOWLEDGED]
    Webhook.objects.create(practice=practice, name="Pager", url="https://pager.example.org/", events=events)
    interest.forget_all()
    pk = raised(client, study)["id"]
    late(pk)
    critical.escalate()
    send(client, f"/{pk}/acknowledge", {})
    found = list(Event.objects.order_by("pk"))
    assert [each.kind for each in found] == events
    for each in found:
        assert set(each.data) == set(kinds.find(each.kind).data)  # type: ignore[union-attr]
        assert (each.data["criticalFindingId"], "text" in each.data) == (pk, False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 251}, "text"),
        ({"urgency": "soon"}, "urgency"),
        ({"report": 987_654}, "report"),
        ({"recipient": 987_654}, "recipient"),
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, study: Study, change: dict[str, Any], field: str) -> None:
    answer = send(client, "", {**_asked(study), **change})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not CriticalStep.objects.exists()


def test_a_study_has_only_so_many_open(client: Client, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(critical, "MOST_OPEN", 1)
    raised(client, study)
    assert send(client, "", _asked(study)).status_code == 409


def test_rights(
    client: Client, stranger_client: Client, anonymous: Client, study: Study, people: dict[str, User]
) -> None:
    pk = raised(client, study)["id"]
    viewer = client_of(people["vera"])
    assert send(viewer, "", _asked(study)).status_code == 403
    assert viewer.get(f"{ROOT}?study={study.study_instance_uid}").json()["results"][0]["text"] == TEXT
    assert send(stranger_client, "", _asked(study)).status_code == 404
    assert stranger_client.get(ROOT).json()["results"] == []
    assert stranger_client.get(f"{ROOT}/{pk}").status_code == 404
    assert send(stranger_client, f"/{pk}/acknowledge", {}).status_code == 404
    for answer in (anonymous.get(ROOT), anonymous.get(f"{ROOT}/{pk}"), send(anonymous, f"/{pk}/acknowledge", {})):
        assert answer.status_code == 401
    assert CriticalFinding.objects.get().acknowledged_at is None


def test_the_admin_raises_shows_and_acknowledges(
    user: User, client: Client, stranger_client: Client, study: Study, people: dict[str, User]
) -> None:
    User.objects.filter(username__in=("nora", "sam")).update(is_staff=True)
    place = f"/admin/reports/criticalfinding/new/{study.pk}/"
    assert b"Xanthippe" in client.get(place).content
    assert stranger_client.get(place).status_code == 404
    assert client_of(people["vera"]).get(place).status_code == 403
    client.post(place, {"urgency": "minutes", "text": TEXT, "recipient": ""})
    finding = CriticalFinding.objects.get()
    page = f"/admin/reports/criticalfinding/{finding.pk}/"
    shown = client.get(f"{page}change/").content.decode()
    assert TEXT in shown
    assert "Raised." in shown
    assert stranger_client.get(f"{page}change/").status_code == 404
    assert TEXT in client.get("/admin/reports/criticalfinding/?state=open").content.decode()
    assert TEXT in client.get(f"/admin/archive/study/{study.pk}/change/").content.decode()
    assert stranger_client.post(f"{page}acknowledge/", {"how": ""}).status_code == 404
    client_of(people["vera"]).post(f"{page}acknowledge/", {"how": "in person"})
    finding.refresh_from_db()
    assert (finding.acknowledged_by, finding.how) == (people["vera"], "in person")
    assert client.get("/admin/reports/criticalfinding/?state=open").content.decode().count(TEXT) == 0
