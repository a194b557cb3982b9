"""The cache of volumes: memory-mapped arrays with their geometry beside them, each built once, within a bound.

A volume is a folder of `data/cache/volumes/`: `values.npy`, which NumPy opens anywhere, and `volume.json`. Its name
follows from what is in it, so that it is never stale. It may be deleted at any time: who has it open goes on with it,
and the next one builds it again.
"""

import errno
import fcntl
import hashlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, Final

import numpy as np
import orjson
from django.conf import settings
from numpy.typing import NDArray

from apps.archive.objects import disk_errors
from apps.core import metrics
from apps.core.errors import OutOfSpace, TooLarge, Unavailable
from apps.saying import say
from apps.volumes import building, lattices
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume
from apps.volumes.packing import Packing

logger = logging.getLogger(__name__)

# Raised when the same images give another array.
VERSION: Final = 1
ARRAY: Final = "values.npy"
BESIDE: Final = "volume.json"
WAIT_SECONDS: Final = 300.0
PLACE_SECONDS: Final = 5.0
# Of a process: threads that build volumes or wait for one. The others go on with quick requests.
CALLERS: Final = 8
SLOTS: Final = 64
TRIES: Final = 3
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# Percent of the disk: the cache throws away what it can so early before FOVEA_STORAGE_WARNING_PERCENT.
EARLY: Final = 5
_POLL_SECONDS: Final = 0.05
_SLOT: Final = ".slot-"
_NEW: Final = ".new-"
_GONE: Final = ".gone-"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_callers: Final = BoundedSemaphore(CALLERS)

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A volume's place in the cache."""

    volume: Volume
    packing: Packing
    path: Path

    @property
    def head(self) -> bytes:
        """How the array's file begins (NPY format 1.0)."""
        head = BytesIO()
        described = {"descr": self.packing.dtype.str, "fortran_order": False, "shape": self.volume.shape}
        np.lib.format.write_array_header_1_0(head, described)
        return head.getvalue()

    @property
    def slice_bytes(self) -> int:
        return self.volume.rows * self.volume.columns * self.packing.dtype.itemsize

    @property
    def size(self) -> int:
        """Of the array's file, in bytes."""
        return len(self.head) + self.volume.slices * self.slice_bytes


def opened(volume: Volume, *, tell: Told | None = None) -> Voxels:
    """The volume's voxels, memory-mapped and read-only; built first where they are not in the cache.

    `tell(done, total)` is called for each slice that is read and while others build; what it raises ends it. Raises
    NotFound where images are gone, NotAcceptable where one can't be decoded, TooLarge for what the cache can never
    hold, OutOfSpace, and Unavailable.
    """
    kept = _place_of(volume)
    found = _mapped(kept)
    metrics.cache_read("volumes", was_ready=found is not None)
    return found or _made(kept, tell)


def link_of(volume: Volume, into: Path, *, tell: Told | None = None) -> Path:
    """A second name of the volume's array (.npy), in the folder `into`, for processes that don't know the cache.

    It stays when the cache throws the volume away, and isn't to be written to. Raises what `opened` raises.
    """
    kept = _place_of(volume)
    path = into / f"{kept.path.name}.npy"
    for _ in range(TRIES):
        opened(volume, tell=tell)
        # Thrown away meanwhile, or by the cache being deleted as it was built: it is built again.
        with suppress(FileNotFoundError):
            _link(kept.path / ARRAY, path)
            return path
    raise Unavailable(_deleted())


def _link(array: Path, path: Path) -> None:
    try:
        path.hardlink_to(array)
    except FileExistsError:
        return
    except OSError as error:
        # The cache may be on a disk of its own.
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(array, path)


def is_ready(volume: Volume) -> bool:
    """Whether the volume is in the cache, so that it is opened at once."""
    return _beside(_place_of(volume)) is not None


def forget(volume: Volume) -> None:
    """Remove the volume from the cache; who has it open goes on with it."""
    _discard(_place_of(volume).path)


def folder() -> Path:
    """The folder of the cache."""
    path = Path(settings.DATA) / "cache" / "volumes"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _place_of(volume: Volume) -> _Kept:
    content = [VERSION, volume.inputs, volume.shape, volume.lattice, volume.scale]
    name = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:40]
    return _Kept(volume, Packing.from_json(volume.scale), Path(settings.DATA) / "cache" / "volumes" / name)


def _mapped(kept: _Kept) -> Voxels | None:
    """The voxels where they are in the cache; they are then the last to be thrown away."""
    beside = _beside(kept)
    if beside is None:
        return None
    try:
        with (kept.path / ARRAY).open("rb") as file:
            os.utime(kept.path)
            return _voxels(kept, file, beside["smallest"])
    except FileNotFoundError:
        return None


def _beside(kept: _Kept) -> dict[str, Any] | None:
    """What stands beside the array; None where the two are not there or not whole."""
    try:
        beside: dict[str, Any] = orjson.loads((kept.path / BESIDE).read_bytes())
        with (kept.path / ARRAY).open("rb") as file:
            is_whole = os.fstat(file.fileno()).st_size == kept.size and file.read(len(kept.head)) == kept.head
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return beside if is_whole and beside.get("boot") == _boot() and "smallest" in beside else None


def _boot() -> str:
    """Which start of the machine this is. Arrays are not synced: one of an earlier start may have lost its end."""
    return _BOOT.read_text().strip()


def _voxels(kept: _Kept, file: IO[bytes], smallest: float | None) -> Voxels:
    mapped = np.memmap(file, kept.packing.dtype, "r", len(kept.head), kept.volume.shape)
    return Voxels(
        # A plain array: the subclass costs some microseconds whenever it is sliced.
        values=mapped.view(np.ndarray),
        lattice=lattices.lattice_of(kept.volume),
        slope=kept.packing.slope,
        intercept=kept.packing.intercept,
        unit=kept.packing.unit,
        outside=kept.packing.outside(np.nan if smallest is None else smallest),
    )


def _made(kept: _Kept, tell: Told | None) -> Voxels:
    """The voxels, built by whoever comes first."""
    with _place():
        for _ in range(TRIES):
            # The folder may be deleted at any moment, with the lock in it.
            with suppress(FileNotFoundError), _turn(kept, tell) as slot:
                return _mapped(kept) or _built(kept, slot, tell)
    raise Unavailable(_deleted())


def _deleted() -> str:
    return say("The volume's cache is being deleted; try again in a moment.")


def _built(kept: _Kept, slot: int, tell: Told | None) -> Voxels:
    """Build it, under its lock: whole in its place, or not there."""
    _sweep(slot)
    _make_room(kept.size)
    new = folder() / f"{_NEW}{slot}-{secrets.token_hex(8)}"
    new.mkdir()
    try:
        with (new / ARRAY).open("x+b") as file:
            smallest = _filled(kept, file, tell)
            found = _voxels(kept, file, smallest)
        _publish(kept, new, smallest)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _no_room(kept.size) if error.errno in FULL else disk_errors(error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return found


def _filled(kept: _Kept, file: IO[bytes], tell: Told | None) -> float:
    """Write the array, by calls and not by way of its mapping: a full disk is an error then, and no signal."""
    descriptor, start = file.fileno(), len(kept.head)
    os.posix_fallocate(descriptor, 0, kept.size)
    os.pwrite(descriptor, kept.head, 0)

    def write(k: int, values: NDArray[Any]) -> None:
        data = values.data.cast("B")
        done = 0
        while done < len(data):
            done += os.pwrite(descriptor, data[done:], start + k * kept.slice_bytes + done)

    return building.build(kept.volume, write, tell)


def _publish(kept: _Kept, new: Path, smallest: float) -> None:
    """Put what was built in its place. Where the cache was deleted meanwhile, this request alone has it."""
    beside = {
        "version": VERSION,
        "boot": _boot(),
        "smallest": smallest,
        "shape": kept.volume.shape,
        "lattice": kept.volume.lattice,
        "scale": kept.volume.scale,
    }
    try:
        (new / BESIDE).write_bytes(orjson.dumps(beside))
        _discard(kept.path)
        new.rename(kept.path)
    except FileNotFoundError:
        logger.info("The cache of volumes was deleted while a volume was built.")


def _discard(path: Path) -> None:
    """Remove a volume at once for all who look: its folder is renamed before it is emptied."""
    doomed = path.with_name(f"{_GONE}{secrets.token_hex(8)}")
    with suppress(FileNotFoundError):
        path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def _place() -> Iterator[None]:
    if not _callers.acquire(timeout=PLACE_SECONDS):
        raise Unavailable(_busy())
    try:
        yield
    finally:
        _callers.release()


def _busy() -> str:
    return say("Other volumes are being read; try again in a moment.")


@contextmanager
def _turn(kept: _Kept, tell: Told | None) -> Iterator[int]:
    """Wait for the slot that the volume falls into, in all processes together. Raises Unavailable after a while."""
    slot = int(kept.path.name, 16) % SLOTS
    until = time.monotonic() + WAIT_SECONDS
    with (folder() / f"{_SLOT}{slot}").open("wb") as lock:
        while not _locked(lock.fileno()):
            if time.monotonic() > until:
                raise Unavailable(_busy())
            if tell:
                tell(0, kept.volume.slices)
            time.sleep(_POLL_SECONDS)
        yield slot


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(slot: int) -> None:
    """Remove what killed processes left behind: the slot's lock is ours, so nobody builds in it."""
    for left in chain(folder().glob(f"{_NEW}{slot}-*"), folder().glob(f"{_GONE}*")):
        shutil.rmtree(left, ignore_errors=True)


def _make_room(needed: int) -> None:
    """Throw away what was not opened for the longest time. Raises TooLarge and OutOfSpace where that isn't enough."""
    if needed > settings.VOLUMES_BYTES:
        raise TooLarge(
            say(
                "The volume takes {needed} MiB; the cache of volumes has {most} (FOVEA_VOLUMES_MB).",
                needed=needed >> 20,
                most=settings.VOLUMES_BYTES >> 20,
            )
        )
    disk = shutil.disk_usage(folder())
    kept = _all_kept()
    taken, free = sum(size for _, size, _ in kept), disk.free
    wanted = disk.total * (100 + EARLY - settings.STORAGE_WARNING_PERCENT) // 100
    for _, size, path in sorted(kept):
        if taken + needed <= settings.VOLUMES_BYTES and free - needed >= wanted:
            return
        if not path.name.startswith(_NEW):
            _discard(path)
            taken, free = taken - size, free + size
    if free - needed < settings.MIN_FREE_BYTES:
        raise _no_room(needed)


def _no_room(needed: int) -> OutOfSpace:
    return OutOfSpace(
        say("There is no room on the disk for the volume, which takes {needed} MiB.", needed=needed >> 20)
    )


def _all_kept() -> list[tuple[float, int, Path]]:
    """What is in the cache: when it was opened last, its bytes, and its folder. Also what is being built."""
    found = []
    for entry in folder().iterdir():
        with suppress(FileNotFoundError, NotADirectoryError):
            found.append((entry.stat().st_mtime, (entry / ARRAY).stat().st_size, entry))
    return found
