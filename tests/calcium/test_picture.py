"""The picture of a score: which slices, which part of them, and whose colour is where."""

import numpy as np
from numpy.typing import NDArray

from apps.calcium.picture import SIDE, TABLE, Line, picture, shown
from apps.calcium.scoring.vessels import COLOURS, NUMBERS, Vessel
from tests.calcium.hearts import TISSUE, voxels

SHAPE = (6, 200, 200)
HEAD = Line(("Coronary calcium",))


def drawn(counted: NDArray[np.uint8], by_slice: list[float], *lines: Line) -> NDArray[np.uint8]:
    values = np.where(counted > 0, 500, TISSUE).astype(np.int16)
    return picture(voxels(values, (3.0, 1.0, 1.0)), counted, by_slice, [HEAD, *lines])


def has(image: NDArray[np.uint8], vessel: Vessel) -> bool:
    return bool((image == np.array(COLOURS[vessel])).all(axis=-1).any())


def test_the_slices_with_most_calcium_in_their_order() -> None:
    assert shown([0, 3, 1, 9, 2, 4]) == [1, 3, 4, 5]
    assert shown([0, 0, 7, 0]) == [2]
    assert shown([0, 0, 0, 0]) == [2]


def test_each_vessel_has_its_colour_in_its_slice() -> None:
    counted = np.zeros(SHAPE, np.uint8)
    counted[1, 60:70, 50:60], counted[4, 90:100, 120:130] = NUMBERS[Vessel.RCA], NUMBERS[Vessel.LAD]
    image = drawn(counted, [0, 5, 0, 0, 2, 0])
    assert image.shape == (SIDE, 2 * SIDE + TABLE, 3)
    first, second = image[:, :SIDE], image[:, SIDE : 2 * SIDE]
    assert (has(first, Vessel.RCA), has(first, Vessel.LAD)) == (True, False)
    assert (has(second, Vessel.RCA), has(second, Vessel.LAD)) == (False, True)
    # The lesions are 79 mm from end to end, and 25 mm more are shown on each side.
    columns = np.nonzero((first == np.array(COLOURS[Vessel.RCA])).all(axis=-1).any(axis=0))[0]
    assert abs(np.ptp(columns) + 1 - 10 / 129 * SIDE) <= 2


def test_nothing_counted_shows_the_whole_slice_in_the_middle() -> None:
    image = drawn(np.zeros(SHAPE, np.uint8), [0.0] * 6)
    assert image.shape == (SIDE, SIDE + TABLE, 3)
    assert np.ptp(image[40:200, 40:200]) == 0


def test_the_table_has_the_vessels_colours() -> None:
    lines = [Line((vessel.value, "1", "2", "3"), vessel) for vessel in Vessel]
    image = drawn(np.zeros(SHAPE, np.uint8), [0.0] * 6, *lines)
    assert all(has(image[:, SIDE:], vessel) for vessel in Vessel)
