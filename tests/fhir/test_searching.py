"""Searches: pages, parts, counts, orders, and what is not known."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from apps.practice.models import Lead
from tests.fhir.speaking import BASE, MEDIA_TYPE, found, get, issues, valid
from tests.practice.appointments.booked import lead_of
from tests.worklist.arriving import arrive


def uids(number: int) -> dict[str, str]:
    return {
        "StudyInstanceUID": f"1.2.{number}", "SeriesInstanceUID": f"1.2.{number}.1",
        "SOPInstanceUID": f"1.2.{number}.1.1", "PatientID": f"P{number}",
    }  # fmt: skip


@pytest.fixture
def people(practice: Practice) -> list[str]:
    """Five leads, and three whom images show."""
    leads = [lead_of(practice, external_id=f"E{number}") for number in range(5)]
    images = [arrive(practice, **uids(number)).patient_id for number in range(1, 4)]
    return [*(f"lead-{lead.pk}" for lead in leads), *(f"images-{pk}" for pk in images)]


def followed(client: Client, place: str) -> list[list[str]]:
    """The ids of each page, by the links from one to the next."""
    pages = []
    while place:
        bundle = valid(get(client, place).json())
        pages.append([each["resource"]["id"] for each in bundle.get("entry", [])])
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        place = links.get("next", "").removeprefix(f"http://testserver{BASE}/")
    return pages


@pytest.mark.parametrize("count", [1, 2, 5, 8, 9])
def test_pages_lead_from_one_to_the_next_and_hold_everything_once(
    client: Client, people: list[str], count: int
) -> None:
    pages = followed(client, f"Patient?_count={count}")
    assert [each for page in pages for each in page] == people
    assert [len(page) for page in pages[:-1]] == [count] * (len(pages) - 1)


def test_a_cursor_of_another_search_is_refused(client: Client, people: list[str]) -> None:
    for cursor in ("x", "0.x", "7.", "0.eyJ9.abc", "-1.", "9" * 3000):
        assert issues(get(client, f"Patient?_cursor={cursor}"), 400) == [("invalid", "")]


def test_a_page_costs_as_many_queries_as_one_row(client: Client, people: list[str]) -> None:
    counts = []
    for count in (1, 100):
        get(client, f"Patient?_count={count}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            get(client, f"ImagingStudy?_count={count}&_include=ImagingStudy:patient")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_how_many_there_are_is_told(client: Client, people: list[str]) -> None:
    for query in ("_summary=count", "_count=0"):
        bundle = valid(get(client, f"Patient?{query}").json())
        assert (bundle["total"], "entry" in bundle) == (8, False)
    assert get(client, "Patient").json()["total"] == 8
    assert "total" not in get(client, "Patient?_count=2").json()
    assert get(client, "Patient?_count=2&_total=accurate").json()["total"] == 8


def test_parts_are_marked_as_such(client: Client, lead: Lead) -> None:
    (part,) = found(client, "Patient?_elements=birthDate,Patient.name.family")
    assert set(part) == {"resourceType", "id", "meta", "birthDate", "name"}
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert set(get(client, f"Patient/lead-{lead.pk}?_elements=gender").json()) == {
        "resourceType",
        "id",
        "meta",
        "gender",
    }
    assert found(client, "Patient?_summary=true")[0]["birthDate"] == "1980-01-02"
    assert set(found(client, "Patient?_summary=text")[0]) == {"resourceType", "id", "meta"}
    assert "tag" not in found(client, "Patient?_summary=data")[0]["meta"]


def test_studies_come_in_the_order_that_was_asked_for(client: Client, practice: Practice) -> None:
    days = {"1": "20240103", "2": "20240101", "3": "20240102"}
    by_day = [arrive(practice, StudyDate=day, **uids(int(number))).pk for number, day in days.items()]
    newest = [str(by_day[place]) for place in (0, 2, 1)]
    assert [each["id"] for each in found(client, "ImagingStudy?_sort=-started")] == newest
    assert [each for page in followed(client, "ImagingStudy?_sort=started&_count=1") for each in page] == newest[::-1]
    assert issues(get(client, "ImagingStudy?_sort=series"), 400) == [("invalid", "")]


def test_what_is_not_known_is_told_or_refused(client: Client, lead: Lead) -> None:
    bundle = valid(get(client, "Patient?name=jane&favouriteColour=red").json())
    modes = [each["search"]["mode"] for each in bundle["entry"]]
    assert modes == ["match", "outcome"]
    assert bundle["link"][0]["url"] == f"http://testserver{BASE}/Patient?name=jane"
    strict = get(client, "Patient?favouriteColour=red", HTTP_PREFER="handling=strict")
    assert issues(strict, 400) == [("invalid", "")]


@pytest.mark.parametrize(
    "query",
    [
        "name:exact=Jane", "identifier:of-type=x", "_include:iterate=Patient:link", "birthdate:missing=true",
        "_count=x", "_count=-1", "_summary=maybe", "_total=all", "birthdate=soon", "identifier=x|",
        "name=" + ",".join("abcdefghij" * 6), "_id=" + "x" * 600,
    ],
)  # fmt: skip
def test_what_can_not_be_asked_for_is_refused(client: Client, query: str) -> None:
    assert issues(get(client, f"Patient?{query}"), 400) == [("invalid", "")]


def test_very_many_parameters_are_refused(client: Client) -> None:
    query = urlencode([("name", "x")] * 51)
    assert issues(get(client, f"Patient?{query}"), 400) == [("invalid", "")]


def test_a_search_may_be_sent_as_a_form(client: Client, lead: Lead) -> None:
    answer = client.post(
        f"{BASE}/Patient/_search?birthdate=1980", "name=jane", content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer["Content-Type"]) == (200, MEDIA_TYPE)
    assert [each["resource"]["id"] for each in valid(answer.json())["entry"]] == [f"lead-{lead.pk}"]
    other: Any = client.post(f"{BASE}/Patient/_search", {}, content_type="application/json")
    assert issues(other, 415) == [("not-supported", "")]


def test_a_search_is_on_record_without_what_was_looked_for(client: Client, lead: Lead) -> None:
    found(client, "Patient?name=jane&birthdate=1980")
    access.flush()
    event = Event.objects.get(action=Event.Action.QUERY)
    assert (event.source, event.detail) == ("FHIR patients", "birthdate name")
