"""Webhooks in the admin: the secret once, the log, and the buttons."""

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.core.sealed import unseal
from apps.webhooks.models import Delivery, Webhook
from tests.conftest import client_of
from tests.webhooks.receiver import Receiver
from tests.webhooks.working import happen

pytestmark = pytest.mark.django_db
Let = Callable[[], list[Delivery]]


@pytest.fixture
def admin(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


def page(webhook: Webhook, name: str = "change") -> str:
    return reverse(f"admin:webhooks_webhook_{name}", args=[webhook.pk])


def said(answer: object) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


def test_adding_one_shows_its_secret_once(admin: Client, practice: Practice) -> None:
    form = {"name": "PMS", "practice": practice.pk, "url": "http://127.0.0.1:8042/", "is_active": "on",
            "events": ["study.stable", "job.finished"], "detail": "ids"}  # fmt: skip
    shown = admin.post(reverse("admin:webhooks_webhook_add"), form)
    webhook = Webhook.objects.get()
    secret = unseal(webhook.secret)
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert webhook.events == ["study.stable", "job.finished"]
    assert secret not in admin.get(page(webhook)).content.decode()


def test_what_is_refused_is_said_beside_its_field(admin: Client, practice: Practice) -> None:
    form = {"name": "PMS", "practice": practice.pk, "url": "http://10.0.0.5/", "is_active": "on",
            "events": ["study.stable"], "detail": "ids"}  # fmt: skip
    answer = admin.post(reverse("admin:webhooks_webhook_add"), form)
    assert "private network" in str(answer.context["adminform"].form.errors["url"])


def test_its_page_shows_what_it_was_told(
    admin: Client, practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    receiver.order(status=500)
    happen(practice)
    delivered()
    shown = admin.get(page(webhook)).content.decode()
    assert "It answers with HTTP 500." in shown
    assert "Failed, tried again" in shown


def test_the_buttons_test_it_give_a_secret_and_end_a_pause(admin: Client, webhook: Webhook, receiver: Receiver) -> None:
    assert "has taken it" in said(admin.post(page(webhook, "test")))
    assert "whsec_" in admin.post(page(webhook, "secret")).content.decode()
    assert "does not pause" in said(admin.post(page(webhook, "resume")))
    Webhook.objects.update(paused_at=timezone.now())
    assert "goes on" in said(admin.post(page(webhook, "resume")))
    assert admin.get(page(webhook, "test")).status_code == 405


def test_a_delivery_shows_its_body_and_answer_and_is_sent_again(
    admin: Client, practice: Practice, webhook: Webhook, delivered: Let
) -> None:
    happen(practice, 77)
    (row,) = delivered()
    shown = admin.get(reverse("admin:webhooks_delivery_change", args=[row.pk])).content.decode()
    assert "&quot;jobId&quot;: 77" in shown
    assert "answered 200" in shown
    action = {"action": "redeliver_selected", "_selected_action": [row.pk]}
    assert "is sent again" in said(admin.post(reverse("admin:webhooks_delivery_changelist"), action))
    row.refresh_from_db()
    assert row.state == "waiting"


def test_what_a_receiver_answers_is_shown_as_text(
    admin: Client, practice: Practice, webhook: Webhook, delivered: Let
) -> None:
    happen(practice)
    delivered()
    Delivery.objects.update(answer="<script>alert(1)</script>")
    row = Delivery.objects.get()
    shown = admin.get(reverse("admin:webhooks_delivery_change", args=[row.pk])).content.decode()
    assert "<script>alert" not in shown


def test_removing_one_asks_about_it_alone(admin: Client, practice: Practice, webhook: Webhook, delivered: Let) -> None:
    for number in range(3):
        happen(practice, number)
    confirm = admin.get(page(webhook, "delete"))
    assert "delivery" not in confirm.content.decode().lower().split("<main")[-1].replace("webhooks/delivery", "")
    admin.post(page(webhook, "delete"), {"post": "yes"})
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


def test_the_list_says_how_each_stands(admin: Client, practice: Practice, webhook: Webhook) -> None:
    more = {"practice": practice, "url": "https://x.example.org/", "events": ["study.stable"]}
    Webhook.objects.create(**more, name="Off", is_active=False)
    Webhook.objects.create(**more, name="Ailing", failures=2, last_error="It does not answer in time.")
    Webhook.objects.create(**more, name="Pausing", paused_at=timezone.now())
    shown = admin.get(reverse("admin:webhooks_webhook_changelist")).content.decode()
    for words in ("Nothing delivered yet", "Switched off", "Trouble", "Pauses"):
        assert words in shown
