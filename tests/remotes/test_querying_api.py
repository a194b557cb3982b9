"""Searching, importing and sending by REST: by who may, who may not, another practice's user, and nobody."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Instance
from apps.jobs.models import Job
from apps.remotes.models import ApplicationEntity, Remote
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.remotes.jobs import do
from tests.remotes.qrscp import Archive, archive
from tests.rights import give

STUDY = {"studies": [dicoms.STUDY_UID]}
ASKED = (("GET", "studies/?patientName=Doe", None), ("POST", "import/", STUDY), ("POST", "send/", STUDY))


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


def ask(client: Client, remote: Remote, method: str, path: str, body: Any = None) -> Any:
    return client.generic(method, f"/api/remotes/{remote.pk}/{path}", _json(body), content_type="application/json")


def test_a_search_tells_what_there_is(client: Client, remote: Remote) -> None:
    answer = ask(client, remote, "GET", "studies/?patientName=Doe&modality=ct&studyDateTo=2099-01-01").json()
    (study,) = answer["studies"]
    assert answer["isComplete"] is True
    assert (study["studyInstanceUid"], study["patientName"], study["have"]) == (dicoms.STUDY_UID, "Doe^Jane", "none")


def test_a_study_s_series_are_told(client: Client, remote: Remote) -> None:
    (series,) = ask(client, remote, "GET", f"studies/{dicoms.STUDY_UID}/series").json()
    assert (series["seriesInstanceUid"], series["modality"]) == (dicoms.SERIES_UID, "CT")


def test_an_import_is_a_job_of_numbers_and_uids(client: Client, remote: Remote) -> None:
    answer = ask(client, remote, "POST", "import/", STUDY)
    job = Job.objects.get(pk=answer.json()["id"])
    assert (answer.status_code, job.kind) == (202, "remote-import")
    assert job.parameters == {"remote": remote.pk, "studies": [dicoms.STUDY_UID], "by_command": False}
    do(job)
    assert Instance.objects.filter(series__study__practice=remote.practice).count() == 3


def test_sending_is_a_job(client: Client, old: Archive, remote: Remote) -> None:
    keep(remote.practice, dicoms.ct_slice(StudyInstanceUID=dicoms.uid(5), SOPInstanceUID=dicoms.uid(5, 1)))
    answer = ask(client, remote, "POST", "send/", {"studies": [dicoms.uid(5)]})
    assert answer.status_code == 202
    do(Job.objects.get(pk=answer.json()["id"]))
    assert len(old.files()) == 4


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "studies/", None, 400),
        ("GET", "studies/?patient=Doe", None, 400),
        ("GET", "studies/?studyInstanceUid=x", None, 400),
        ("GET", "studies/?patientName=Doe", None, 502),
        ("GET", "studies/x/series", None, 400),
        ("POST", "import/", {}, 400),
        ("POST", "import/", {"studies": ["x"]}, 400),
        ("POST", "send/", {}, 400),
        ("POST", "send/", {"studies": ["1.2.3"]}, 404),
        ("POST", "send/", {"series": ["1.2.3"]}, 404),
    ],
)
def test_what_is_wrong_is_said(client: Client, nowhere: Remote, method: str, path: str, body: Any, status: int) -> None:
    answer = ask(client, nowhere, method, path, body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_they_are_for_who_may(
    user: User, client: Client, nowhere: Remote, practice: Practice, method: str, path: str, body: Any
) -> None:
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.VIEW, Permission.ADMINISTER)
    assert ask(client, nowhere, method, path, body).status_code == 403


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_another_practice_s_remote_is_not_there(
    stranger_client: Client, anonymous: Client, nowhere: Remote, method: str, path: str, body: Any
) -> None:
    assert ask(stranger_client, nowhere, method, path, body).status_code == 404
    assert ask(anonymous, nowhere, method, path, body).status_code == 401


def test_one_that_is_switched_off_is_not_asked(client: Client, nowhere: Remote) -> None:
    Remote.objects.update(is_active=False)
    answer = ask(client, nowhere, "GET", "studies/?patientName=Doe")
    assert (answer.status_code, answer.json()["detail"]) == (403, "Nowhere is switched off here.")


def _json(body: Any) -> str:
    return "" if body is None else json.dumps(body)
