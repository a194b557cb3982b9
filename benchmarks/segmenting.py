"""What segmenting and measuring cost: vessels, lungs and bone of a whole chest, a SEG of it, the calcium score.

`python -m benchmarks.segmenting [--rounds 5] [--slices 300] [--write]`; with requirements/analysis.txt. All runs in
this process; the quickest round of each counts, by the clock and by this process's CPU. `--write` puts the table into
docs/performance.md.
"""

import argparse
import resource
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.voxels import Voxels
from benchmarks.report import put
from benchmarks.volumes import in_turns

if TYPE_CHECKING:
    from apps.segmentation.objects.sources import Source

BEGIN, END = "<!-- segmenting: begin -->", "<!-- segmenting: end -->"
SIDE: Final = 512
# A CT of a chest: millimetres of its voxels (slice, row, column), and its noise (HU).
SPACING: Final = (1.0, 0.7, 0.7)
NOISE: Final = 25.0
# It is made in so many fewer voxels each way, and interpolated.
COARSER: Final = (3, 3, 3)
# A CT of a heart for its calcium score.
HEART: Final = (60, SIDE, SIDE)
LESIONS: Final = 2000
VESSELS: Final = (1, 2, 3, 4)
# Pixels of 0.4 mm that a vessel's region is wide.
REGION: Final = 150

# Of the segmenters that a chest is for.
TARGETS: Final = {"vessels": "< 30 s of CPU (sky 10 s)", "lung": "", "airway": "", "bone": "", "body": ""}

Row = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fovea-segmenting-", dir="/var/tmp") as folder:
        lines = list(_table(Path(folder), asked.slices, asked.rounds))
    if asked.write:
        put(BEGIN, END, lines, f"the quickest of {asked.rounds} rounds")


def _table(folder: Path, slices: int, rounds: int) -> Iterator[str]:
    """The lines of the table, printed as they come."""
    voxels = _chest(folder, slices)
    rows = chain(_segmented(voxels, rounds), _stored(folder, voxels, rounds), _calcium(rounds))
    head = [("work", "CPU", "by the clock", "reference", "ratio of CPU", "target"), ("---",) * 6]
    for row in chain(head, rows):
        line = f"| {' | '.join(row)} |"
        print(line, flush=True)
        yield line
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    yield f"\nThe process has had {most} MiB at most."


# Data -----------------------------------------------------------------------------------------------------------------


def _chest(folder: Path, slices: int) -> Voxels:
    """A chest with vessels full of contrast agent wherever there is soft tissue, in a file that is mapped."""
    from scipy.ndimage import zoom

    from tests.segmentation.phantoms import centred, chest

    lattice = centred((slices, SIDE, SIDE), SPACING)
    shape = (-(-slices // COARSER[0]), -(-SIDE // COARSER[1]), -(-SIDE // COARSER[2]))
    spacing = (SPACING[0] * COARSER[0], SPACING[1] * COARSER[1], SPACING[2] * COARSER[2])
    coarse = chest(centred(shape, spacing), noise=0.0).voxels.values.astype(np.float32)
    tall = zoom(coarse, (slices / shape[0], 1, 1), order=1)
    vessels, random = _vessels(slices), np.random.default_rng(0)
    path = folder / "chest.npy"
    values = np.lib.format.open_memmap(path, "w+", np.int16, lattice.shape)
    for k in range(slices):
        plane = zoom(tall[k], (SIDE / shape[1], SIDE / shape[2]), order=1)
        is_soft = np.abs(plane - 1064) < 1
        plane += np.where(is_soft, vessels[k], 0) + NOISE * random.standard_normal(plane.shape, np.float32)
        values[k] = np.clip(plane, 0, 4095)
    values.flush()
    mapped = np.load(path, mmap_mode="r").view(np.ndarray)
    return Voxels(mapped, lattice, intercept=-1024.0, unit="HU", outside=-1000.0)


def _vessels(slices: int) -> NDArray[np.int16]:
    """What vessels add to soft tissue, HU: tubes of 2, 4 and 6 voxels in radius, side by side."""
    from tests.segmentation.phantoms import tubes

    tile = tubes(noise=0.0).voxels.values - 1064
    times = [-(-side // extent) for side, extent in zip((slices, SIDE, SIDE), tile.shape, strict=True)]
    return np.asarray(np.tile(tile, times)[:slices, :SIDE, :SIDE])


def _heart() -> tuple[Voxels, NDArray[np.uint8]]:
    """Soft tissue with calcium of all sizes, and four regions of 60 mm, as people draw them around vessels."""
    from tests.segmentation.phantoms import centred

    random = np.random.default_rng(1)
    values = 40 + 20 * random.standard_normal(HEART, np.float32)
    for _ in range(LESIONS):
        k, j, i = (int(random.integers(0, side - 10)) for side in HEART)
        depth, high, wide = random.integers(1, 4), random.integers(2, 10), random.integers(2, 10)
        values[k : k + depth, j : j + high, i : i + wide] += random.integers(100, 800)
    labels = np.zeros(HEART, np.uint8)
    for number, (j, i) in zip(VESSELS, ((110, 110), (110, 260), (260, 110), (260, 260)), strict=True):
        labels[10:50, j : j + REGION, i : i + REGION] = number
    lattice = centred(HEART, (2.5, 0.4, 0.4))
    return Voxels((values + 1024).astype(np.int16), lattice, intercept=-1024.0, unit="HU"), labels


# Work -----------------------------------------------------------------------------------------------------------------


def _segmented(voxels: Voxels, rounds: int) -> Iterator[Row]:
    """The classical segmenters."""
    extent = " x ".join(map(str, voxels.values.shape[::-1]))
    for name, target in (
        ("vessels", "< 30 s of CPU (sky 10)"),
        ("lung", ""),
        ("airway", ""),
        ("bone", ""),
        ("body", ""),
    ):
        (took,) = in_turns(rounds, partial(_labels, voxels, name))
        yield f"segmenter `{name}`, {extent}", _seconds(took.cpu), _seconds(took.wall), "", "", target


def _labels(voxels: Voxels, name: str) -> NDArray[np.uint8]:
    from apps.segmentation.segmenters.options import taken
    from apps.segmentation.segmenters.registry import find
    from apps.segmentation.segmenters.working import function_of

    segmenter = find(name)
    if segmenter is None:
        raise RuntimeError(f"There is no segmenter {name}.")
    return function_of(segmenter.function)(voxels, taken(segmenter.options, {}), lambda *_: None).labels


def _stored(folder: Path, voxels: Voxels, rounds: int) -> Iterator[Row]:
    """Both lungs and the bone as one SEG, in each form."""
    from apps.segmentation.objects.facts import Encoding, Facts
    from apps.segmentation.objects.writing import write
    from apps.segmentation.segmenters import registry

    labels = _labels(voxels, "lung")
    labels[_labels(voxels, "bone") > 0] = 3
    named = (*registry.LUNG.segments, replace(registry.BONE.segments[0], number=3))
    for encoding in (Encoding.LABELMAP, Encoding.LABELMAP_RLE, Encoding.BINARY):
        path = folder / f"{encoding}.dcm"
        facts = Facts("benchmark", "Benchmark", encoding=encoding)
        (took,) = in_turns(rounds, partial(write, path, labels, named, _source(voxels), facts))
        what = f"SEG of 3 labels as `{encoding}` ({path.stat().st_size / 1e6:.2f} MB)"
        yield what, _seconds(took.cpu), _seconds(took.wall), "", "", "≤ 1 s of CPU"


def _source(voxels: Voxels) -> "Source":
    """The images that the chest would be of."""
    from apps.analysis.uids import uid
    from apps.segmentation.objects.sources import Source, SourceImage
    from apps.volumes.derived import heritage
    from tests.volumes.series import ct_series

    header = ct_series(np.zeros((2, 4, 4), np.int16))[0].to_json_dict(bulk_data_element_handler=lambda _: "bulk")
    ct = "1.2.840.10008.5.1.4.1.1.2"
    lattice = voxels.lattice
    images = (SourceImage(ct, uid("benchmark", str(k)), 1, lattice.point(k, 0, 0)) for k in range(lattice.shape[0]))
    return Source(heritage.flattened(header), lattice, tuple(images), thickness=SPACING[0])


def _calcium(rounds: int) -> Iterator[Row]:
    """The Agatston score of four vessels beside loops that follow the definition."""
    from apps.calcium.scoring.agatston import score
    from apps.calcium.scoring.thresholds import Thresholds

    voxels, labels = _heart()
    ours = partial(score, voxels, labels, VESSELS, Thresholds(), calibration=0.8)
    theirs = partial(_looped, voxels, labels)
    found = [each.agatston for each in ours().scores.values()]
    if found != theirs():
        raise RuntimeError("The scores are not those of the loops.")
    looped, scored = in_turns(rounds, theirs, ours)
    extent = " x ".join(map(str, HEART[::-1]))
    what = f"calcium score of {len(VESSELS)} vessels, {extent}"
    ratio = f"**{scored.cpu / looped.cpu:.2g}**"
    yield what, _seconds(scored.cpu), _seconds(scored.wall), f"loops {_seconds(looped.cpu)}", ratio, "≤ 1.0; < 15 s"


def _looped(voxels: Voxels, labels: NDArray[np.uint8]) -> list[float]:
    from tests.calcium.reference import looped

    lattice = voxels.lattice
    spacing = (lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    hounsfield = voxels.values * voxels.slope + voxels.intercept
    return [looped(hounsfield, labels == number, spacing, calibration=0.8).agatston for number in VESSELS]


# Telling --------------------------------------------------------------------------------------------------------------


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s"


if __name__ == "__main__":
    main()
