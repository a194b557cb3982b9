"""DICOMweb remotes: searched, imported from and sent to, where the other archive is a Fovea of its own."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Instance
from apps.core.sealed import seal
from apps.jobs.handle import Cancelled
from apps.remotes import exporting, importing
from apps.remotes.asking import Query
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.found import Have
from apps.remotes.models import Protocol, Remote
from apps.remotes.searching import search, series
from apps.remotes.web.qido import echo
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.live import SECRET, Server, Site, multipart
from tests.remotes.jobs import do

SLICES = dicoms.ct_series(5)
JAPANESE = "Yamada^Tarou=山田^太郎=やまだ^たろう"
UNFETCHED, SENT = dicoms.uid(30), dicoms.uid(31)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another archive, with a study and a patient with a name in three scripts."""
    name = {"PatientName": JAPANESE, "SpecificCharacterSet": "ISO_IR 192", "PatientID": "J1"}
    with Site(tmp_path_factory.mktemp("elsewhere")) as site, site.serving() as server:
        assert server.store(multipart(*SLICES)).status == 200
        japanese = dicoms.ct_slice(**name, StudyInstanceUID=UNFETCHED, SOPInstanceUID=dicoms.uid(30, 1))
        assert server.store(multipart(japanese)).status == 200
        yield server


@pytest.fixture
def remote(elsewhere: Server, practice: Practice) -> Remote:
    url = f"http://127.0.0.1:{elsewhere.port}/dicom-web/"
    return Remote.objects.create(
        practice=practice, name="Other site", protocol=Protocol.DICOMWEB, url=url, secret=seal(SECRET)
    )


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def test_an_echo_tells_that_it_is_there_and_lets_us_in(remote: Remote) -> None:
    echo(remote)


def test_a_wrong_secret_is_said_to_be_wrong(remote: Remote) -> None:
    remote.secret = seal("another")
    with pytest.raises(RemoteRefused, match="check the user name, secret and rights"):
        echo(remote)


def test_a_secret_of_another_key_is_asked_for_again(remote: Remote, settings: Settings) -> None:
    settings.SECRET_KEY = "another"
    with pytest.raises(RemoteRefused, match="type it in again"):
        echo(remote)


def test_names_are_found_and_come_in_whatever_script_they_are(remote: Remote, who: Principal) -> None:
    (found,) = search(who, remote, Query(patient_name="*山田*"), source="tests").studies
    assert (found.patient_name, found.study_instance_uid) == (JAPANESE, UNFETCHED)


def test_a_study_is_imported_and_then_all_here(remote: Remote, who: Principal) -> None:
    by_name = Query(patient_name="doe, jane", modality="ct")
    (before,) = search(who, remote, by_name, source="tests").studies
    result = do(importing.ask(who, remote, [dicoms.STUDY_UID]))
    (after,) = search(who, remote, by_name, source="tests").studies
    assert result == {"studies": 1, "instances": 5, "known": 0, "fetched": 5}
    assert (before.have, after.have) == (Have.NONE, Have.ALL)


def test_single_instances_are_fetched_where_a_series_is_here_in_part(remote: Remote, who: Principal) -> None:
    keep(remote.practice, *SLICES[:3])
    assert do(importing.ask(who, remote, [dicoms.STUDY_UID])) == {
        "studies": 1, "instances": 5, "known": 3, "fetched": 2
    }  # fmt: skip
    assert Instance.objects.filter(series__study__practice=remote.practice).count() == 5


def test_a_study_s_series_are_told(remote: Remote) -> None:
    assert [(each.modality, each.instance_count) for each in series(remote, dicoms.STUDY_UID)] == [("CT", 5)]


def test_instances_are_listed_page_by_page(remote: Remote, who: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.remotes.web.qido.PAGE", 2)
    assert do(importing.ask(who, remote, [dicoms.STUDY_UID]))["instances"] == 5  # type: ignore[index]


def test_studies_are_sent_in_batches_and_none_twice(
    elsewhere: Server, remote: Remote, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.remotes.routes.BATCH_COUNT", 2)
    keep(remote.practice, *(_slice(number) for number in range(1, 6)))
    job = exporting.ask(who, remote, [SENT])
    with pytest.raises(Cancelled):
        do(job, cancelled_after=2)
    assert do(job) == {"studies": 1, "instances": 5, "confirmed": 2, "sent": 3, "warnings": 0}
    assert elsewhere.request("GET", f"/dicom-web/studies/{SENT}/instances").body.count(b'"00080018"') == 5


def test_an_address_that_is_not_dicomweb_s_is_said_to_be(remote: Remote, elsewhere: Server) -> None:
    remote.url = f"http://127.0.0.1:{elsewhere.port}/viewer"
    with pytest.raises((RemoteRefused, RemoteFailed), match="address"):
        echo(remote)


def test_nothing_is_followed_to_another_address(remote: Remote, elsewhere: Server) -> None:
    remote.url = f"http://127.0.0.1:{elsewhere.port}/admin"
    with pytest.raises(RemoteRefused, match="not followed"):
        echo(remote)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "http://user:pass@127.0.0.1/", "http://127.0.0.1/?a=b"])
def test_addresses_of_other_kinds_are_refused(remote: Remote, url: str) -> None:
    remote.url = url
    with pytest.raises(RemoteRefused):
        echo(remote)


def test_nobody_there_may_be_there_another_time(remote: Remote) -> None:
    remote.url = "http://127.0.0.1:1/"
    with pytest.raises(RemoteFailed, match="can't be reached"):
        echo(remote)


def _slice(number: int) -> bytes:
    return dicoms.ct_slice(
        StudyInstanceUID=SENT, SeriesInstanceUID=f"{SENT}.1", SOPInstanceUID=f"{SENT}.1.{number}", InstanceNumber=number
    )
