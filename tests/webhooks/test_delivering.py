"""What the courier sends, to a practice system in a process of its own that verifies it by the documented example."""

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from apps.accounts.models import Practice
from apps.core.sealed import seal
from apps.webhooks import recording
from apps.webhooks.models import Delivery, DeliveryAttempt, Webhook
from apps.webhooks.signing import new_secret
from tests.webhooks.conftest import SECRET
from tests.webhooks.receiver import Receiver
from tests.webhooks.working import happen, let_pass, now_due

pytestmark = pytest.mark.django_db
Let = Callable[[], list[Delivery]]


def test_an_event_arrives_signed_and_is_believed(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    event = happen(practice, 7)
    (row,) = delivered()
    assert (row.state, row.last_status, row.attempts, row.answer, row.next_at) == (
        "delivered",
        200,
        1,
        "answered 200",
        None,
    )
    (told,) = receiver.events
    assert (told["type"], told["data"]["jobId"], told["sequence"]) == ("job.finished", 7, event.pk)
    (raw,) = receiver.raw
    assert (raw["headers"]["webhook-id"], raw["headers"]["content-type"]) == (str(event.uid), "application/json")
    assert DeliveryAttempt.objects.get().status == 200
    webhook.refresh_from_db()
    assert webhook.last_success_at


def test_the_bytes_that_are_signed_are_those_that_are_sent(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    happen(practice, error="“é”\n")
    delivered()
    body = b64decode(receiver.raw[0]["body"])
    assert orjson.loads(body)["data"]["error"] == "“é”\n"
    assert receiver.raw[0]["answer"] == 200


@pytest.mark.parametrize("change", ["body", "id", "time", "secret"])
def test_a_forged_or_replayed_message_is_refused(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let, change: str
) -> None:
    happen(practice)
    delivered()
    (message,) = receiver.raw
    assert receiver.send(message) == 200
    changed = dict(message)
    headers: dict[str, str] = {}
    if change == "body":
        changed["body"] = "e30="
    elif change == "secret":
        receiver.order(secret=new_secret())
    elif change == "id":
        headers = {"webhook-id": "another"}
    else:
        headers = {"webhook-timestamp": str(int(message["headers"]["webhook-timestamp"]) - 600)}
    assert receiver.send(changed, **headers) == 401
    assert len(receiver.events) == 1


def test_what_is_sent_again_is_known_by_its_number(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    happen(practice)
    delivered()
    Delivery.objects.update(state="waiting", next_at=timezone.now())
    delivered()
    assert len(receiver.raw) == 2
    assert receiver.raw[0]["headers"]["webhook-id"] == receiver.raw[1]["headers"]["webhook-id"]
    assert len(receiver.events) == 1


def test_two_secrets_sign_while_one_is_replaced(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    Webhook.objects.update(
        secret=seal(new_secret()), former_secret=seal(SECRET), former_until=timezone.now() + timedelta(hours=1)
    )
    happen(practice, 1)
    assert delivered()[0].state == "delivered"
    assert len(receiver.raw[0]["headers"]["webhook-signature"].split()) == 2
    Webhook.objects.update(former_until=timezone.now())
    happen(practice, 2)
    assert delivered()[1].last_status == 401


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
def test_what_is_not_taken_is_tried_again(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let, no_jitter: None, status: int
) -> None:
    receiver.order(status=status, headers={"Location": "http://127.0.0.1:1/"})
    happen(practice)
    (row,) = delivered()
    assert (row.state, row.last_status, row.attempts) == ("failed", status, 1)
    assert row.next_at is not None
    assert timedelta(seconds=3) < row.next_at - timezone.now() <= timedelta(seconds=5)
    assert ("leads on" in row.last_error) == (status == 301)
    receiver.order(secret=SECRET)
    let_pass(timedelta(seconds=5))
    assert delivered()[0].state == "delivered"
    assert [attempt.status for attempt in DeliveryAttempt.objects.all()] == [status, 200]


def test_a_receiver_may_ask_for_a_pause(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    receiver.order(status=429, headers={"Retry-After": "3600"})
    happen(practice)
    (row,) = delivered()
    assert row.next_at is not None
    assert timedelta(minutes=59) < row.next_at - timezone.now() <= timedelta(hours=1)
    webhook.refresh_from_db()
    assert webhook.not_before is not None
    assert webhook.not_before - timezone.now() > timedelta(minutes=59)


def test_after_three_days_of_attempts_it_is_given_up(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    receiver.order(status=500)
    happen(practice)
    for _ in range(11):
        now_due()
        delivered()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.next_at) == ("given_up", 11, None)
    assert DeliveryAttempt.objects.count() == 11


def test_one_that_is_gone_is_switched_off(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    receiver.order(status=410)
    happen(practice)
    (row,) = delivered()
    webhook.refresh_from_db()
    assert (row.state, webhook.is_active) == ("given_up", False)
    assert webhook.pause_reason == recording.SAID_GONE


def test_a_dead_receiver_is_left_alone_until_it_is_back(
    practice: Practice, elsewhere: Webhook, receiver: Receiver, delivered: Let
) -> None:
    for number in range(40):
        happen(practice, number)
    delivered()
    elsewhere.refresh_from_db()
    tried = DeliveryAttempt.objects.count()
    assert elsewhere.failures == tried < 40
    assert elsewhere.not_before is not None
    assert "can't be reached" in elsewhere.last_error
    Webhook.objects.update(url=receiver.url)
    now_due()
    assert {row.state for row in delivered()} == {"delivered"}
    assert len(receiver.events) == 40


def test_one_that_fails_for_days_pauses_and_people_are_told(
    practice: Practice, elsewhere: Webhook, delivered: Let
) -> None:
    happen(practice)
    delivered()
    let_pass(timedelta(days=4))
    delivered()
    elsewhere.refresh_from_db()
    assert elsewhere.paused_at
    assert elsewhere.pause_reason == recording.FAILED_LONG
    happen(practice, 2)
    now_due()
    assert [row.state for row in delivered()] == ["failed", "waiting"]


def test_events_of_one_study_arrive_in_order_although_the_first_failed(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    receiver.order(status=500)
    for number in range(3):
        happen(practice, number, subject="1.2.3")
    assert [row.attempts for row in delivered()] == [1, 0, 0]
    receiver.order(secret=SECRET)
    now_due()
    delivered()
    assert [event["data"]["jobId"] for event in receiver.events] == [0, 1, 2]


def test_one_event_that_nobody_can_take_does_not_hold_its_study_for_ever(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    receiver.order(status=500)
    happen(practice, 1, subject="1.2.3")
    for _ in range(3):
        now_due()
        delivered()
    happen(practice, 2, subject="1.2.3")
    receiver.order(secret=SECRET)
    Webhook.objects.update(not_before=None)
    delivered()
    assert receiver.events[0]["data"]["jobId"] == 2


def test_a_secret_that_is_lost_is_said_to_be(practice: Practice, webhook: Webhook, delivered: Let) -> None:
    Webhook.objects.update(secret="lost")
    happen(practice)
    assert "Give it a new one" in delivered()[0].last_error
