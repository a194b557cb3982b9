"""What becomes of resumable uploads that break, compete, expire, or were whole when the server stopped."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.core.errors import Unavailable
from apps.core.http import Interrupted
from apps.jobs.models import Job
from apps.uploads.models import Upload
from apps.uploads.resumable import parts, protocol, receiving, sweeping, takers
from apps.uploads.resumable.errors import UploadBusy
from apps.uploads.resumable.receiving import Wanted
from tests import dicoms
from tests.uploads.resuming import begin, go_on, head

SLICE = dicoms.ct_slice()


@pytest.fixture
def upload(user: User) -> Upload:
    return receiving.create(Principal.of(user), Wanted(100))


def torn(*pieces: bytes) -> Iterator[bytes]:
    yield from pieces
    raise Interrupted("the connection broke")


def test_what_came_before_the_connection_broke_is_kept(upload: Upload) -> None:
    with pytest.raises(Interrupted):
        receiving.append(upload, 0, torn(b"a" * 30, b"b" * 12))
    upload.refresh_from_db()
    assert (upload.received, parts.path_of(upload.key).stat().st_size) == (42, 42)


def test_with_a_checksum_all_of_it_counts_or_nothing(upload: Upload) -> None:
    with pytest.raises(Interrupted):
        receiving.append(upload, 0, torn(b"a" * 30), protocol.checksum("crc32 AAAAAA=="))
    upload.refresh_from_db()
    assert upload.received == 0
    assert receiving.append(upload, 0, [b"b" * 20]).received == 20
    assert parts.path_of(upload.key).read_bytes() == b"b" * 20


def test_bytes_that_were_never_acknowledged_go_again(upload: Upload) -> None:
    receiving.append(upload, 0, [b"a" * 10])
    with parts.path_of(upload.key).open("ab") as file:
        file.write(b"from an attempt that was killed")
    receiving.append(upload, 10, [b"b" * 10])
    assert parts.path_of(upload.key).read_bytes() == b"a" * 10 + b"b" * 10


def test_an_upload_whose_file_is_lost_is_gone(client: Client) -> None:
    place = begin(client, 20)
    go_on(client, place, 0, b"x" * 10)
    os.truncate(parts.path_of(Upload.objects.get().key), 3)
    assert go_on(client, place, 10, b"x").status_code == 410
    parts.discard(Upload.objects.get().key)
    assert go_on(client, place, 10, b"x").status_code == 410


def test_one_request_at_a_time_brings_bytes(upload: Upload, client: Client) -> None:
    place = f"/api/uploads/{upload.key}"
    with parts.turn(upload.key):
        answer = go_on(client, place, 0, b"x")
        assert (answer.status_code, answer.json()["code"]) == (423, "upload-busy")
        assert head(client, place)["Upload-Offset"] == "0"
    assert go_on(client, place, 0, b"x").status_code == 204


def test_who_is_silent_gives_way_and_writes_no_more(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a phone that has changed its network: the old request's connection never ends."""
    with parts.turn(upload.key) as silent:
        silent.begin(0)
        silent.write(b"a" * 10)
        monkeypatch.setattr(parts, "SILENT_SECONDS", -1)
        assert receiving.append(upload, 0, [b"b" * 20]).received == 20
        with pytest.raises(UploadBusy):
            silent.write(b"late")
    assert parts.path_of(upload.key).read_bytes() == b"b" * 20


def test_an_upload_that_is_taken_back_meanwhile_ends(upload: Upload, user: User, client: Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a" * 10
        receiving.end(Principal.of(user), upload.key)
        yield b"b" * 10

    with pytest.raises(Exception, match="no such upload"):
        receiving.append(upload, 0, pieces())
    assert list((parts.path_of("x")).parent.iterdir()) == []


def test_the_offset_is_noted_on_the_way(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "SAFE_EVERY_BYTES", 20)
    seen = []

    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            yield b"a" * 10
            seen.append(Upload.objects.get(pk=upload.pk).received)

    receiving.append(upload, 0, pieces())
    assert seen == [0, 20, 20, 40, 40]


def test_who_waits_too_long_finds_it_gone_and_then_swept(client: Client) -> None:
    place = begin(client, 20)
    go_on(client, place, 0, b"x" * 10)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert (head(client, place).status_code, go_on(client, place, 10, b"x").status_code) == (410, 410)
    key = Upload.objects.get().key
    sweeping.on_minute()
    assert (head(client, place).status_code, parts.path_of(key).exists()) == (404, False)


def test_files_that_belong_to_nothing_are_swept(upload: Upload, settings: Settings) -> None:
    for name in ("f" * 32, "e" * 32 + ".import", "d" * 32 + ".turn", upload.key):
        path = parts.path_of(name)
        path.touch()
        os.utime(path, (0, 0))
    sweeping.on_minute()
    assert [path.name for path in (settings.DATA / "uploads").iterdir()] == [upload.key]


def test_what_was_whole_when_the_server_stopped_is_handed_over(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = begin(client, len(SLICE))
    with monkeypatch.context() as patched:
        patched.setattr(takers.find("xrays"), "take", fails, raising=False)
        assert go_on(client, place, 0, SLICE).status_code == 503
    assert not Job.objects.exists()
    sweeping.on_minute()
    job = Job.objects.get()
    assert head(client, place)["Fovea-Job"] == f"/api/jobs/{job.pk}"
    sweeping.on_minute()
    assert Job.objects.count() == 1


def fails(*_: Any) -> None:
    raise Unavailable("The database does not answer.")


def test_nobody_stores_by_an_account_that_was_closed(upload: Upload, user: User) -> None:
    Upload.objects.update(received=100)
    User.objects.filter(pk=user.pk).update(is_active=False)
    sweeping.on_minute()
    upload.refresh_from_db()
    assert (upload.job, "closed" in upload.error, parts.path_of(upload.key).exists()) == (None, True, False)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_brings_the_bytes(user: User) -> None:
    upload = receiving.create(Principal.of(user), Wanted(1 << 20))
    begun, ended = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"a" * 100
        begun.set()
        ended.wait(60)

    thread = threading.Thread(target=receiving.append, args=(upload, 0, slow()))
    thread.start()
    begun.wait(60)
    with pytest.raises(UploadBusy):
        receiving.append(upload, 0, [b"b" * 100])
    ended.set()
    thread.join()
    upload.refresh_from_db()
    assert (upload.received, parts.path_of(upload.key).read_bytes()) == (100, b"a" * 100)
