"""Webhooks by REST: added with a secret that is told once, changed, tested, and sent again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event as Entry
from apps.core.sealed import unseal
from apps.webhooks.models import Delivery, Webhook
from tests.conftest import client_of
from tests.rights import give
from tests.webhooks.receiver import Receiver
from tests.webhooks.working import happen

pytestmark = pytest.mark.django_db
Let = Callable[[], list[Delivery]]
JSON = "application/json"


def facts(practice: Practice, **more: Any) -> dict[str, Any]:
    asked = {"practice": practice.pk, "name": "PMS", "url": "https://203.0.113.7/hook", "events": ["study.received"]}
    return asked | more


def add(client: Client, practice: Practice, **more: Any) -> Any:
    return client.post("/api/webhooks", facts(practice, **more), content_type=JSON)


@pytest.fixture(autouse=True)
def known_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is looked up outside: documentation's addresses stand for the internet's."""
    from apps.webhooks import addresses

    monkeypatch.setattr(addresses, "addresses_of", _known)


def _known(host: str) -> frozenset[Any]:
    from apps.dicom.network.addresses import parse

    known = {"public.example.org": "93.184.216.34", "inside.example.org": "10.0.0.5"}
    host = {"203.0.113.7": "93.184.216.34"}.get(host, host)
    try:
        return frozenset({parse(known.get(host, host))})
    except ValueError:
        return frozenset()


def test_one_is_added_with_its_secret_told_once(client: Client, practice: Practice) -> None:
    answer = add(client, practice)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    secret = answer.json()["secret"]
    webhook = Webhook.objects.get()
    assert secret.startswith("whsec_")
    assert unseal(webhook.secret) == secret
    assert webhook.created_by
    assert secret not in client.get(f"/api/webhooks/{webhook.pk}").content.decode()
    assert Entry.objects.filter(action="configuration", detail__startswith="webhook PMS added").exists()
    assert not Entry.objects.filter(detail__contains="whsec_").exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"url": "ftp://public.example.org/"}, "url"),
        ({"url": "https://user:word@public.example.org/"}, "url"),
        ({"url": "https://public.example.org/#part"}, "url"),
        ({"url": "https://public.example.org/a b"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "http://[::1/"}, "url"),
        ({"url": "https://10.0.0.5/"}, "url"),
        ({"url": "https://inside.example.org/"}, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "url"),
        ({"url": "http://[::ffff:10.0.0.5]/"}, "url"),
        ({"url": "http://[64:ff9b::a00:5]/"}, "url"),
        ({"url": "http://0.0.0.0/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["study.eaten"]}, "events"),
        ({"events": ["webhook.test"]}, "events"),
        ({"certificate": "none"}, "certificate"),
        ({"url": "http://public.example.org/", "detail": "full"}, "detail"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_field(
    client: Client, practice: Practice, more: dict[str, Any], field: str
) -> None:
    answer = add(client, practice, **more)
    assert answer.status_code == 400, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert not Webhook.objects.exists()


def test_a_name_that_leads_nowhere_now_may_be_entered(client: Client, practice: Practice) -> None:
    assert add(client, practice, url="https://later.example.org/").status_code == 201


def test_one_is_changed_and_removed(client: Client, practice: Practice, elsewhere: Webhook) -> None:
    happen(practice)
    changed = client.patch(
        f"/api/webhooks/{elsewhere.pk}", {"events": ["job.finished"], "isActive": False}, content_type=JSON
    )
    assert (changed.status_code, changed.json()["isActive"]) == (200, False)
    elsewhere.refresh_from_db()
    assert elsewhere.secret
    assert client.delete(f"/api/webhooks/{elsewhere.pk}").status_code == 204
    assert not Delivery.objects.exists()


def test_a_practice_has_so_many_at_most(client: Client, practice: Practice) -> None:
    Webhook.objects.bulk_create(Webhook(practice=practice, name=str(n), url="https://x/") for n in range(20))
    assert add(client, practice).status_code == 409


def test_a_new_secret_leaves_the_one_before_for_a_while(client: Client, elsewhere: Webhook) -> None:
    before = elsewhere.secret
    answer = client.post(f"/api/webhooks/{elsewhere.pk}/secret", {"keepHours": 2}, content_type=JSON)
    elsewhere.refresh_from_db()
    assert unseal(elsewhere.secret) == answer.json()["secret"]
    assert elsewhere.former_secret == before
    assert len(elsewhere.signing_secrets(timezone.now())) == 2
    assert len(elsewhere.signing_secrets(timezone.now() + timedelta(hours=3))) == 1


def test_a_test_tells_at_once_whether_it_was_taken(client: Client, webhook: Webhook, receiver: Receiver) -> None:
    Webhook.objects.update(is_active=False)
    answer = client.post(f"/api/webhooks/{webhook.pk}/test").json()
    assert answer["ok"] is True
    assert answer["delivery"]["state"] == "delivered"
    assert receiver.events[0]["type"] == "webhook.test"
    receiver.order(status=500)
    answer = client.post(f"/api/webhooks/{webhook.pk}/test").json()
    assert (answer["ok"], answer["delivery"]["state"]) == (False, "given_up")
    webhook.refresh_from_db()
    assert webhook.failures == 0


def test_a_test_to_a_forbidden_address_calls_nobody(
    client: Client, webhook: Webhook, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    answer = client.post(f"/api/webhooks/{webhook.pk}/test").json()
    assert answer["ok"] is False
    assert "private network" in answer["message"]
    assert not receiver.raw


def test_what_it_was_told_is_listed_and_one_is_shown_with_its_attempts(
    client: Client, practice: Practice, webhook: Webhook, delivered: Let
) -> None:
    event = happen(practice, 1)
    happen(practice, 2)
    delivered()
    rows = client.get(f"/api/webhooks/{webhook.pk}/deliveries?state=delivered&type=job.finished").json()["results"]
    assert [row["sequence"] for row in rows] == [event.pk + 1, event.pk]
    one = client.get(f"/api/webhook-deliveries/{rows[1]['id']}").json()
    assert one["event"] == str(event.uid)
    assert one["data"]["jobId"] == 1
    assert [attempt["status"] for attempt in one["log"]] == [200]


def test_one_is_sent_again_by_the_same_number(
    client: Client, practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    happen(practice)
    (row,) = delivered()
    again = client.post(f"/api/webhook-deliveries/{row.pk}/redeliver")
    assert (again.status_code, again.json()["state"]) == (200, "waiting")
    assert client.post(f"/api/webhook-deliveries/{row.pk}/redeliver").status_code == 409
    delivered()
    assert len({raw["headers"]["webhook-id"] for raw in receiver.raw}) == 1
    assert len(receiver.raw) == 2


@pytest.mark.parametrize(
    ("asked", "count"), [({}, 1), ({"everything": True}, 3), ({"everything": True, "since": 1}, 2)]
)
def test_what_failed_is_sent_again_or_all_since_a_time(
    client: Client, practice: Practice, webhook: Webhook, delivered: Let, asked: dict[str, Any], count: int
) -> None:
    events = [happen(practice, number) for number in range(3)]
    delivered()
    Delivery.objects.filter(event=events[2]).update(state="given_up")
    if "since" in asked:
        asked = asked | {"since": events[1].occurred_at.isoformat()}
    answer = client.post(f"/api/webhooks/{webhook.pk}/redeliver", asked, content_type=JSON)
    assert answer.json() == {"count": count}
    assert Delivery.objects.filter(state="waiting").count() == count


def test_a_pause_is_ended(client: Client, webhook: Webhook) -> None:
    assert client.post(f"/api/webhooks/{webhook.pk}/resume").status_code == 409
    Webhook.objects.update(paused_at=timezone.now(), pause_reason="It was silent.", is_active=False)
    answer = client.post(f"/api/webhooks/{webhook.pk}/resume").json()
    assert (answer["pausedAt"], answer["isActive"]) == (None, True)


def test_the_kinds_of_events_have_schemas_that_their_examples_keep(client: Client) -> None:
    kinds = client.get("/api/webhook-events").json()
    assert "study.received" in {kind["name"] for kind in kinds}
    for kind in kinds:
        jsonschema.validate(kind["example"], kind["schema"])


ADDRESSES = [("get", ""), ("patch", ""), ("delete", ""), ("post", "/test"), ("post", "/secret"), ("get", "/deliveries")]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_others_have_no_say(
    practice: Practice, stranger: User, anonymous: Client, elsewhere: Webhook, method: str, address: str
) -> None:
    vera = User.objects.create_user("vera", practice=practice)
    give(vera, practice, *(each for each in Permission if each is not Permission.ADMINISTER))
    path = f"/api/webhooks/{elsewhere.pk}{address}"
    assert getattr(client_of(vera), method)(path).status_code == 403
    assert getattr(client_of(stranger), method)(path).status_code == 404
    assert getattr(anonymous, method)(path).status_code == 401
    assert Webhook.objects.filter(pk=elsewhere.pk, is_active=True).exists()
