"""The cache: built once, bounded, thrown away by use, and never missed by anybody."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
import pytest
from django.db import connection
from numpy.typing import NDArray
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.core.errors import OutOfSpace, TooLarge, Unavailable
from apps.volumes import building, cache
from apps.volumes.models import Volume
from tests import dicoms
from tests.volumes.stored import stored_volume

VALUES: NDArray[np.int16] = np.arange(4 * 16 * 16, dtype=np.int16).reshape(4, 16, 16)

pytestmark = pytest.mark.django_db


class Stop(Exception):
    """In the place of what a job raises when it is to stop."""


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, VALUES)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Volume]:
    """The volumes that were built, in their order."""
    built: list[Volume] = []
    build = building.build

    def counted(volume: Volume, *arguments: Any) -> float:
        built.append(volume)
        return build(volume, *arguments)

    monkeypatch.setattr(building, "build", counted)
    return built


def place(volume: Volume) -> Path:
    """The volume's folder, in which it is."""
    cache.opened(volume)
    return cache._place_of(volume).path


def is_whole(volume: Volume) -> bool:
    voxels = cache.opened(volume)
    return np.array_equal(voxels.values.astype(float) * voxels.slope + voxels.intercept, VALUES)


def test_a_volume_is_built_once(volume: Volume, builds: list[Volume]) -> None:
    assert not cache.is_ready(volume)
    assert is_whole(volume)
    assert cache.is_ready(volume)
    assert is_whole(Volume.objects.get())
    assert builds == [volume]


def test_voxels_cannot_be_written(volume: Volume) -> None:
    for voxels in (cache.opened(volume), cache.opened(volume)):
        with pytest.raises(ValueError, match="read-only"):
            voxels.values[0, 0, 0] = 1


def test_any_numpy_opens_the_array_with_its_geometry_beside_it(volume: Volume) -> None:
    folder = place(volume)
    values = np.load(folder / cache.ARRAY, mmap_mode="r")
    beside = orjson.loads((folder / cache.BESIDE).read_bytes())
    assert np.array_equal(values * beside["scale"]["slope"] + beside["scale"]["intercept"], VALUES)
    assert beside["lattice"] == volume.lattice


def _truncate(folder: Path) -> None:
    os.truncate(folder / cache.ARRAY, 700)


def _overwrite_head(folder: Path) -> None:
    data = (folder / cache.ARRAY).read_bytes()
    (folder / cache.ARRAY).write_bytes(bytes(64) + data[64:])


def _garble(folder: Path) -> None:
    (folder / cache.BESIDE).write_bytes(b"{")


def _restart(folder: Path) -> None:
    beside = orjson.loads((folder / cache.BESIDE).read_bytes())
    (folder / cache.BESIDE).write_bytes(orjson.dumps(beside | {"boot": "another"}))


@pytest.mark.parametrize(
    "damage",
    [
        shutil.rmtree,
        lambda folder: (folder / cache.ARRAY).unlink(),
        lambda folder: (folder / cache.BESIDE).unlink(),
        _truncate,
        _overwrite_head,
        _garble,
        _restart,
    ],
    ids=["deleted", "no array", "no geometry", "truncated", "no head", "garbled", "machine restarted"],
)
def test_what_is_damaged_is_built_again(volume: Volume, builds: list[Volume], damage: Callable[[Path], object]) -> None:
    damage(place(volume))
    assert not cache.is_ready(volume)
    assert is_whole(volume)
    assert cache.is_ready(volume)
    assert len(builds) == 2


def test_who_has_it_open_goes_on_when_the_cache_is_deleted(volume: Volume, builds: list[Volume]) -> None:
    voxels = cache.opened(volume)
    shutil.rmtree(cache.folder())
    assert np.array_equal(voxels.values.astype(float) + voxels.intercept, VALUES)
    assert is_whole(volume)
    assert len(builds) == 2


def test_deleted_while_it_is_built_this_request_has_it_all_the_same(volume: Volume) -> None:
    def tell(done: int, _: int) -> None:
        if done == 2:
            shutil.rmtree(cache.folder())

    voxels = cache.opened(volume, tell=tell)
    assert np.array_equal(voxels.values.astype(float) + voxels.intercept, VALUES)
    assert not cache.is_ready(volume)
    assert is_whole(volume)


def test_a_cache_that_is_deleted_again_and_again_is_not_available(
    volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: int) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(cache, "_make_room", gone)
    with pytest.raises(Unavailable):
        cache.opened(volume)


def test_work_that_is_to_stop_leaves_nothing(volume: Volume) -> None:
    def tell(done: int, _: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        cache.opened(volume, tell=tell)
    assert [path.name for path in cache.folder().iterdir() if not path.name.startswith(".slot")] == []
    assert is_whole(volume)


def test_another_process_that_builds_is_waited_for(volume: Volume, builds: list[Volume]) -> None:
    built = place(volume)
    theirs = built.rename(built.with_name(".new-theirs"))
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 2:
            theirs.rename(built)
            fcntl.flock(lock, fcntl.LOCK_UN)

    with locked(volume) as lock:
        assert cache.opened(volume, tell=tell).values.shape == VALUES.shape
    assert told == [(0, 4), (0, 4)]
    assert len(builds) == 1


def locked(volume: Volume) -> IO[bytes]:
    """The lock that whoever builds the volume holds, taken."""
    slot = int(cache._place_of(volume).path.name, 16) % cache.SLOTS
    lock = (cache.folder() / f".slot-{slot}").open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def test_who_waits_may_stop(volume: Volume) -> None:
    def tell(*_: int) -> None:
        raise Stop

    with locked(volume), pytest.raises(Stop):
        cache.opened(volume, tell=tell)


def test_nobody_waits_for_ever(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0.0)
    with locked(volume), pytest.raises(Unavailable, match="Other volumes"):
        cache.opened(volume)


def test_only_so_many_of_a_process_wait(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "PLACE_SECONDS", 0.0)
    taken = [cache._callers.acquire() for _ in range(cache.CALLERS)]
    try:
        with pytest.raises(Unavailable, match="Other volumes"):
            cache.opened(volume)
    finally:
        for _ in taken:
            cache._callers.release()
    assert is_whole(volume)


def test_what_was_not_opened_for_the_longest_time_goes_first(practice: Practice, settings: Settings) -> None:
    one, two, three = (
        stored_volume(practice, np.full((4, 256, 512), k, np.int16), series_uid=dicoms.uid(8, k)) for k in range(3)
    )
    # Each takes one MiB and the head of its file.
    settings.VOLUMES_BYTES = (2 << 20) + 4096
    held = cache.opened(one)
    cache.opened(two)
    for age, volume in ((50, one), (100, two)):
        path = cache._place_of(volume).path
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    cache.opened(two)
    cache.opened(three)
    assert [cache.is_ready(volume) for volume in (one, two, three)] == [False, True, True]
    assert held.values[0, 0, 0] + held.intercept == 0


def test_a_volume_that_can_never_fit_is_refused(volume: Volume, settings: Settings) -> None:
    settings.VOLUMES_BYTES = 1024
    with pytest.raises(TooLarge, match="FOVEA_VOLUMES_MB"):
        cache.opened(volume)


def test_the_cache_makes_way_before_the_disk_is_full(
    practice: Practice, volume: Volume, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.opened(volume)
    usage = shutil.disk_usage(cache.folder())
    settings.STORAGE_WARNING_PERCENT = 80
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=usage.total // 4))
    other = stored_volume(practice, VALUES + 1, series_uid="1.2.3.4")
    cache.opened(other)
    assert not cache.is_ready(volume)
    assert cache.is_ready(other)


def test_a_full_disk_is_said(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(cache.folder())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    with pytest.raises(OutOfSpace, match="no room on the disk"):
        cache.opened(volume)


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OutOfSpace, match="no room on the disk"):
        cache.opened(volume)
    assert [path.name for path in cache.folder().iterdir() if not path.name.startswith(".slot")] == []


def test_what_a_killed_process_left_is_removed(volume: Volume) -> None:
    slot = int(cache._place_of(volume).path.name, 16) % cache.SLOTS
    left = [cache.folder() / name for name in (f".new-{slot}-1234", ".gone-1234")]
    for path in left:
        path.mkdir()
        (path / cache.ARRAY).write_bytes(bytes(100))
    others = cache.folder() / f".new-{slot + 1}-1234"
    others.mkdir()
    cache.opened(volume)
    assert [path.exists() for path in (*left, others)] == [False, False, True]


def test_a_disk_that_cannot_be_written_is_not_available(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "posix_fallocate", broken)
    with pytest.raises(Unavailable, match="can't be written"):
        cache.opened(volume)


@pytest.mark.django_db(transaction=True)
def test_threads_that_come_together_build_it_once(volume: Volume, builds: list[Volume]) -> None:
    def look(_: int) -> bool:
        try:
            return is_whole(volume)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(look, range(4))) == [True] * 4
    assert len(builds) == 1
