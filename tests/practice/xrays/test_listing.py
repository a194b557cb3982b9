"""GET /api/dental/xrays: what is found, by whom, and at what cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import StudyLabel
from apps.practice.models import How, Lead, Match, MatchState, XRay, XrayStatus, XrayType
from tests.conftest import client_of
from tests.practice.xrays.images import XRAYS, a_lead
from tests.practice.xrays.many import x_rays
from tests.rights import give

pytestmark = pytest.mark.django_db

FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def found(client: Client, **asked: Any) -> list[int]:
    response = client.get(XRAYS, asked)
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_the_newest_first_in_pages(client: Client, practice: Practice) -> None:
    rows = x_rays(practice, 5)
    page = client.get(XRAYS, {"limit": 2}).json()
    assert [row["id"] for row in page["results"]] == [rows[4].pk, rows[3].pk]
    second = client.get(page["next"]).json()
    assert [row["id"] for row in second["results"]] == [rows[2].pk, rows[1].pk]
    assert [row["id"] for row in client.get(second["previous"]).json()["results"]] == [rows[4].pk, rows[3].pk]


@pytest.mark.parametrize(
    ("asked", "which"),
    [
        ({"xrayType": "BITEWING"}, [1]),
        ({"status": "needsReview"}, [2]),
        ({"modality": "XC"}, [3]),
        ({"dateFrom": "2024-01-03"}, [3, 2]),
        ({"dateTo": "2024-01-02"}, [1, 0]),
        ({"dateFrom": "2024-01-02", "dateTo": "2024-01-02"}, [1]),
        ({"text": "crown"}, [2]),
        ({"text": "person1"}, [1]),
        ({"text": "nobody"}, []),
        ({"xrayType": "BITEWING", "status": "needsReview"}, []),
    ],
)
def test_filters(client: Client, practice: Practice, asked: dict[str, str], which: list[int]) -> None:
    rows = x_rays(practice, 4)
    XRay.objects.filter(pk=rows[1].pk).update(kind=XrayType.BITEWING)
    XRay.objects.filter(pk=rows[2].pk).update(status=XrayStatus.NEEDS_REVIEW, notes="A crown is loose")
    XRay.objects.filter(pk=rows[3].pk).update(modality="XC")
    assert found(client, **asked) == [rows[number].pk for number in which]


def test_what_a_lead_has(client: Client, practice: Practice) -> None:
    rows = x_rays(practice, 3)
    lead = linked(rows[1])
    assert found(client, leadId=lead.pk) == [rows[1].pk]
    assert found(client, leadId=987) == []


def test_what_has_come_since(client: Client, practice: Practice) -> None:
    rows = x_rays(practice, 3)
    XRay.objects.filter(pk=rows[0].pk).update(received_at=FIRST + timedelta(days=900))
    assert found(client, since="2026-01-01") == [rows[0].pk]


@pytest.mark.parametrize(
    "asked", [{"xrayType": "BONE"}, {"leadId": "x"}, {"dateFrom": "soon"}, {"colour": "red"}, {"cursor": "abc"}]
)
def test_a_wrong_filter_is_said(client: Client, practice: Practice, asked: dict[str, str]) -> None:
    assert client.get(XRAYS, asked).status_code == 400


def test_nobody_sees_another_practices(
    client: Client, stranger_client: Client, anonymous: Client, practice: Practice, other_practice: Practice
) -> None:
    row = x_rays(practice, 1)[0]
    lead = linked(row)
    assert found(client) == [row.pk]
    assert found(stranger_client) == found(stranger_client, practice=practice.pk) == []
    assert found(stranger_client, leadId=lead.pk) == []
    assert stranger_client.get(f"{XRAYS}/{row.pk}").status_code == 404
    assert anonymous.get(XRAYS).status_code == anonymous.get(f"{XRAYS}/{row.pk}").status_code == 401


def test_who_reaches_some_studies_sees_theirs_and_no_leads(practice: Practice) -> None:
    rows = x_rays(practice, 3)
    lead = linked(rows[1])
    StudyLabel.objects.create(study=rows[1].study, name="teaching")
    student = User.objects.create_user("stu", practice=practice)
    give(student, practice, Permission.VIEW, scope=Scope.LABEL, subject="teaching")
    answer = client_of(student).get(XRAYS).json()["results"]
    assert [row["id"] for row in answer] == [rows[1].pk]
    assert answer[0]["lead"] is None
    assert found(client_of(student), leadId=lead.pk) == [rows[1].pk]


def test_a_page_costs_the_same_however_many_rows(client: Client, practice: Practice) -> None:
    x_rays(practice, 3)
    few = queries(client)
    x_rays(practice, 40, first=10)
    assert queries(client) == few <= 9


def queries(client: Client) -> int:
    found(client)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found(client)
    return len(asked)


def linked(row: XRay) -> Lead:
    """The row's study linked to a lead."""
    lead = a_lead(row.practice)
    Match.objects.create(practice=row.practice, study=row.study, lead=lead, state=MatchState.LINKED, how=How.MACHINE)
    return lead
