"""Both storages keep the same promises: files on a disk, and objects behind a real S3 interface over HTTP."""

from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from django.core.management import call_command
from pytest_django import Settings

from apps.accounts.principal import Principal
from apps.archive import lifecycle, objects, retrieve, storage
from apps.archive.models import Instance
from apps.archive.objects import Objects
from apps.core.errors import Unavailable
from tests import dicoms
from tests.archive.conftest import Store

URLS = ["file", pytest.param("s3", marks=pytest.mark.server)]


@pytest.fixture(params=URLS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(request.getfixturevalue("s3_url")) if request.param == "s3" else f"file://{tmp_path}/objects"


@pytest.fixture
def kept(url: str, tmp_path: Path) -> Objects:
    return objects.from_url(url, tmp_path)


def put(kept: Objects, tmp_path: Path, *contents: bytes) -> list[str]:
    paths = [tmp_path / f"staged-{number}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    keys = [kept.new_key() for _ in paths]
    for path, key in zip(paths, keys, strict=True):
        with path.open("rb") as file:
            kept.put(path, file.fileno(), key)
    assert not any(path.exists() for path in paths)
    return keys


def test_what_is_put_is_read_in_any_part(kept: Objects, tmp_path: Path) -> None:
    first, second = put(kept, tmp_path, b"0123456789", b"other")
    assert kept.read(first, 0, 10) == b"0123456789"
    assert kept.read(first, 3, 4) == b"3456"
    assert kept.read(second, 0, 0) == b""
    assert (kept.size(first), kept.size(second)) == (10, 5)
    assert sorted(kept.all_keys()) == sorted([first, second])


def test_what_is_deleted_is_gone_and_may_be_deleted_again(kept: Objects, tmp_path: Path) -> None:
    (key,) = put(kept, tmp_path, b"content")
    kept.delete(key)
    kept.delete(key)
    assert kept.size(key) is None
    assert not list(kept.all_keys())


def test_reading_too_much_or_nothing_is_an_error(kept: Objects, tmp_path: Path) -> None:
    (key,) = put(kept, tmp_path, b"short")
    with pytest.raises(Unavailable):
        kept.read(key, 0, 6)
    with pytest.raises(Unavailable):
        kept.read("000/none", 0, 1)


def test_a_working_storage_passes_its_check(kept: Objects) -> None:
    kept.check()


def test_a_storage_that_is_away_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        objects.from_url("", tmp_path).check()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    with pytest.raises(Unavailable):
        objects.from_url("s3://bucket?endpoint=http://127.0.0.1:1", tmp_path).check()


@pytest.mark.server
@pytest.mark.django_db
def test_the_archive_works_on_s3(store: Store, nora: Principal, s3_url: str, settings: Settings) -> None:
    settings.STORAGE_URL = s3_url
    slices = dicoms.ct_series(3)
    outcomes = store(*slices, dicoms.ct_slice(PatientName="Second^Version"))
    study = outcomes[0].study_instance_uid
    stored = retrieve.instances(nora, study)
    assert [b"".join(retrieve.iter_file(each)) for each in stored] == slices
    call_command("verify")
    lifecycle.delete_study(nora, study)
    assert len(list(storage.site_objects().all_keys())) == 1
    assert not Instance.objects.exists()
    assert _objects_in(s3_url) == 1


def _objects_in(url: str) -> int:
    parts = urlsplit(url)
    endpoint = parts.query.partition("endpoint=")[2].partition("&")[0]
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    return int(client.list_objects_v2(Bucket=parts.netloc)["KeyCount"])
