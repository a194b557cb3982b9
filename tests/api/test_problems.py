"""Whatever goes wrong below /api/, the answer is a problem document (RFC 9457)."""

import io
import json
from typing import Any

import pytest
from django.test import Client

JSON = "application/json"


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["requestId"] == response["X-Request-ID"]
    return dict(document)


@pytest.mark.parametrize("address", ["/api/nothing", "/api/studies/1/2/3", "/api/v2/me", "/api/jobs/x", "/api/a%0Ab"])
def test_an_unknown_address_is_not_found_by_any_method(client: Client, address: str) -> None:
    problem(client.get(address), 404)
    problem(client.post(address), 404)


def test_who_is_not_signed_in_is_told_how(anonymous: Client) -> None:
    response = anonymous.get("/api/me")
    problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Basic")


def test_a_wrong_password_is_told(anonymous: Client, db: None) -> None:
    response = anonymous.get("/api/me", headers={"Authorization": "Basic bm9yYTp3cm9uZw=="})
    assert "password" in problem(response, 401)["detail"]


def test_a_method_that_there_is_not_is_refused(client: Client) -> None:
    response = client.delete("/api/me")
    problem(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("body", ["{", "[1,]", '{"name": NaN}', '"\\ud800"', "\xff", ""])
def test_a_body_that_is_no_json_is_refused(client: Client, body: str) -> None:
    response = client.post("/api/tokens", body.encode("latin-1"), content_type=JSON)
    problem(response, 400)


@pytest.mark.parametrize("levels", [40, 100_000])
def test_a_body_nested_too_deep_is_refused(client: Client, levels: int) -> None:
    response = client.post("/api/tokens", "[" * levels + "]" * levels, content_type=JSON)
    problem(response, 400)


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    response = client.post("/api/tokens", json.dumps({"name": "x" * 3_000_000}), content_type=JSON)
    problem(response, 413)


def test_a_body_of_another_kind_is_refused(client: Client) -> None:
    problem(client.post("/api/tokens", "<a/>", content_type="text/xml"), 415)


def test_wrong_fields_are_named_as_they_were_sent(client: Client) -> None:
    body = {"expiresAt": "2001-01-01T00:00:00Z"}
    document = problem(client.post("/api/tokens", body, content_type=JSON), 400)
    assert {error["field"] for error in document["errors"]} == {"name", "expiresAt"}


def test_a_change_asked_for_by_another_site_is_refused(client: Client) -> None:
    response = client.post("/api/tokens", {"name": "x"}, content_type=JSON, headers={"Sec-Fetch-Site": "cross-site"})
    problem(response, 403)


def test_only_what_can_be_given_is_accepted(client: Client) -> None:
    problem(client.get("/api/me", headers={"Accept": "text/csv"}), 406)


def test_a_chunked_json_body_is_read(client: Client) -> None:
    framing = {"CONTENT_TYPE": JSON, "wsgi.input": io.BytesIO(b'{"name": "PMS"}'), "HTTP_TRANSFER_ENCODING": "chunked"}
    response = client.generic("POST", "/api/tokens", **framing)  # type: ignore[arg-type]
    assert response.json()["name"] == "PMS"
