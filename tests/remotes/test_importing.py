"""Importing from an archive of the DICOM network: dcmtk's, by C-GET and by C-MOVE to this server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.accounts.models import Grant, User
from apps.accounts.principal import Principal
from apps.archive.models import Instance, Study
from apps.audit.models import Event
from apps.core.errors import NotFound
from apps.dimse.server import Address, Server
from apps.jobs.handle import Cancelled
from apps.jobs.models import Job
from apps.remotes import directory, importing
from apps.remotes.admission import admit
from apps.remotes.asking import Query
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.found import Have
from apps.remotes.models import ApplicationEntity, Remote
from apps.remotes.searching import search, series
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dimse.conftest import QUICK
from tests.remotes.jobs import do
from tests.remotes.qrscp import Archive, archive

SLICES = [dicoms.ct_slice(InstanceNumber=str(number)) for number in range(1, 6)]
JAPANESE: dict[str, Any] = {
    "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "SpecificCharacterSet": ["", "ISO 2022 IR 87"],
}


@pytest.fixture
def old(tmp_path: Path, transactional_db: None, title: ApplicationEntity) -> Iterator[Archive]:
    with archive(tmp_path / "old") as old:
        old.add(*SLICES)
        yield old


@pytest.fixture
def remote(old: Archive, title: ApplicationEntity) -> Remote:
    return old.remote(title.practice)


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def test_a_search_tells_what_there_is_and_what_is_here(remote: Remote, who: Principal) -> None:
    found = search(who, remote, Query(patient_name="Doe, J"), source="tests")
    assert [(study.study_instance_uid, study.have) for study in found.studies] == [(dicoms.STUDY_UID, Have.NONE)]


def test_names_come_in_whatever_script_they_are(old: Archive, remote: Remote, who: Principal) -> None:
    old.add(dicoms.ct_slice(**JAPANESE, StudyInstanceUID=dicoms.uid(9), PatientID="J1"))
    (found,) = search(who, remote, Query(patient_id="J1"), source="tests").studies
    assert found.patient_name == JAPANESE["PatientName"]


def test_a_search_is_on_record_without_what_was_looked_for(remote: Remote, who: Principal) -> None:
    search(who, remote, Query(patient_name="Doe"), source="tests")
    event = Event.objects.filter(action=Event.Action.QUERY).latest("pk")
    assert (event.actor, event.detail) == ("nora", "Old archive answered with 1 studies")


def test_too_many_answers_are_cut_and_said_to_be(
    old: Archive, remote: Remote, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.add(*(dicoms.ct_slice(StudyInstanceUID=dicoms.uid(20, number)) for number in range(5)))
    monkeypatch.setattr("apps.remotes.searching.MOST_STUDIES", 3)
    found = search(who, remote, Query(patient_id="P1"), source="tests")
    assert (len(found.studies), found.is_complete) == (3, False)


def test_a_study_s_series_are_told(remote: Remote) -> None:
    (found,) = series(remote, dicoms.STUDY_UID)
    assert (found.series_instance_uid, found.modality) == (dicoms.SERIES_UID, "CT")


def test_an_import_brings_every_instance_as_it_is(remote: Remote, who: Principal) -> None:
    result = do(importing.ask(who, remote, [dicoms.STUDY_UID]))
    assert result == {"studies": 1, "instances": 5, "known": 0, "fetched": 5}
    assert _here(remote) == 5
    study = Study.objects.get(practice=remote.practice)
    assert (study.source, study.stored_by_id) == ("import from Old archive", who.user_id)


def test_what_is_here_is_not_fetched_again(remote: Remote, who: Principal) -> None:
    keep(remote.practice, *SLICES[:3])
    (found,) = search(who, remote, Query(study_instance_uid=dicoms.STUDY_UID), source="tests").studies
    assert (found.ours, found.have) == (3, Have.PART)
    result = do(importing.ask(who, remote, [dicoms.STUDY_UID]))
    assert result == {"studies": 1, "instances": 5, "known": 3, "fetched": 2}
    imported = Event.objects.filter(action=Event.Action.IMPORT, source="import from Old archive")
    assert sum(imported.values_list("count", flat=True)) == 2


def test_a_stopped_import_keeps_what_has_come_and_goes_on_from_there(remote: Remote, who: Principal) -> None:
    job = importing.ask(who, remote, [dicoms.STUDY_UID])
    with pytest.raises(Cancelled):
        do(job, cancelled_after=2)
    kept = _here(remote)
    assert 2 <= kept < 5
    assert do(job) == {"studies": 1, "instances": 5, "known": kept, "fetched": 5 - kept}


def test_an_import_that_lacks_something_says_so(old: Archive, remote: Remote, who: Principal) -> None:
    old.files()[0].unlink()
    with pytest.raises(RemoteFailed, match="1 of 5 instances did not come from Old archive"):
        do(importing.ask(who, remote, [dicoms.STUDY_UID]))
    assert _here(remote) == 4


def test_a_study_that_is_not_there_any_more_is_said_to_be(remote: Remote, who: Principal) -> None:
    with pytest.raises(RemoteRefused, match="has nothing of 1 of 2 studies"):
        do(importing.ask(who, remote, [dicoms.STUDY_UID, "1.2.3"]))


def test_an_archive_that_is_away_may_be_back_another_time(remote: Remote, who: Principal) -> None:
    Remote.objects.filter(pk=remote.pk).update(port=1)
    job = importing.ask(who, remote, [dicoms.STUDY_UID])
    with pytest.raises(RemoteFailed, match="can't be reached"):
        do(job)


def test_all_of_it_is_done_from_the_command_line_too(remote: Remote, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("remote", "search", remote.name, "--patient-id", "P1")
    assert f"{dicoms.STUDY_UID}  20240229" in capsys.readouterr().out
    call_command("remote", "import", remote.name, dicoms.STUDY_UID)
    assert do(Job.objects.get(kind="remote-import"))
    call_command("remote", "send", remote.name, dicoms.STUDY_UID)
    assert do(Job.objects.get(kind="remote-send"))
    assert "is queued" in capsys.readouterr().out


def test_whoever_may_not_fetch_any_more_imports_nothing(remote: Remote, who: Principal, user: User) -> None:
    job = importing.ask(who, remote, [dicoms.STUDY_UID])
    Grant.objects.filter(user=user).delete()
    with pytest.raises(NotFound):
        do(job)


@pytest.fixture
def moving(tmp_path: Path, transactional_db: None, title: ApplicationEntity) -> Iterator[Remote]:
    """An archive without C-GET that sends to this server, which is running."""
    directory.forget_all()
    with (
        Server([Address("127.0.0.1", 0)], QUICK, admit) as server,
        archive(tmp_path / "moving", "--disable-get", our_port=server.ports[0]) as old,
    ):
        old.add(*SLICES)
        yield old.remote(title.practice)
    directory.forget_all()


def test_an_archive_without_get_sends_here(moving: Remote, who: Principal) -> None:
    keep(moving.practice, SLICES[0])
    result = do(importing.ask(who, moving, [dicoms.STUDY_UID]))
    assert result == {"studies": 1, "instances": 5, "known": 1, "fetched": 4}
    assert _here(moving) == 5


def test_an_archive_that_does_not_know_this_server_is_to_be_told_of_it(
    moving: Remote, who: Principal, title: ApplicationEntity
) -> None:
    ApplicationEntity.objects.filter(pk=title.pk).update(title="UNHEARD")
    with pytest.raises(RemoteRefused, match="enter this server there"):
        do(importing.ask(who, moving, [dicoms.STUDY_UID]))


def _here(remote: Remote) -> int:
    return Instance.objects.filter(series__study__practice=remote.practice).count()
