"""Senders, unknown senders and messages: in the admin and the REST API, for who administers their practice."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.hl7 import directory, reception, retention
from apps.hl7.directory import Caller
from apps.hl7.models import Message, MessageState, Sender, Stranger
from apps.practice.models import Lead
from apps.worklist.models import ScheduledStep
from tests.conftest import client_of
from tests.hl7.conftest import add_sender
from tests.hl7.texts import adt, order
from tests.rights import give

LIST = "/api/hl7/senders"


@pytest.fixture
def refused(sender: Sender) -> Message:
    """An order with a code that the sender's table does not have."""
    text = order().replace("|||PX", "").replace("PANO^", "NAIL^")
    reception.receive(text.encode(), Caller("127.0.0.1"))
    return Message.objects.get(state=MessageState.REFUSED)


def teach(client: Client, sender: Sender, procedures: str) -> None:
    answer = client.patch(f"{LIST}/{sender.pk}", {"procedures": procedures}, content_type="application/json")
    assert answer.status_code == 200, answer.content


def test_a_sender_is_added_changed_and_removed(client: Client, practice: Practice) -> None:
    asked = {"practice": practice.pk, "name": "RIS", "networks": "10.0.0.0/24", "application": "RIS"}
    made = client.post(LIST, asked, content_type="application/json")
    assert made.status_code == 201, made.content
    sender = Sender.objects.get(pk=made.json()["id"])
    teach(client, sender, 'PANO PX PAN1\n"FULL MOUTH" IO')
    assert client.delete(f"{LIST}/{sender.pk}").status_code == 204
    details = Event.objects.filter(action=Event.Action.CONFIGURATION).values_list("detail", flat=True)
    assert [each for each in details if "HL7 sender RIS" in each]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"networks": "here"}, "192.168.4.0/24"),
        ({"procedures": "PANO"}, "Line 1"),
        ({"charset": "EBCDIC"}, "MSH-18"),
        ({"certificate": "none"}, "certificate"),
        ({"networks": "127.0.0.1"}, "told apart"),
    ],
)
def test_what_makes_no_sense_of_a_sender_is_said(
    client: Client, practice: Practice, facts: dict[str, str], said: str
) -> None:
    add_sender(practice)
    asked = {"practice": practice.pk, "name": "RIS", "networks": "10.0.0.1", **facts}
    answer = client.post(LIST, asked, content_type="application/json")
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_a_refused_message_is_tried_again(client: Client, refused: Message, practice: Practice) -> None:
    retry = f"/api/hl7/messages/{refused.pk}/replay"
    assert client.post(retry).json()["state"] == "refused"
    teach(client, refused.sender, "NAIL IO")
    assert client.post(retry).json()["state"] == "taken"
    step = ScheduledStep.objects.get(practice=practice)
    assert (step.modality, step.external_id) == ("IO", "O-1")
    refused.refresh_from_db()
    assert refused.content == ""
    assert client.post(retry).status_code == 409
    event = Event.objects.filter(action=Event.Action.SCHEDULE).latest("pk")
    assert (event.actor, event.on_behalf_of) == ("Practice software", "nora")


def test_the_page_of_a_message_shows_it_to_who_may_see_patients(
    client: Client, refused: Message, practice: Practice
) -> None:
    page = reverse("admin:hl7_message_change", args=[refused.pk])
    User.objects.update(is_staff=True)
    assert "Doe^Jane^Ann" in client.get(page).content.decode()
    clerk = User.objects.create_user("clerk", practice=practice, is_staff=True)
    give(clerk, practice, Permission.ADMINISTER)
    text = client_of(clerk).get(page).content.decode()
    assert "Doe^Jane" not in text
    assert "may not look at" in text
    answer = client.post(reverse("admin:hl7_message_retry", args=[refused.pk]), follow=True)
    assert "No modality is known" in answer.content.decode()


def test_an_unknown_sender_is_let_in_with_a_click(client: Client, practice: Practice) -> None:
    User.objects.update(is_staff=True)
    answer = reception.receive(adt().encode(), Caller("127.0.0.1"))
    assert answer.code == "AR"
    stranger = Stranger.objects.get()
    listed = client.get(reverse("admin:hl7_stranger_changelist")).content.decode()
    assert "PMS, NORTH" in listed
    assert client.get(reverse("admin:hl7_stranger_change", args=[stranger.pk])).status_code == 200
    done = client.post(reverse("admin:hl7_stranger_allow", args=[stranger.pk]))
    sender = Sender.objects.get(practice=practice)
    assert done.headers["Location"] == reverse("admin:hl7_sender_change", args=[sender.pk])
    assert (sender.application, sender.facility, sender.networks) == ("PMS", "NORTH", "127.0.0.1")
    assert reception.receive(adt().encode(), Caller("127.0.0.1")).code == "AA"
    assert reception.receive(adt().encode(), Caller("10.0.0.9")).code == "AR"
    assert not Stranger.objects.filter(address="127.0.0.1").exists()


def test_others_see_nothing_of_it(stranger_client: Client, anonymous: Client, refused: Message) -> None:
    for place in (f"{LIST}/{refused.sender_id}", f"/api/hl7/messages/{refused.pk}"):
        assert stranger_client.get(place).status_code == 404
        assert anonymous.get(place).status_code == 401
    assert stranger_client.post(f"/api/hl7/messages/{refused.pk}/replay").status_code == 404
    assert stranger_client.get("/api/hl7/messages").json()["results"] == []


def test_who_may_not_administer_is_refused(practice: Practice, sender: Sender) -> None:
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    assert client_of(viewer).get(f"{LIST}/{sender.pk}").status_code == 403


def test_old_messages_go_and_contents_are_bounded(
    refused: Message, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_CONTENTS", 0)
    retention.on_minute()
    refused.refresh_from_db()
    assert refused.content == ""
    settings.HL7_KEEP_DAYS = 0  # type: ignore[attr-defined]
    retention.on_minute()
    assert not Message.objects.exists()


def test_a_sender_that_is_switched_off_is_refused(practice: Practice, sender: Sender) -> None:
    Sender.objects.filter(pk=sender.pk).update(is_active=False)
    directory.forget_all()
    assert reception.receive(adt().encode(), Caller("127.0.0.1")).code == "AR"
    assert not Lead.objects.filter(practice=practice).exists()
