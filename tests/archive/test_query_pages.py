"""Which rows a search answers with: in order, page by page, by one query, and only what may be seen."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice, User
from apps.accounts.permissions import ALL
from apps.accounts.principal import Principal, Reach
from apps.archive.query import MAX_LIMITS, MAX_OFFSET, Level, Search, find
from apps.archive.store import Origin
from apps.core.errors import Invalid
from tests import dicoms
from tests.archive.conftest import Store
from tests.archive.studies import ADDRESSES, BASE, SERIES, STUDY, ids, rows, search, study, value
from tests.rights import give

pytestmark = pytest.mark.django_db


def test_studies_come_newest_first(store: Store, nora: Principal) -> None:
    moments = [("20230101", "10"), ("20240101", "0900"), ("20240101", "1000"), ("", ""), ("20240101", "1000")]
    store(*(study(number, StudyDate=day, StudyTime=at) for number, (day, at) in enumerate(moments, 1)))
    assert ids(find(nora, Search(Level.STUDY))) == ["5", "3", "2", "1", "4"]
    assert ids(find(nora, search(keys={"PatientID": "P1"}))) == ["5", "3", "2", "1", "4"]
    assert ids(find(nora, Search(Level.SERIES))) == ["5", "3", "2", "1", "4"]
    assert ids(find(nora, Search(Level.STUDY, include=["00101010"]))) == ["5", "3", "2", "1", "4"]


def test_series_and_instances_come_by_their_numbers(store: Store, nora: Principal) -> None:
    store(*(study(1, series, instance) for series in (10, 2) for instance in (11, 3)))
    found = rows(nora, Search(Level.INSTANCE, study=STUDY))
    assert [(value(row, "00200011"), value(row, "00200013")) for row in found] == [(2, 3), (2, 11), (10, 3), (10, 11)]


@pytest.mark.parametrize("keys", [{}, {"PatientID": "P1"}, {"PatientName": "*doe*"}])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_neither_skip_nor_repeat(
    keys: dict[str, str | list[str]], size: int, store: Store, nora: Principal
) -> None:
    store(*(study(number) for number in range(1, 8)))
    pages = [find(nora, search(keys=keys, limit=size, offset=offset)) for offset in range(0, 8, size)]
    assert [one for page in pages for one in ids(page)] == ["7", "6", "5", "4", "3", "2", "1"]
    assert [page.more for page in pages if len(page)] == [
        max(0, 7 - size * number) for number in range(1, -(-7 // size) + 1)
    ]
    assert {page.total for page in pages if len(page)} == {7}


def test_what_follows_a_page_is_counted_up_to_a_bound(
    store: Store, nora: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.archive.query.search.MAX_COUNTED", 2)
    store(*(study(number) for number in range(1, 6)))
    first = find(nora, Search(Level.STUDY, limit=1))
    assert (first.more, first.total) == (2, None)
    assert find(nora, Search(Level.STUDY, limit=4)).total == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": -1},
        {"offset": -1},
        {"offset": MAX_OFFSET + 1},
        {"include": [str(number) for number in range(201)]},
        {"study": "1..2"},
        {"study": "1.2", "series": "x"},
    ],
)
def test_what_cannot_be_asked_is_refused(wrong: dict[str, Any], nora: Principal) -> None:
    with pytest.raises(Invalid):
        find(nora, Search(Level.INSTANCE, **wrong))


def test_a_limit_beyond_the_servers_own_is_lowered(
    store: Store, nora: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAX_LIMITS, Level.STUDY, 2)
    store(*(study(number) for number in range(1, 5)))
    assert len(find(nora, Search(Level.STUDY, limit=100))) == 2


@pytest.mark.parametrize("asked", ADDRESSES)
def test_a_search_is_one_query(
    asked: Search, store: Store, nora: Principal, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(study(1, 1, 1), study(1, 1, 2))
    with django_assert_num_queries(1):
        find(nora, asked).json(BASE)
    with django_assert_num_queries(2):
        find(nora, Search(Level.INSTANCE, study=asked.study, series=asked.series, limit=1)).json(BASE)


@pytest.mark.parametrize("asked", [*ADDRESSES, search(keys={"PatientName": "doe*", "PatientID": "P1"})])
def test_another_practice_sees_nothing(asked: Search, store: Store, sam: Principal) -> None:
    store(study(1), study(2))
    answer = find(sam, asked)
    assert (answer.json(BASE), answer.total, answer.more) == (b"[]", 0, 0)


def test_who_belongs_to_nothing_sees_nothing(store: Store) -> None:
    store(study(1))
    nobody = Principal(user_id=99, username="nobody", practice_id=None, practice_ids=(), is_superuser=False)
    assert find(nobody, search(keys={"PatientID": "P1"})).json(BASE) == b"[]"


@pytest.mark.parametrize("keys", [{}, {"PatientID": "P1"}, {"PatientName": "doe*"}, {"PatientName": "*ja*"}])
@pytest.mark.parametrize("is_superuser", [True, False])
def test_who_belongs_to_two_practices_sees_both(
    keys: dict[str, str | list[str]], is_superuser: bool, store: Store, user: User, other_practice: Practice
) -> None:
    store(study(1))
    store(study(2), origin=Origin("test", other_practice.pk, "sam"))
    if is_superuser:
        user.is_superuser = True
    else:
        give(user, other_practice)
    assert ids(find(Principal.of(user), search(keys=keys))) == ["2", "1"]


INDEXED = [
    search(limit=100),
    search(keys={"StudyDate": "20240101-20240131"}, limit=100),
    search(keys={"PatientID": "P1"}),
    search(keys={"PatientName": "doe^jane"}),
    search(keys={"PatientName": "doe*"}),
    search(keys={"AccessionNumber": "A1"}),
    search(keys={"PatientBirthDate": "19700102"}),
    search(keys={"StudyInstanceUID": STUDY}),
    search(keys={"SOPInstanceUID": dicoms.uid(9, 1, 1, 1)}),
    search(Level.SERIES, {"SeriesInstanceUID": SERIES}),
    search(Level.INSTANCE, {"SOPInstanceUID": dicoms.uid(9, 1, 1, 1)}),
    search(Level.SERIES, {"RequestAttributesSequence.RequestedProcedureID": "P1"}),
    search(keys={"RequestAttributesSequence.ScheduledProcedureStepID": "S1*"}),
    *ADDRESSES[1:],
]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by how much is stored")
@pytest.mark.parametrize("asked", INDEXED)
@pytest.mark.parametrize("sees", [1, 2, None])
def test_indexes_lead_to_the_rows(asked: Search, sees: int | None) -> None:
    practices = tuple(range(1, sees + 1)) if sees else (None,)
    principal = Principal(1, "nora", 1, (1,), reaches=tuple(Reach(ALL, practice) for practice in practices))
    with CaptureQueriesContext(connection) as queries:
        find(principal, asked)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
        steps = [step for *_, step in cursor.fetchall()]
    assert not [step for step in steps if step.startswith("SCAN") and "study_newest_of_all" not in step]
    assert not [step for step in steps if "study_received" in step]
