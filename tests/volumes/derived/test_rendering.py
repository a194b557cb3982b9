"""Pictures in three dimensions: drawn by another process, of what is there, from where it is looked at."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.accounts.models import Practice, User
from apps.analysis import kinds
from apps.analysis.kinds import Choices
from apps.archive.models import Study
from apps.core.errors import Conflict
from apps.jobs.handle import Cancelled
from apps.volumes.derived.encoding import Encoding
from apps.volumes.derived.picturing import asking
from apps.volumes.derived.picturing.grid import Grid, grid_of
from apps.volumes.derived.picturing.presets import TRANSFERS, Preset
from apps.volumes.derived.picturing.views import View, turn
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.derived.runs import asked, made
from tests.volumes.phantoms import centres, lattice_of
from tests.volumes.stored import stored_volume

SIZE = 96
FRONT, LEFT, ABOVE = View(0), View(90), View(0, 90)


needs_vtk = pytest.mark.skipif(
    importlib.util.find_spec("vtkmodules") is None, reason="VTK is not installed (requirements/render.txt)"
)


def offered(study: Study) -> Choices:
    """What may be chosen for pictures."""
    [kind] = [kind for kind in kinds.every() if kind.name == "rendering"]
    return kind.choices(study)


def unheard(done: int, total: int) -> None: ...


def ball(lattice: Lattice, centre: tuple[float, float, float] = (8, -5, 4), radius: float = 5.0) -> Voxels:
    """Bone in air, away from the middle: to the patient's left, to the front, and up."""
    beside = np.linalg.norm(centres(lattice) - np.array(centre), axis=-1)
    return Voxels(np.where(beside <= radius, 1200, -1000).astype(np.int16), lattice, unit="HU", outside=-1000.0)


def middle_of(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """Where what is drawn lies: right of the middle and above it, in pixels."""
    rows, columns = np.nonzero(picture.sum(axis=2) > 60)
    middle = (len(picture) - 1) / 2
    return float(columns.mean() - middle), float(middle - rows.mean())


def drawn(voxels: Voxels, folder: Path, *views: View, listen: asking.Listen = unheard) -> list[NDArray[np.uint8]]:
    return list(asking.pictures(grid_of(voxels), Preset.BONE, views, SIZE, folder, listen))


LATTICES = {
    "straight": lattice_of((30, 32, 34), origin=(-16.5, -15.5, -14.5)),
    "mirrored": Lattice(
        (30, 32, 34), (-16.5, -15.5, 14.5), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0),
        tuple(float(each) for each in range(30)), 1.0, 1.0,
    ),
    "tilted": lattice_of((30, 32, 34), origin=(-16.5, -15.5, -14.5), tilt=15),
    "uneven": lattice_of((26, 32, 34), offsets=[*range(20), *range(20, 32, 2)], origin=(-16.5, -15.5, -14.5)),
}  # fmt: skip


@needs_vtk
@pytest.mark.parametrize("name", LATTICES)
def test_what_is_seen_is_where_it_is(name: str, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    voxels = ball(LATTICES[name])
    pictures = drawn(voxels, tmp_path, FRONT, LEFT, ABOVE, listen=lambda *told: heard.append(told))
    middle = np.mean([voxels.lattice.corners.min(axis=0), voxels.lattice.corners.max(axis=0)], axis=0)
    x, y, z = np.array((8, -5, 4)) - middle
    # From the front their left is on the right, from their left the front is on the left, from above it is below.
    for picture, (right, up) in zip(pictures, ((x, z), (y, z), (x, y)), strict=True):
        found = np.array(middle_of(picture))
        scale = np.hypot(*found) / np.hypot(right, up)
        assert found == pytest.approx(np.array([right, up]) * scale, abs=2.5)
        assert 1.5 < scale < 4
    assert (3, 3) in heard
    assert list(tmp_path.iterdir()) == []
    assert "vtkmodules" not in sys.modules


@needs_vtk
def test_the_same_is_drawn_again(tmp_path: Path) -> None:
    first, second = (drawn(ball(LATTICES["straight"]), tmp_path, View(30, 20)) for _ in range(2))
    assert np.array_equal(first, second)


@needs_vtk
def test_the_process_ends_when_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    start = subprocess.Popen

    def started(*args: Any, **kwargs: Any) -> Any:
        begun.append((start(*args, **kwargs), kwargs["env"]))
        return begun[-1][0]

    def listen(done: int, total: int) -> None:
        raise Cancelled

    monkeypatch.setattr(subprocess, "Popen", started)
    with pytest.raises(Cancelled):
        drawn(ball(LATTICES["straight"]), tmp_path, FRONT, listen=listen)
    [(process, environment)] = begun
    assert process.returncode is not None
    assert set(environment) == {"PATH", "LANG", "MESA_SHADER_CACHE_DISABLE"}


@needs_vtk
@pytest.mark.parametrize(
    "program",
    ["", "print('{')", "print('[]')", 'print(\'{"failed": "memory"}\')', "print('{\"found\": {}}')"],
    ids=["silence", "no JSON", "no answer", "a failure", "a lie"],
)
def test_a_process_that_breaks_off(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **kwargs: start([command[0], "-c", program], **kwargs))
    with pytest.raises(asking.DrawingFailed):
        drawn(ball(LATTICES["straight"]), tmp_path, FRONT)


def test_without_vtk_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Conflict, match=r"requirements/render\.txt"):
        drawn(ball(LATTICES["straight"]), tmp_path, FRONT)


def test_views() -> None:
    assert View(0).towards_viewer == pytest.approx((0, -1, 0))
    assert View(90).towards_viewer == pytest.approx((1, 0, 0))
    assert View(0, 90).towards_viewer == pytest.approx((0, 0, 1))
    for view in (View(30, 40), View(0, 90), View(200, -60)):
        assert np.dot(view.up, view.towards_viewer) == pytest.approx(0)
    assert [view.azimuth for view in turn(4)] == [0, 90, 180, 270]


def test_a_large_volume_is_drawn_coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.volumes.derived.picturing.grid.MOST", 6000)
    lattice = lattice_of((21, 32, 34), (2.0, 0.5, 0.6))
    values = np.arange(21 * 32 * 34, dtype=np.int16).reshape(21, 32, 34)
    grid = grid_of(Voxels(values, lattice, 2.0, -5.0))
    assert (grid.numbers.shape, grid.spacing) == ((10, 16, 17), (4, 1, 1.2))
    block = values[2:4, 4:6, 6:8].astype(float)
    assert grid.numbers[1, 2, 3] == pytest.approx(block.mean(), abs=0.5)
    assert grid.matrix[:3, 3] == pytest.approx(lattice.point(0.5, 0.5, 0.5))
    assert grid_of(Voxels(values, lattice), is_fine=True).numbers.shape == values.shape


@pytest.mark.parametrize("preset", Preset)
def test_presets_ascend(preset: Preset) -> None:
    transfer = TRANSFERS[preset]
    for points in (transfer.opacity, transfer.colour, transfer.scaled(0, 100).colour):
        values = [point[0] for point in points]
        assert values == sorted(set(values))
    assert all(0 <= share <= 1 for point in (*transfer.opacity, *transfer.colour) for share in point[1:])


def test_without_hounsfield_units_a_preset_spans_what_there_is() -> None:
    numbers = np.linspace(0, 1000, 8000).astype(np.int16).reshape(20, 20, 20)
    of: Callable[[Encoding], Grid] = lambda encoding: Grid(numbers, (1, 1, 1), np.eye(4), encoding)  # noqa: E731
    spanning = asking._transfer(of(Encoding(2.0, 0.0, "US")), Preset.BONE)
    assert spanning.opacity[0][0] == pytest.approx(20 + (250 + 1000) / 4000 * (1998 - 20), abs=5)
    assert asking._transfer(of(Encoding(2.0, 0.0, "HU")), Preset.BONE) == TRANSFERS[Preset.BONE]
    turned = asking._numbers(TRANSFERS[Preset.BONE], of(Encoding(-1.0, 0.0, "HU")))
    assert [value for value, _ in turned.opacity] == [-1200, -450, -250]


@needs_vtk
def test_pictures_are_stored(user: User, practice: Practice) -> None:
    voxels = ball(LATTICES["straight"])
    volume = stored_volume(practice, voxels.values, spacing=(1.0, 1.0, 1.0), SeriesDescription="Ball")
    row = asked(user, "rendering", volume=volume.pk, views=["left"], turn=2, size=SIZE * 2)
    [images] = made(row)
    assert [(image.SOPClassUID.name, image.Rows, image.Columns) for image in images] == [
        ("Secondary Capture Image Storage", SIZE * 2, SIZE * 2)
    ] * 3
    assert images[0].SeriesDescription == "3D bone: Ball"
    assert "drawn of the voxels" in images[0].DerivationDescription
    assert row.summary["series"][0]["images"] == 3
    front, back = (middle_of(image.pixel_array)[0] for image in images[1:])
    assert front + back == pytest.approx(0, abs=3)
    assert [volume.pk] == [value for value, _ in offered(volume.series.study)["volume"]]


def test_without_vtk_nothing_is_offered(user: User, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    volume = stored_volume(practice, np.zeros((4, 8, 8), np.int16))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert offered(volume.series.study) == {"volume": []}
    with pytest.raises(Conflict):
        asked(user, "rendering", volume=volume.pk)
