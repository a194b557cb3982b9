"""A patient who lies differently in the second study: places of the first are found there."""

import numpy as np
import pytest

from apps.lesions.tracking.registration import register
from apps.lesions.tracking.rigid import Rigid
from tests.lesions.bodies import Motion, body, moved

PLACES = [(0, 0, 0), (80, 0, 60), (-80, 40, -60), (0, 70, 20), (60, -40, -20)]
# A lesion's place is good where it is nearer than lesions lie to each other; this is half a voxel.
NEAR_MM = 3.0


def hear(done, total):
    assert 0 <= done <= total


@pytest.fixture(scope="module")
def first():
    return body()


def farthest(motion, found):
    return max(np.linalg.norm(np.subtract(motion(place), found(place))) for place in PLACES)


@pytest.mark.parametrize(
    ("motion", "second"),
    [
        (Motion.of((4, -3, 8), (10, -15, 300)), {"spacing": (8, 8, 8)}),
        (Motion.of((-8, 0, 0), (-20, 12, -40)), {"tilt": 12}),
        # Of the second study only the lower two thirds were imaged, in thick slices.
        (Motion.of((0, 5, 0), (0, 0, 900)), {"spacing": (12, 8, 8), "count": 18}),
    ],
)
def test_places_are_found_again(first, motion, second):
    found = register(first, moved(body(seed=2, **second), motion), hear)
    assert farthest(motion, found) < NEAR_MM
    assert found.similarity > 0.9


def test_the_same_volumes_give_the_same_motion(first):
    other = moved(body(seed=3), Motion.of((2, 0, 0), (5, 0, 0)))
    once, again = (register(first, other, hear).to_json() for _ in range(2))
    assert once == again


def test_what_is_no_body_is_not_alike(first):
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 2000, first.values.shape, dtype=np.int16)
    found = register(first, type(first)(noise, first.lattice, intercept=-1024.0, unit="HU"), hear)
    assert abs(found.similarity) < 0.2


def test_a_motion_passes_as_json():
    motion = Rigid(np.eye(3), np.array([1.0, 2.0, 3.0]), 0.9, 0.8)
    again = Rigid.from_json(motion.to_json())
    assert again((1, 1, 1)) == (2.0, 3.0, 4.0)
    assert (again.similarity, again.overlap, again.degrees) == (0.9, 0.8, 0.0)
