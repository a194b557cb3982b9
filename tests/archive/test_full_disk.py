"""A disk that fills up while objects come in: a clear answer, nothing half stored, and all well with room again."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from django.conf import settings as site_settings
from django.test import Client
from pytest_django.fixtures import Settings

from apps.archive.intents import SUFFIX
from apps.archive.models import Instance
from tests import dicoms
from tests.live import MULTIPART, STUDIES, multipart

SMALL_DISK = 4 << 20


@pytest.fixture
def small_disk(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A file system of 4 MiB that the site's data lie on."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    settings.DATA = folder
    settings.MIN_FREE_BYTES = 0
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def store(client: Client, *objects: bytes) -> int:
    return client.post(STUDIES, multipart(*objects), content_type=MULTIPART).status_code


def left() -> list[str]:
    """Files in the site's data but for locks and intents."""
    names = [file.name for file in Path(site_settings.DATA).rglob("*") if file.is_file()]
    return [name for name in names if not name.endswith(("lock", SUFFIX))]


def test_a_disk_that_fills_up_is_told_and_leaves_nothing(small_disk: Path, client: Client) -> None:
    big = [dicoms.ct_slice(Rows=1024, Columns=1024, InstanceNumber=number) for number in (1, 2, 3)]
    assert store(client, *big) == 507
    assert (Instance.objects.count(), left()) == (0, [])
    assert store(client, big[0]) == 200
    assert len(left()) == 1
    assert small_disk == site_settings.DATA


def test_a_disk_that_fails_when_files_are_made_durable_stores_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", full)
        assert store(client, *dicoms.ct_series(2)) == 507
    assert (Instance.objects.count(), left()) == (0, [])
    assert store(client, *dicoms.ct_series(2)) == 200
