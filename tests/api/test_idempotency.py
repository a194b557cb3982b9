"""`Idempotency-Key`: a POST that is sent again is not done again, and its caller alone hears what it was answered."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import authentication, idempotency
from apps.accounts.models import Grant, IdempotencyKey, Practice, Token, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from tests.conftest import client_of
from tests.rights import give

JSON = "application/json"
KEY = "2b1e4e0a-7d0d-4c59-93a9-0c2f7cbb2f6e"


def make(client: Client, name: str = "PMS", key: str = KEY, **headers: str) -> Any:
    return client.post("/api/tokens", {"name": name}, content_type=JSON, headers={"Idempotency-Key": key, **headers})


def test_the_same_request_is_answered_again_and_done_once(client: Client) -> None:
    first, second = make(client), make(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second["Idempotency-Replayed"] == "true"
    assert second["Content-Type"] == JSON
    assert Token.objects.count() == 1


def test_a_key_may_be_written_as_a_structured_field(client: Client) -> None:
    assert make(client).json() == make(client, key=f'"{KEY}"').json()


def test_what_is_kept_is_not_readable_in_the_database(client: Client) -> None:
    secret = make(client).json()["token"]
    kept = IdempotencyKey.objects.get()
    assert secret not in kept.answer
    assert "token" not in kept.answer


def test_another_request_with_the_key_is_refused(client: Client) -> None:
    make(client)
    other = make(client, name="another")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    elsewhere = client.post("/api/jobs/1/cancel", headers={"Idempotency-Key": KEY})
    assert elsewhere.status_code == 422
    assert Token.objects.count() == 1


def test_a_request_still_at_work_is_not_begun_again(client: Client) -> None:
    make(client)
    IdempotencyKey.objects.update(status=None, answer="")
    busy = make(client)
    assert (busy.status_code, busy.json()["code"], busy["Retry-After"]) == (409, "key-busy", "5")
    IdempotencyKey.objects.update(began_at=timezone.now() - idempotency.AT_WORK_FOR)
    assert make(client).status_code == 201
    assert Token.objects.count() == 2


def test_keys_are_their_callers_own(client: Client, stranger_client: Client) -> None:
    assert make(client).json()["token"] != make(stranger_client).json()["token"]


def test_refusals_of_what_was_sent_are_kept_too(client: Client) -> None:
    first, second = make(client, name=""), make(client, name="")
    assert first.status_code == second.status_code == 400
    assert second["Idempotency-Replayed"] == "true"
    assert first.content == second.content


def test_what_fails_in_the_server_is_done_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("apps.accounts.tokens.issue", lambda *_: 1 / 0)
    assert make(client).status_code == 500
    monkeypatch.undo()
    assert make(client).status_code == 201


def test_who_may_no_longer_is_not_told(user: User, practice: Practice, study: Study) -> None:
    grant = give(user, practice, Permission.VIEW, Permission.SHARE)
    Grant.objects.exclude(pk=grant.pk).delete()
    client, address = client_of(user), f"/api/studies/{study.study_instance_uid}/shares"
    asked: dict[str, Any] = {"content_type": JSON, "headers": {"Idempotency-Key": KEY}}
    body = {"recipient": "Dr. Far", "purpose": "advice"}
    assert client.post(address, body, **asked).status_code == 201
    Grant.objects.all().delete()
    authentication.forget_all()
    assert client.post(address, body, **asked).status_code == 403
    give(user, practice, Permission.SHARE)
    authentication.forget_all()
    assert client.post(address, body, **asked).status_code == 409


@pytest.mark.parametrize("key", ["x" * 256, "a b", "\x80", '""'])
def test_a_key_that_is_none_is_refused(client: Client, key: str) -> None:
    assert make(client, key=key).status_code == 400
    assert not Token.objects.exists()


def test_who_is_not_signed_in_leaves_no_trace(anonymous: Client, db: None) -> None:
    assert make(anonymous).status_code == 401
    assert not IdempotencyKey.objects.exists()


def test_an_answer_too_large_to_keep_is_not_done_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MOST_BYTES", 10)
    assert make(client).status_code == 201
    assert "too large" in make(client).json()["detail"]
    assert Token.objects.count() == 1


def test_keys_are_forgotten_after_a_day_and_the_oldest_of_very_many(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MOST_KEYS", 2)
    for number in range(4):
        make(client, key=f"key-{number}")
    old = IdempotencyKey.objects.order_by("-pk")[0]
    IdempotencyKey.objects.filter(pk=old.pk).update(began_at=timezone.now() - timedelta(hours=25))
    idempotency.prune()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["key-1", "key-2"]


def test_a_form_is_told_apart_by_what_it_declares(client: Client) -> None:
    def upload(digest: str) -> Any:
        headers = {"Idempotency-Key": KEY, "Content-Digest": digest}
        return client.post("/api/worklist/steps/import", {"file": ""}, headers=headers)

    assert upload("sha-256=:YQ==:").status_code == upload("sha-256=:YQ==:").status_code == 400
    assert upload("sha-256=:Yg==:").status_code == 422
