"""How the database finds a page of X-rays: from an index, in order, and so the same of few and of many."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice
from apps.practice.models import How, Match, MatchState
from tests.practice.xrays.images import XRAYS, a_lead
from tests.practice.xrays.many import x_rays

pytestmark = pytest.mark.django_db

COUNT = 3000
# What is asked for, and the index that gives it in its order.
ORDERED: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "xray_newest"),
    ({"xrayType": "BITEWING"}, "xray_kind"),
    ({"status": "needsReview"}, "xray_status"),
    ({"modality": "XC"}, "xray_modality"),
    ({"dateFrom": "2024-03-01", "dateTo": "2024-03-02"}, "xray_newest"),
    ({"since": "2030-01-01"}, "xray_received"),
)


@pytest.fixture
def many(practice: Practice) -> int:
    """Enough rows for a database to prefer an index; the lead of one of them."""
    rows = x_rays(practice, COUNT)
    lead = a_lead(practice)
    Match.objects.create(practice=practice, study=rows[7].study, lead=lead, state=MatchState.LINKED, how=How.MACHINE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return lead.pk


def test_pages_come_from_an_index(client: Client, many: int) -> None:
    # One test for all, since the rows take longer than the plans.
    following = client.get(XRAYS).json()["next"].partition("cursor=")[2]
    for asked, index in (*ORDERED, ({"cursor": following}, "xray_newest")):
        plan = plan_of(client, asked)
        assert index in plan, (asked, plan)
        assert not list(marks(plan)), (asked, plan)
    of_lead = plan_of(client, {"leadId": str(many)})
    assert not {"SCAN PRACTICE_XRAY", "SEQ SCAN"} & set(marks(of_lead)), of_lead


def marks(plan: str) -> Iterator[str]:
    """What a plan does that grows with the table."""
    upper = plan.upper()
    return (mark for mark in ("TEMP B-TREE", "SCAN PRACTICE_XRAY", "SEQ SCAN") if mark in upper)


def plan_of(client: Client, asked: dict[str, str]) -> str:
    """How the query of the rows themselves is done."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(XRAYS, asked).status_code == 200
    rows = [query["sql"] for query in queries if 'FROM "practice_xray"' in query["sql"] and "LIMIT" in query["sql"]]
    explained: list[Any] = []
    with connection.cursor() as cursor:
        prefix = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        cursor.execute(prefix + rows[-1].replace("%", "%%"))
        explained = cursor.fetchall()
    return "\n".join(str(row[-1]) for row in explained)
