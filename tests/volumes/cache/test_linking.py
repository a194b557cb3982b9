"""A volume's array under a second name, for processes that don't know the cache."""

import errno
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.accounts.models import Practice
from apps.core.errors import Unavailable
from apps.volumes import cache
from apps.volumes.handing import handed
from apps.volumes.models import Volume
from tests.volumes.stored import stored_volume

VALUES: NDArray[np.int16] = np.arange(4 * 16 * 16, dtype=np.int16).reshape(4, 16, 16)

pytestmark = pytest.mark.django_db


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, VALUES)


def test_a_link_stays_when_the_cache_throws_the_volume_away(volume: Volume, tmp_path: Path) -> None:
    path = cache.link_of(volume, tmp_path)
    assert path.samefile(cache._place_of(volume).path / cache.ARRAY)
    assert cache.link_of(volume, tmp_path) == path
    cache.forget(volume)
    intercept = cache.opened(volume).intercept
    assert np.array_equal(np.load(path) + intercept, VALUES)


def test_on_another_disk_it_is_a_copy(volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", other_disk)
    path = cache.link_of(volume, tmp_path)
    assert path.stat().st_nlink == 1
    assert path.read_bytes() == (cache._place_of(volume).path / cache.ARRAY).read_bytes()


def test_a_volume_thrown_away_meanwhile_is_built_again(
    volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, thrown = cache._link, [True, False]

    def late(array: Path, path: Path) -> None:
        if thrown.pop(0):
            cache.forget(volume)
        link(array, path)

    monkeypatch.setattr(cache, "_link", late)
    assert np.load(cache.link_of(volume, tmp_path)).shape == VALUES.shape
    thrown[:] = [True] * cache.TRIES
    with pytest.raises(Unavailable, match="being deleted"):
        cache.link_of(volume, tmp_path)


def test_what_is_handed_over_opens_as_the_volume(volume: Volume, tmp_path: Path) -> None:
    from apps.segmentation.segmenters.opening import voxels_of

    ours, theirs = cache.opened(volume), voxels_of(handed(volume, tmp_path))
    assert np.array_equal(ours.values, theirs.values)
    assert ours.lattice == theirs.lattice
    facts = [(each.slope, each.intercept, each.unit, each.outside) for each in (ours, theirs)]
    assert facts[0] == facts[1]
