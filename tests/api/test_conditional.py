"""Entity tags: what is known is not sent again, and nobody overwrites what they have not seen (RFC 9110 13)."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice
from apps.remotes.models import Remote
from tests.api.conftest import NewJob

JSON = "application/json"


@pytest.fixture
def remote(practice: Practice) -> str:
    """The address of one."""
    made = Remote.objects.create(practice=practice, name="xray", title="XRAY", host="192.0.2.1", port=104)
    return f"/api/remotes/{made.pk}"


def patch(client: Client, address: str, tag: str, **facts: Any) -> Any:
    return client.patch(address, json.dumps(facts), content_type=JSON, headers={"If-Match": tag})


def test_what_is_known_is_not_sent_again(client: Client, new_job: NewJob) -> None:
    address = f"/api/jobs/{new_job().pk}"
    tag = client.get(address)["ETag"]
    assert tag.startswith('"')
    for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        known = client.get(address, headers={"If-None-Match": named})
        assert (known.status_code, known.content, known["ETag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.head(address)["ETag"] == tag


def test_a_change_changes_the_tag(client: Client, new_job: NewJob) -> None:
    job = new_job()
    before = client.get(f"/api/jobs/{job.pk}")["ETag"]
    client.post(f"/api/jobs/{job.pk}/cancel")
    assert client.get(f"/api/jobs/{job.pk}", headers={"If-None-Match": before}).status_code == 200


def test_refusals_and_new_things_have_no_tag(client: Client) -> None:
    assert "ETag" not in client.get("/api/jobs/999999").headers
    assert "ETag" not in client.post("/api/tokens", {"name": "x"}, content_type=JSON).headers


def test_a_change_of_what_was_read_goes_through_and_gives_the_next_tag(client: Client, remote: str) -> None:
    changed = patch(client, remote, client.get(remote)["ETag"], port=105)
    assert changed.status_code == 200
    assert changed["ETag"] == client.get(remote)["ETag"]
    assert patch(client, remote, changed["ETag"], port=106).json()["port"] == 106
    assert patch(client, remote, "*", port=107).json()["port"] == 107


def test_a_change_of_what_was_not_read_is_refused(client: Client, remote: str) -> None:
    tag = client.get(remote)["ETag"]
    patch(client, remote, tag, port=105)
    for named in (tag, '"other"', f"W/{client.get(remote)['ETag']}", "nonsense"):
        lost = patch(client, remote, named, port=1)
        assert (lost.status_code, lost.json()["code"]) == (412, "changed-meanwhile")
        assert client.delete(remote, headers={"If-Match": named}).status_code == 412
    assert client.get(remote).json()["port"] == 105


def test_the_tag_of_chosen_fields_serves_for_a_change(client: Client, remote: str) -> None:
    tag = client.get(f"{remote}?fields=port")["ETag"]
    assert client.delete(remote, headers={"If-Match": tag}).status_code == 204


def test_what_is_hidden_or_unreadable_is_refused_as_without(
    client: Client, stranger_client: Client, anonymous: Client, remote: str
) -> None:
    assert patch(stranger_client, remote, "*", port=1).status_code == 404
    assert patch(anonymous, remote, "*", port=1).status_code == 401
    assert client.delete("/api/tokens/999", headers={"If-Match": "*"}).status_code == 412


def test_a_tag_costs_no_query(
    warm_client: Client, new_job: NewJob, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"/api/jobs/{new_job().pk}"
    with django_assert_num_queries(2):
        warm_client.get(address)
