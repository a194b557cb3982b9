"""Sending to an archive of the DICOM network: dcmtk's, and pynetdicom's where it is to refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Invalid, NotFound, Refused
from apps.jobs.handle import Cancelled
from apps.remotes import exporting
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.models import ApplicationEntity, Delivered, Remote
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.remotes.jobs import do
from tests.remotes.qrscp import Archive, archive
from tests.rights import give

SLICES = dicoms.ct_series(5)
OTHER_SERIES = dicoms.secondary_capture(SeriesInstanceUID=dicoms.uid(1, 7), SOPInstanceUID=dicoms.uid(1, 7, 1))


@pytest.fixture
def elsewhere(tmp_path: Path, db: None) -> Iterator[Archive]:
    with archive(tmp_path / "elsewhere") as elsewhere:
        yield elsewhere


@pytest.fixture
def remote(elsewhere: Archive, title: ApplicationEntity) -> Remote:
    keep(title.practice, *SLICES, OTHER_SERIES)
    return elsewhere.remote(title.practice)


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def test_a_study_arrives_whole(elsewhere: Archive, remote: Remote, who: Principal) -> None:
    result = do(exporting.ask(who, remote, [dicoms.STUDY_UID]))
    assert result == {"studies": 1, "instances": 6, "confirmed": 0, "sent": 6, "warnings": 0}
    assert _came(elsewhere) == {*(dicoms.uid(1, 1, number) for number in range(1, 6)), dicoms.uid(1, 7, 1)}


def test_a_series_goes_without_the_rest_of_its_study(elsewhere: Archive, remote: Remote, who: Principal) -> None:
    do(exporting.ask(who, remote, [], [dicoms.uid(1, 7)]))
    assert _came(elsewhere) == {dicoms.uid(1, 7, 1)}


def test_what_leaves_is_on_record_with_where_it_went(remote: Remote, who: Principal) -> None:
    do(exporting.ask(who, remote, [dicoms.STUDY_UID]))
    event = Event.objects.filter(action=Event.Action.SEND).latest("pk")
    facts = (event.actor, event.study_instance_uid, event.count, event.detail)
    assert facts == ("nora", dicoms.STUDY_UID, 6, "to Old archive")


def test_what_was_confirmed_is_not_sent_again(elsewhere: Archive, remote: Remote, who: Principal) -> None:
    job = exporting.ask(who, remote, [dicoms.STUDY_UID])
    with pytest.raises(Cancelled):
        do(job, cancelled_after=2)
    assert Delivered.objects.filter(job=job).count() == 2
    assert Event.objects.filter(action=Event.Action.SEND).latest("pk").count == 2
    assert do(job) == {"studies": 1, "instances": 6, "confirmed": 2, "sent": 4, "warnings": 0}
    assert len(_came(elsewhere)) == 6


def test_an_archive_that_is_away_may_be_back_another_time(remote: Remote, who: Principal) -> None:
    Remote.objects.filter(pk=remote.pk).update(port=1)
    with pytest.raises(RemoteFailed, match="can't be reached"):
        do(exporting.ask(who, remote, [dicoms.STUDY_UID]))


def test_what_an_archive_never_takes_is_told_and_not_tried_again(remote: Remote, who: Principal) -> None:
    strange = dicoms.ct_slice(SOPClassUID="1.2.3.4", StudyInstanceUID=dicoms.uid(8), SOPInstanceUID=dicoms.uid(8, 1))
    keep(remote.practice, strange)
    with pytest.raises(RemoteRefused, match="did not take 1 of 1 instances"):
        do(exporting.ask(who, remote, [dicoms.uid(8)]))


def test_nobody_asks_to_send_what_they_may_not(remote: Remote, practice: Practice, user: User) -> None:
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.VIEW)
    with pytest.raises(Refused):
        exporting.ask(Principal.of(user), remote, [dicoms.STUDY_UID])
    with pytest.raises(NotFound):
        exporting.ask(Principal.of(user), remote, [], [dicoms.SERIES_UID])


def test_another_practice_s_study_is_not_sent(remote: Remote, stranger: User, practice: Practice) -> None:
    give(stranger, practice, Permission.SEND)
    assert stranger.practice
    keep(stranger.practice, dicoms.ct_slice(StudyInstanceUID=dicoms.uid(6), SOPInstanceUID=dicoms.uid(6, 1)))
    with pytest.raises(NotFound):
        exporting.ask(Principal.of(stranger), remote, [dicoms.uid(6)])


@pytest.mark.parametrize("studies", [[], ["*"], [f"1.2.{number}" for number in range(101)]])
def test_studies_are_named_by_their_uids_and_not_too_many(remote: Remote, who: Principal, studies: list[str]) -> None:
    with pytest.raises(Invalid):
        exporting.ask(who, remote, studies)


def _came(elsewhere: Archive) -> set[str]:
    return {str(dcmread(path).SOPInstanceUID) for path in elsewhere.files()}
