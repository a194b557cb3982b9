"""The CapabilityStatement, and that it is true."""

from typing import Any

import pytest
from django.test import Client

from apps.practice.models import Lead
from tests.fhir.speaking import BASE, MEDIA_TYPE, get, valid

VALUES = {"token": "x", "string": "x", "date": "2024", "reference": "x"}


@pytest.fixture
def told(client: Client) -> Any:
    return valid(get(client, "metadata").json())["rest"][0]["resource"]


def test_anybody_may_ask_what_is_spoken(anonymous: Client, db: None) -> None:
    answer = get(anonymous, "metadata")
    assert (answer.status_code, answer["Content-Type"]) == (200, MEDIA_TYPE)
    assert valid(answer.json())["implementation"]["url"] == f"http://testserver{BASE}"


def test_each_parameter_that_is_told_is_taken(client: Client, lead: Lead, told: Any) -> None:
    strict = {"HTTP_PREFER": "handling=strict"}
    for kind in told:
        for each in kind.get("searchParam", []):
            answer = get(client, f"{kind['type']}?{each['name']}={VALUES[each['type']]}", **strict)
            assert answer.status_code == 200, (kind["type"], each, answer.content)


def test_each_include_that_is_told_is_taken(client: Client, told: Any) -> None:
    for kind in told:
        for name in kind.get("searchInclude", []):
            assert get(client, f"{kind['type']}?_include={name}").status_code == 200


def test_what_is_told_of_writing_is_so(client: Client, told: Any) -> None:
    for kind in told:
        writes = {each["code"] for each in kind["interaction"]} & {"create", "update"}
        answer = client.post(f"{BASE}/{kind['type']}", {}, content_type=MEDIA_TYPE)
        assert (answer.status_code == 400) is bool(writes)
