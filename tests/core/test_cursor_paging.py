"""Lists by cursor: each row once, in order, forwards and back, whatever is empty or the same or comes meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from apps.core.errors import Invalid
from apps.core.paging import CursorPaging
from apps.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs() -> list[Job]:
    """Seven, of which some have begun at the same moment and some not at all."""
    now = timezone.now()
    begun = [now, None, now + timedelta(microseconds=1), now, None, now - timedelta(days=1), now]
    return [Job.objects.create(kind=f"kind-{number % 2}", started_at=at) for number, at in enumerate(begun)]


def page(rows: QuerySet[Job], query: str) -> tuple[list[int], Any]:
    paging = CursorPaging()
    found = paging.paginate_queryset(rows, Request(APIRequestFactory().get(f"/api/things?{query}")))
    return [job.pk for job in found], paging.get_paginated_response([]).data


def walk(rows: QuerySet[Job], way: str, query: str) -> list[list[int]]:
    pages = []
    while True:
        found, links = page(rows, query)
        pages.append(found)
        if links[way] is None:
            return pages
        query = links[way].partition("?")[2]


@pytest.mark.parametrize("order", [("pk",), ("-pk",), ("kind",), ("-kind", "pk"), ("started_at",), ("-started_at",)])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_each_row_comes_once_and_in_order(jobs: list[Job], order: tuple[str, ...], limit: int) -> None:
    rows = Job.objects.order_by(*order)
    pages = walk(rows, "next", f"limit={limit}")
    assert {len(found) for found in pages[:-1]} <= {limit}
    flat = [pk for found in pages for pk in found]
    assert sorted(flat) == [job.pk for job in jobs]
    kept = {job.pk: getattr(job, order[0].lstrip("-")) for job in jobs}
    values = [kept[pk] for pk in flat]
    there = [value for value in values if value is not None]
    assert values == sorted(there, reverse=order[0].startswith("-")) + [None] * (len(values) - len(there))


@pytest.mark.parametrize("order", ["pk", "-kind", "started_at", "-started_at"])
def test_the_way_back_shows_the_same_pages(jobs: list[Job], order: str) -> None:
    rows = Job.objects.order_by(order)
    forwards = walk(rows, "next", "limit=2")
    query = "limit=2"
    for _ in forwards[1:]:
        query = page(rows, query)[1]["next"].partition("?")[2]
    assert walk(rows, "previous", query) == forwards[::-1]


def test_what_comes_meanwhile_shifts_nothing(jobs: list[Job]) -> None:
    rows = Job.objects.order_by("-pk")
    first, links = page(rows, "limit=3")
    Job.objects.create(kind="new")
    Job.objects.filter(pk=first[0]).delete()
    second, _ = page(rows, links["next"].partition("?")[2])
    assert second == [job.pk for job in jobs[3::-1]][:3]


def test_a_page_is_one_query(jobs: list[Job], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _, links = page(Job.objects.order_by("-started_at"), "limit=2")
    with django_assert_num_queries(1):
        page(Job.objects.order_by("-started_at"), links["next"].partition("?")[2])


@pytest.mark.parametrize("text", ["x", "x.y", "é", "WzFd", "a" * 5000])
def test_a_cursor_that_nobody_gave_is_refused(jobs: list[Job], text: str) -> None:
    with pytest.raises(Invalid, match="Begin again"):
        page(Job.objects.all(), f"cursor={text}")


def test_a_cursor_of_another_order_is_refused(jobs: list[Job]) -> None:
    _, links = page(Job.objects.order_by("-pk"), "limit=2")
    with pytest.raises(Invalid):
        page(Job.objects.order_by("kind"), links["next"].partition("?")[2])
