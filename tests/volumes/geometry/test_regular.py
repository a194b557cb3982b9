"""What is resampled to an orthogonal, even lattice has the values of the places it says it has."""

import numpy as np
import pytest

from apps.volumes.geometry import regular as module
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.regular import regular
from apps.volumes.geometry.voxels import Voxels
from tests.volumes import phantoms

COEFFICIENTS = (20.0, 1.5, -2.0, 0.75)


def lattice(steps: list[float], *, tilt: float = 0.0, angles: tuple[float, float, float] = (0, 0, 0)) -> Lattice:
    turn = phantoms.rotation_of(angles)
    along = turn @ np.array([0, np.sin(np.radians(tilt)), np.cos(np.radians(tilt))])
    gaps = tuple(k for k, step in enumerate(np.diff(steps)) if step > 1.9 * np.median(np.diff(steps)))
    return Lattice(
        shape=(len(steps), 10, 12),
        origin=(3.0, -4.0, 5.0),
        along=tuple(along.tolist()),
        down=tuple(turn[:, 1].tolist()),
        across=tuple(turn[:, 0].tolist()),
        offsets=tuple(steps),
        row_spacing=0.75,
        column_spacing=0.5,
        gaps=gaps,
    )


def value_at(points: np.ndarray) -> np.ndarray:
    constant, *slopes = COEFFICIENTS
    return constant + points @ np.array(slopes)


def points_of(lattice: Lattice) -> np.ndarray:
    """The patient coordinates of all voxels, [k, j, i, 3]."""
    places = np.array([[lattice.point(k, 0, 0)] for k in range(lattice.shape[0])])[:, :, np.newaxis]
    rows = np.arange(lattice.shape[1])[:, np.newaxis, np.newaxis] * lattice.row_spacing * np.array(lattice.down)
    columns = np.arange(lattice.shape[2])[:, np.newaxis] * lattice.column_spacing * np.array(lattice.across)
    return np.asarray(places + rows + columns)


def linear(lattice: Lattice) -> Voxels:
    return Voxels(value_at(points_of(lattice)).astype(np.float32), lattice, unit="HU", outside=-1000.0)


def test_what_is_regular_stays_itself() -> None:
    voxels = linear(lattice([0, 2, 4, 6]))
    assert regular(voxels) is voxels


@pytest.mark.parametrize("angles", [(0, 0, 0), (25, -40, 70)])
@pytest.mark.parametrize(
    ("steps", "tilt", "spacing"),
    [
        ([0, 2, 4, 6, 8, 10], 18.5, None),
        ([0, 1.5, 4, 5, 7, 10], 0.0, None),
        ([0, 1.5, 4, 5, 7, 10], -12.0, 0.8),
        ([0, 2, 4, 6], 0.0, 0.6),
    ],
)
def test_values_are_those_of_their_places(
    steps: list[float], tilt: float, spacing: float | None, angles: tuple[float, float, float]
) -> None:
    made = regular(linear(lattice(steps, tilt=tilt, angles=angles)), spacing=spacing)
    assert (made.unit, made.slope, made.intercept, made.outside) == ("HU", 1.0, 0.0, -1000.0)
    assert made.lattice.is_even
    assert not made.lattice.is_sheared
    if spacing is not None:
        assert (made.lattice.slice_spacing, made.lattice.row_spacing) == pytest.approx((spacing, spacing))
    expected = value_at(points_of(made.lattice))
    inside = made.values != -1000.0
    assert inside.mean() > 0.5
    assert np.abs(made.values - expected)[inside].max() < 1e-3


def test_an_untilted_volume_is_covered_to_its_edges() -> None:
    made = regular(linear(lattice([0, 1.5, 4, 6])), spacing=0.5)
    assert made.lattice.shape == (13, 14, 12)
    assert np.all(made.values != -1000.0)


def test_a_gap_stays_a_gap() -> None:
    made = regular(linear(lattice([0, 2, 4, 10, 12])), spacing=1.0)
    assert made.lattice.gaps == (4, 5, 6, 7, 8, 9)
    assert [bool(np.all(image == -1000.0)) for image in made.values] == [4 < k < 10 for k in range(13)]


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan")])
def test_a_spacing_that_is_none_is_refused(spacing: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        regular(linear(lattice([0, 2, 4])), spacing=spacing)


def test_more_voxels_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    voxels = linear(lattice([0, 2, 4]))
    for spacing in (1e-4, 1e-200):
        with pytest.raises(ValueError, match="too many"):
            regular(voxels, spacing=spacing)
    monkeypatch.setattr(module, "MOST_VOXELS", 10)
    with pytest.raises(ValueError, match="too many"):
        regular(voxels, spacing=1.0)
