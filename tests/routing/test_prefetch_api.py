"""Priors by REST and in the admin: by who may, who may not, another practice's user, and nobody."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.jobs.models import Job
from apps.remotes.models import Remote
from apps.routing.prefetch import planning, receivers
from apps.routing.prefetch.models import Occasion, Outcome, Prefetch, PrefetchAnswer, PrefetchSource
from tests.conftest import client_of
from tests.rights import give
from tests.routing.expecting import source_at
from tests.worklist.arriving import plan

SOURCES = "/api/prefetch/sources/"


@pytest.fixture
def source(elsewhere: Remote) -> PrefetchSource:
    return source_at(elsewhere)


@pytest.fixture
def prefetch(source: PrefetchSource) -> Prefetch:
    step = plan(source.practice)
    planning.expect(source.practice_id, timezone.localdate(), [step], Occasion.CHECK_IN)
    return Prefetch.objects.get()


@pytest.fixture
def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


def ask(client: Client, method: str, path: str, **body: Any) -> Any:
    return client.generic(method, path, json.dumps(body), content_type="application/json")


def lacking(practice: Practice, *permissions: Permission) -> Client:
    user = User.objects.create_user("vera", practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return client_of(user)


def test_a_source_is_added_changed_and_removed(client: Client, elsewhere: Remote) -> None:
    made = ask(client, "POST", SOURCES, remote=elsewhere.pk, modalities="CT MR", mostStudies=3)
    assert made.status_code == 201
    path = f"{SOURCES}{made.json()['id']}/"
    assert ask(client, "PATCH", path, years=2, isActive=False).json()["years"] == 2
    assert [row["remoteName"] for row in client.get(SOURCES).json()["results"]] == ["Elsewhere"]
    assert ask(client, "DELETE", path).status_code == 204
    told = Event.objects.filter(action=Event.Action.CONFIGURATION, detail__startswith="priors from").order_by("pk")
    assert [each.detail.partition(":")[0] for each in told] == [
        "priors from Elsewhere added",
        "priors from Elsewhere changed",
        "priors from Elsewhere removed",
    ]


@pytest.mark.parametrize("wrong", [{"modalities": "ct,mr"}, {"mostStudies": 0}, {"years": 99}, {"when": "never"}])
def test_what_can_not_be_is_said(client: Client, elsewhere: Remote, wrong: dict[str, Any]) -> None:
    assert ask(client, "POST", SOURCES, remote=elsewhere.pk, **wrong).status_code == 400


def test_another_practices_remote_is_none(client: Client, other_practice: Practice) -> None:
    theirs = Remote.objects.create(practice=other_practice, name="Theirs", title="THEIRS", host="127.0.0.1", port=1)
    assert ask(client, "POST", SOURCES, remote=theirs.pk).status_code == 400


def test_sources_are_for_who_administers(
    practice: Practice, elsewhere: Remote, stranger_client: Client, anonymous: Client
) -> None:
    radiologist = lacking(practice, Permission.VIEW, Permission.FETCH)
    asked = (radiologist, stranger_client, anonymous)
    assert [ask(each, "POST", SOURCES, remote=elsewhere.pk).status_code for each in asked] == [403, 400, 401]


def test_what_became_of_it_is_told(client: Client, prefetch: Prefetch) -> None:
    (row,) = client.get("/api/prefetch/?outcome=waiting").json()["results"]
    assert (row["patientId"], row["occasion"]) == ("P1", "check_in")
    assert row["answers"][0]["remoteName"] == "Elsewhere"
    assert client.get(f"/api/prefetch/{prefetch.pk}/").json()["id"] == prefetch.pk
    assert client.get("/api/prefetch/?day=2001-01-01").json()["count"] == 0


def test_it_is_fetched_again_by_who_may(
    client: Client, prefetch: Prefetch, practice: Practice, stranger_client: Client, anonymous: Client
) -> None:
    PrefetchAnswer.objects.update(outcome=Outcome.NOTHING, asked_at=timezone.now())
    path = f"/api/prefetch/{prefetch.pk}/again/"
    asked = (lacking(practice, Permission.VIEW), stranger_client, anonymous)
    assert [ask(each, "POST", path).status_code for each in asked] == [403, 404, 401]
    answer = ask(client, "POST", path)
    assert (answer.status_code, answer.json()["answers"][0]["outcome"]) == (202, "waiting")


def test_who_may_fetch_and_not_look_sees_no_names(prefetch: Prefetch, practice: Practice) -> None:
    assert lacking(practice, Permission.FETCH).get("/api/prefetch/").json()["count"] == 0


def test_without_an_archive_there_is_nothing_to_ask(client: Client, prefetch: Prefetch) -> None:
    PrefetchSource.objects.update(is_active=False)
    assert ask(client, "POST", f"/api/prefetch/{prefetch.pk}/again/").status_code == 409


def test_in_the_evening_each_practice_is_looked_at(source: PrefetchSource, settings: Settings) -> None:
    receivers.forget_all()
    settings.PREFETCH_HOUR = 24
    receivers.on_minute()
    settings.PREFETCH_HOUR = 0
    for _ in range(2):
        receivers.on_minute()
    assert Job.objects.filter(kind=receivers.EVENING).count() == 1


class TestPages:
    """The list, the page of a patient, and the sources."""

    def test_the_list_and_the_page(self, staff: Client, prefetch: Prefetch) -> None:
        assert "Under way" in staff.get("/admin/routing/prefetch/").content.decode()
        page = staff.get(f"/admin/routing/prefetch/{prefetch.pk}/change/").content.decode()
        assert "Elsewhere" in page
        assert "Doe, Jane" in page

    def test_fetch_again(self, staff: Client, prefetch: Prefetch) -> None:
        PrefetchAnswer.objects.update(outcome=Outcome.FAILED)
        answer = staff.post(f"/admin/routing/prefetch/{prefetch.pk}/again/", follow=True)
        assert "1 archive will be asked again." in answer.content.decode()

    def test_a_source_is_added(self, staff: Client, elsewhere: Remote) -> None:
        fields = {"remote": elsewhere.pk, "position": 0, "is_active": "on", "when": "both", "modalities": "CT"}
        bounds = {"most_studies": 5, "most_instances": 3000, "years": 5, "body_parts": ""}
        answer = staff.post("/admin/routing/prefetchsource/add/", {**fields, **bounds}, follow=True)
        assert answer.status_code == 200
        assert PrefetchSource.objects.get().practice_id == elsewhere.practice_id
        assert "Is asked" in staff.get("/admin/routing/prefetchsource/").content.decode()
