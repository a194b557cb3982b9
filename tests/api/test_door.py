"""What the door around every view says: rates, versions, what is on its way out, and where everything is."""

from datetime import date

import pytest
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django.fixtures import Settings
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.door import behind_the_door
from apps.accounts.guards import Open
from apps.accounts.models import Grant, Practice, Token, User
from apps.accounts.permissions import Permission
from apps.core import rates
from apps.core.deprecation import Deprecation
from tests.conftest import client_of
from tests.rights import give


@pytest.fixture
def two_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rates.forget_all()
    settings.API_RATE = 2
    monkeypatch.setattr("apps.core.rates.time.monotonic", lambda: 1000.0)


def test_whoever_asks_too_often_waits(two_a_minute: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/api/me")
    assert first["RateLimit-Policy"] == '"caller";q=2;w=60'
    assert first["RateLimit"] == '"caller";r=1;t=30'
    assert client.get("/api/me").status_code == 200
    over = client.get("/api/me")
    assert (over.status_code, over.json()["code"], over["Retry-After"]) == (429, "too-many-requests", "30")
    assert over["RateLimit"].startswith('"caller";r=0')
    monkeypatch.setattr("apps.core.rates.time.monotonic", lambda: 1031.0)
    assert client.get("/api/me").status_code == 200


def test_callers_are_told_apart(two_a_minute: None, client: Client, anonymous: Client, user: User) -> None:
    bearer = {"Authorization": f"Bearer {Token.issue(user, 'PMS')[1]}"}
    for asked in range(3):
        told = client.get("/api/me").status_code, anonymous.get("/api/me", headers=bearer).status_code
        assert told == ((200, 200) if asked < 2 else (429, 429))
    assert anonymous.get("/api/problems").status_code == 200


def test_no_more_callers_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_CALLERS", 3)
    for number in range(10):
        rates.take(f"caller {number}", 5)
    assert len(rates._buckets) == 3


def test_what_is_on_its_way_out_says_so() -> None:
    class OldView(APIView):
        guards = {"GET": Open.TO_ANYBODY}
        authentication_classes = ()
        deprecated = Deprecation(since=date(2027, 1, 1), until=date(2027, 7, 1), successor="/api/leads")

        def get(self, request: object) -> Response:
            return Response({})

    address = behind_the_door(path("old", OldView.as_view()))
    told = address.callback(RequestFactory().get("/api/old"))
    assert told["Deprecation"] == "@1798761600"
    assert told["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert '</api/leads>; rel="successor-version"' in told["Link"]


def test_the_root_leads_to_what_one_may_use(user: User, practice: Practice) -> None:
    links = client_of(user).get("/api/").json()["links"]
    assert links["studies"] == {"href": "/api/studies", "methods": ["GET"]}
    assert {"leads", "dental/xrays", "grants", "jobs"} <= set(links)
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.VIEW)
    fewer = client_of(user).get("/api/").json()["links"]
    assert "studies" in fewer
    assert "grants" not in fewer


def test_the_root_is_for_who_is_signed_in_and_problems_for_anybody(anonymous: Client, db: None) -> None:
    assert anonymous.get("/api/").status_code == 401
    assert anonymous.get("/api").status_code == 302
    problems = anonymous.get("/api/problems").json()
    assert {"code": "not-found", "type": "/api/problems#not-found", "status": 404, "title": "Not found"} in problems


def test_every_answer_names_the_version(client: Client, anonymous: Client) -> None:
    for answer in (client.get("/api/nothing"), anonymous.get("/api/me"), client.delete("/api/me")):
        assert answer["Fovea-API-Version"] == "1"
