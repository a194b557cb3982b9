"""The admin's pages on which another archive is searched and imported from, and studies are sent to one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Series, Study
from apps.jobs.models import Job
from apps.remotes.found import FoundStudy, Results
from apps.remotes.models import ApplicationEntity, Remote
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.remotes.qrscp import Archive, archive
from tests.rights import give

SEARCH = "/admin/remotes/remote/search/"
SEND = "/admin/remotes/remote/send/"


@pytest.fixture(autouse=True)
def staff(user: User, stranger: User) -> None:
    for each in (user, stranger):
        each.is_staff = True
        each.save()


@pytest.fixture
def old(tmp_path: Path, db: None) -> Iterator[Archive]:
    with archive(tmp_path / "old") as old:
        old.add(*dicoms.ct_series(3))
        yield old


@pytest.fixture
def remote(old: Archive, title: ApplicationEntity) -> Remote:
    return old.remote(title.practice)


@pytest.fixture
def nowhere(title: ApplicationEntity) -> Remote:
    return Remote.objects.create(practice=title.practice, name="Nowhere", title="NO", host="127.0.0.1", port=1)


@pytest.fixture
def study(practice: Practice) -> Study:
    keep(practice, *dicoms.ct_series(2))
    return Study.objects.get(practice=practice)


def search(client: Client, remote: Remote, **fields: str) -> str:
    answer = client.post(SEARCH, {"remote": remote.pk, **fields})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_what_is_found_is_shown_with_what_is_here(client: Client, remote: Remote) -> None:
    assert "Doe, Jane" in search(client, remote, patient_name="Doe")
    assert f'value="{dicoms.STUDY_UID}"' in search(client, remote, patient_id="P1")
    keep(remote.practice, dicoms.ct_slice())
    assert "1 here" in search(client, remote, patient_id="P1")


@pytest.mark.parametrize(("ours", "told"), [(0, 'name="studies"'), (1, "1 of 3 here"), (3, "all here")])
def test_what_is_all_here_can_t_be_ticked(
    client: Client, nowhere: Remote, monkeypatch: pytest.MonkeyPatch, ours: int, told: str
) -> None:
    found = Results((FoundStudy("1.2.3", instance_count=3, ours=ours),))
    monkeypatch.setattr("apps.remotes.pages.searching.search", lambda *_, **__: found)
    page = search(client, nowhere, patient_name="Doe")
    assert told in page
    assert ('name="studies"' in page) == (ours < 3)


def test_nothing_found_is_said(client: Client, remote: Remote) -> None:
    assert "Old archive has found nothing" in search(client, remote, patient_id="nobody")


def test_what_is_ticked_becomes_a_job(client: Client, nowhere: Remote) -> None:
    answer = client.post(f"/admin/remotes/remote/{nowhere.pk}/import/", {"studies": ["1.2.3", "1.2.4"]})
    job = Job.objects.get(kind="remote-import")
    assert answer["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    assert job.parameters["studies"] == ["1.2.3", "1.2.4"]


def test_nothing_ticked_leads_back(client: Client, nowhere: Remote) -> None:
    answer = client.post(f"/admin/remotes/remote/{nowhere.pk}/import/", follow=True)
    assert "Choose at least one study." in answer.content.decode()


def test_an_archive_that_does_not_answer_is_said_not_to(client: Client, nowhere: Remote) -> None:
    assert "be reached" in search(client, nowhere, patient_name="Doe")


def test_a_search_for_everything_is_none(client: Client, nowhere: Remote) -> None:
    assert "Say what you look for" in search(client, nowhere)


def test_studies_are_sent_from_the_list(client: Client, nowhere: Remote, study: Study) -> None:
    chosen = {"action": "send_selected", "_selected_action": [study.pk]}
    page = client.post("/admin/archive/study/", chosen)
    assert page["Location"] == f"{SEND}?study={study.pk}"
    assert "Doe, Jane" in client.get(page["Location"]).content.decode()
    answer = client.post(page["Location"], {"remote": nowhere.pk})
    job = Job.objects.get(kind="remote-send")
    assert answer["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    assert (job.parameters["studies"], job.parameters["remote"]) == ([dicoms.STUDY_UID], nowhere.pk)


def test_a_series_is_sent_from_its_page(client: Client, nowhere: Remote, study: Study) -> None:
    series = Series.objects.get(study=study)
    way = f"{SEND}?series={series.pk}"
    assert way in client.get(f"/admin/archive/series/{series.pk}/change/").content.decode()
    client.post(way, {"remote": nowhere.pk})
    assert Job.objects.get(kind="remote-send").parameters["series"] == [dicoms.SERIES_UID]


def test_the_ways_there_are_shown_to_who_may_go_them(
    client: Client, user: User, nowhere: Remote, study: Study, practice: Practice
) -> None:
    page = f"/admin/archive/study/{study.pk}/change/"
    assert f"{SEND}?study={study.pk}" in client.get(page).content.decode()
    _may_only(user, practice, Permission.VIEW)
    looked_at = client.get(page).content.decode()
    assert SEND not in looked_at
    assert SEARCH not in looked_at


def test_pages_are_for_who_may(client: Client, user: User, nowhere: Remote, study: Study, practice: Practice) -> None:
    _may_only(user, practice, Permission.VIEW, Permission.ADMINISTER)
    assert _statuses(client, nowhere, study) == [403, 403, 403]


def test_another_practice_s_users_find_nothing(stranger_client: Client, nowhere: Remote, study: Study) -> None:
    searched = stranger_client.get(SEARCH).content.decode()
    assert "Nowhere" not in searched
    assert stranger_client.post(f"/admin/remotes/remote/{nowhere.pk}/import/").status_code == 404
    assert stranger_client.get(f"{SEND}?study={study.pk}")["Location"] == "/admin/archive/study/"
    assert not Job.objects.filter(kind__startswith="remote-").exists()


def test_nobody_is_sent_to_the_sign_in(anonymous: Client, nowhere: Remote, study: Study) -> None:
    assert _statuses(anonymous, nowhere, study) == [302, 302, 302]
    assert not Job.objects.filter(kind__startswith="remote-").exists()


def _may_only(user: User, practice: Practice, *permissions: Permission) -> None:
    Grant.objects.filter(user=user).delete()
    give(user, practice, *permissions)


def _statuses(client: Client, remote: Remote, study: Study) -> list[int]:
    answers: list[Any] = [
        client.post(SEARCH, {"remote": remote.pk, "patient_name": "Doe"}),
        client.post(f"/admin/remotes/remote/{remote.pk}/import/", {"studies": ["1.2.3"]}),
        client.post(f"{SEND}?study={study.pk}", {"remote": remote.pk}),
    ]
    return [answer.status_code for answer in answers]
