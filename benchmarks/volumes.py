"""What volumes cost: read into the cache and opened beside pydicom, planes and slabs beside scipy, the panoramic.

`python -m benchmarks.volumes [--rounds 5] [--slices 300] [--write]`; scipy comes with requirements/test.txt. All
runs in this process, each work in turns with its reference, and the quickest of each counts; `--write` puts the table
into docs/performance.md.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import volume_series
from benchmarks.report import put
from benchmarks.volume_series import SIDE, SPACING

if TYPE_CHECKING:
    from apps.archive.models import Series
    from apps.volumes.geometry.voxels import Voxels
    from apps.volumes.resampling.planes import Plane

BEGIN, END = "<!-- volumes: begin -->", "<!-- volumes: end -->"
PLAIN: Final = "1.2.840.10008.1.2.1"
J2K: Final = "1.2.840.10008.1.2.4.90"
# An oblique plane, by its turns about x, y and z, with pixels so small that it lies within the volume.
TURNED: Final = (25.0, 35.0, 10.0)
FINE: Final = 0.35
SAMPLES: Final = 21
REDUCED: Final[dict[str, Callable[..., Any]]] = {"mip": np.max, "minip": np.min, "mean": np.mean}

Work = Callable[[], object]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds by the clock and of this process, in the quickest round of each."""

    wall: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fovea-volumes-", dir="/var/tmp") as folder:
        lines = list(_table(Path(folder), asked.slices, asked.rounds))
    if asked.write:
        put(BEGIN, END, lines, f"the quickest of {asked.rounds} rounds in turns")


def _table(folder: Path, slices: int, rounds: int) -> Iterator[str]:
    """The lines of the table, printed as they come."""
    volume_series.set_up(str(folder))
    series = volume_series.stored(PLAIN, slices)
    rows = chain(
        _opened(series, slices, rounds),
        _encoded(slices, rounds),
        _drawn(volume_series.cached(series), rounds),
        _dental(rounds),
    )
    head = [("work", "measured", "reference", "ratio", "target"), ("---",) * 5]
    for row in chain(head, rows):
        line = f"| {' | '.join(row)} |"
        print(line, flush=True)
        yield line


# Opening --------------------------------------------------------------------------------------------------------------


def _opened(series: "Series", slices: int, rounds: int) -> Iterator[Row]:
    """A series as scanners send it, uncompressed."""
    naive, cold = partial(volume_series.naive, series), partial(volume_series.cold, series)
    cached = partial(volume_series.cached, series)
    if not np.array_equal(cold().values, naive()):
        raise RuntimeError("The volume is not what pydicom reads.")
    theirs, ours, again = in_turns(rounds, naive, cold, cached)
    what = f"{slices} slices of {SIDE} x {SIDE}, found and read into the cache"
    yield what, _ms(ours), f"pydicom {_ms(theirs)}", _over(ours, theirs), "≤ 0.6; < 3 s"
    yield "the same, opened from the cache", _ms(again), f"pydicom {_ms(theirs)}", _over(again, theirs), "≤ 0.1"


def _encoded(slices: int, rounds: int) -> Iterator[Row]:
    """A series in JPEG 2000, which takes long to decode: a job does it before anybody asks."""
    series = volume_series.stored(J2K, slices)
    naive, cold = partial(volume_series.naive, series), partial(volume_series.cold, series)
    theirs, ours = in_turns(max(1, rounds // 3), naive, cold)
    (again,) = in_turns(rounds, partial(volume_series.cached, series))
    what = f"{slices} slices in JPEG 2000, found and read into the cache by a job"
    yield what, _ms(ours), f"pydicom {_ms(theirs)}", _over(ours, theirs), ""
    yield "the same, opened from the cache", _ms(again), f"pydicom {_ms(theirs)}", _over(again, theirs), "≤ 0.1; < 3 s"


# Drawing --------------------------------------------------------------------------------------------------------------


def _drawn(voxels: "Voxels", rounds: int) -> Iterator[Row]:
    """Planes and slabs of the volume as the cache has it."""
    yield from _along(voxels, rounds)
    yield from _askew(voxels, rounds)


def _along(voxels: "Voxels", rounds: int) -> Iterator[Row]:
    """What lies along the patient's axes."""
    from apps.volumes.resampling.planes import Orientation, Projection, Slab
    from apps.volumes.resampling.reformatting import reformat
    from apps.volumes.resampling.standard import planes_of

    all_planes = [planes_of(voxels.lattice, orientation) for orientation in Orientation]
    planes = [each.plane(each.count // 2) for each in all_planes]
    names = "axial, coronal, sagittal"
    took = in_turns(rounds, *(partial(reformat, voxels, plane) for plane in planes))
    yield f"planes: {names}", _all_ms(took), "", "", "< 500 ms"
    for projection in Projection:
        slab = Slab(1e4, projection)
        took = in_turns(rounds, *(partial(reformat, voxels, plane, slab) for plane in planes))
        yield f"{projection.name.lower()} of all: {names}", _all_ms(took), "", "", "< 500 ms"


def _askew(voxels: "Voxels", rounds: int) -> Iterator[Row]:
    """What doesn't, beside scipy and the coordinates that it needs."""
    from scipy.ndimage import map_coordinates

    from apps.volumes.resampling.planes import Projection, Slab
    from apps.volumes.resampling.reformatting import reformat, samples

    plane, slab = _oblique(voxels), Slab((SAMPLES - 1) * SPACING, Projection.MAXIMUM)
    depths = samples(voxels, plane, slab)
    if len(depths) != SAMPLES:
        raise RuntimeError("The slab has other samples.")

    def scipy(index: int) -> NDArray[Any]:
        places = _places(voxels, plane, float(depths[index]))
        taken = map_coordinates(voxels.values, places, order=1, output=np.float32)
        return np.asarray(taken * np.float32(voxels.slope) + np.float32(voxels.intercept))

    def reduced(reduce: Callable[..., Any]) -> NDArray[Any]:
        return np.asarray(reduce([scipy(index) for index in range(SAMPLES)], axis=0))

    ours, theirs = in_turns(4 * rounds, partial(reformat, voxels, plane), partial(scipy, SAMPLES // 2))
    what = f"oblique plane, {SIDE} x {SIDE}"
    yield what, _ms(ours), f"scipy {_ms(theirs)}", _over(ours, theirs), "≤ 0.6"
    for name, reduce in REDUCED.items():
        slab = Slab(slab.thickness, Projection(name))
        ours, theirs = in_turns(rounds, partial(reformat, voxels, plane, slab), partial(reduced, reduce))
        worst = float(np.abs(reformat(voxels, plane, slab) - reduced(reduce)).max())
        what = f"oblique slab, {SAMPLES} samples, {name} (differs by {worst:.0e} HU at most)"
        yield what, _ms(ours), f"scipy {_ms(theirs)}", _over(ours, theirs), "≤ 0.4"


def _oblique(voxels: "Voxels") -> "Plane":
    from apps.volumes.resampling.standard import oblique
    from tests.volumes.phantoms import middle, rotation_of, vector

    axes = rotation_of(TURNED)
    directions = vector(axes[:, 0]), vector(axes[:, 1])
    return oblique(middle(voxels.lattice), *directions, spacing=FINE, rows=SIDE, columns=SIDE)


def _places(voxels: "Voxels", plane: "Plane", depth: float) -> NDArray[np.float64]:
    """The array coordinates `[3, rows, columns]` of a plane's pixels, moved along its normal; the lattice is even."""
    lattice = voxels.lattice
    scale = np.array([lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing])
    matrix = lattice.inverse / scale[:, None]
    across, down = np.asarray(plane.across), np.asarray(plane.down)
    first = matrix @ (np.asarray(plane.origin) - lattice.origin + depth * np.cross(across, down))
    row, column = matrix @ down * plane.row_spacing, matrix @ across * plane.column_spacing
    along = first[:, None] + np.multiply.outer(row, np.arange(plane.rows))
    return np.asarray(along[:, :, None] + np.multiply.outer(column, np.arange(plane.columns))[:, None, :])


def _dental(rounds: int) -> Iterator[Row]:
    """The panoramic of a cone beam's jaws."""
    from apps.volumes.curves.arch import Arch
    from apps.volumes.curves.panoramic import Panorama, panoramic
    from apps.volumes.resampling.planes import Projection
    from tests.volumes.jaws import jaw_voxels

    voxels = jaw_voxels(0.4)
    across = np.linspace(-27, 27, 13)
    arch = Arch(tuple((float(x), float(-38 + x * x / 18)) for x in across), 0.0)
    for projection in (Projection.MEAN, Projection.MAXIMUM):
        panorama = Panorama(15.0, -15.0, 0.1, 7.6, projection)
        image = panoramic(voxels, arch, panorama)
        (took,) = in_turns(2 * rounds, partial(panoramic, voxels, arch, panorama))
        what = f"panoramic, {image.shape[1]} x {image.shape[0]}, 20 samples, {projection.name.lower()}"
        yield what, f"{_ms(took)}, {took.cpu:.0f} ms of CPU", "", "", "≤ 60 ms of CPU (1000 x 300)"


# Measuring and telling ------------------------------------------------------------------------------------------------


def in_turns(rounds: int, *works: Work) -> list[Took]:
    """What each takes in its quickest round, in turns; a first time, which fills the caches, isn't counted."""
    for work in works if rounds > 1 else ():
        work()
    taken = [[_took(work) for work in works] for _ in range(rounds)]
    columns = zip(*taken, strict=True)
    return [Took(min(each.wall for each in column), min(each.cpu for each in column)) for column in columns]


def _took(work: Work) -> Took:
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return Took((time.perf_counter() - begun) * 1000, (time.process_time() - cpu) * 1000)


def _ms(took: Took) -> str:
    return f"{took.wall:.0f} ms" if took.wall >= 10 else f"{took.wall:.1f} ms"


def _all_ms(taken: Sequence[Took]) -> str:
    return ", ".join(map(_ms, taken))


def _over(ours: Took, theirs: Took) -> str:
    return f"**{ours.wall / theirs.wall:.2g}** ({ours.cpu / theirs.cpu:.2g})"


if __name__ == "__main__":
    main()
