"""What holds at any rotation, spacing, tilt and order of arrival."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from apps.volumes.geometry.assembling import assemble
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of
from apps.volumes.geometry.stacks import Stack
from tests.volumes.geometry.laid import MOST_BYTES, MOST_SLICES
from tests.volumes.phantoms import rotation_of

angles = some.tuples(*[some.floats(-180, 180)] * 3)
spacings = some.floats(0.1, 10)
junk = some.one_of(
    some.none(), some.floats(), some.integers(), some.text(max_size=8), some.lists(some.floats(), max_size=3)
)
TAGS = ("00200032", "00200037", "00280030", "00180050", "00280010", "00280011", "00281052", "00281053")


def frame(number: int, position: np.ndarray[Any, Any], across: list[float], down: list[float]) -> Frame:
    return Frame(
        instance=number,
        number=1,
        instance_number=number,
        position=tuple(position.tolist()),
        across=tuple(across),  # type: ignore[arg-type]
        down=tuple(down),  # type: ignore[arg-type]
        spacing=(0.5, 0.5),
        thickness=None,
        rows=16,
        columns=16,
        is_grayscale=True,
        is_localizer=False,
        is_lossy=False,
        frame_of_reference="1.2.3",
        slope=1.0,
        intercept=0.0,
        unit="HU",
        bits_stored=16,
        is_signed=True,
        padding=None,
        group=(),
    )


def stacked(turn: np.ndarray[Any, Any], steps: list[float], shear: float, order: list[int]) -> Stack:
    """The stack of slices at these steps along their normal, sheared towards `down`, turned, in this order."""
    places = [np.array([0.0, shear * step, step]) @ turn.T for step in steps]
    frames = [frame(k, places[k], turn[:, 0].tolist(), turn[:, 1].tolist()) for k in order]
    (stack,) = assemble(frames, most_slices=MOST_SLICES, most_bytes=MOST_BYTES).stacks
    return stack


@settings(max_examples=60)
@given(angles, spacings, some.floats(-0.5, 0.5), some.permutations(range(9)))
def test_rotated_and_shuffled_it_is_the_same_lattice(
    turned: tuple[float, float, float], spacing: float, shear: float, order: list[int]
) -> None:
    turn = rotation_of(turned)
    stack = stacked(turn, [k * spacing for k in range(9)], shear, order)
    assert [each.instance for each in stack.frames] == list(range(9))
    along = np.array([0.0, shear, 1.0]) / np.hypot(1.0, shear)
    # A direction within a millionth of an axis is taken to be that axis.
    assert np.allclose(stack.lattice.along, turn @ along, atol=1e-5 + 1e-3 / (8 * spacing))
    assert stack.lattice.slice_spacing == pytest.approx(spacing * np.hypot(1.0, shear), abs=1e-4)
    assert stack.lattice.is_even
    assert (Flag.GANTRY_TILT in stack.flags) == stack.lattice.is_sheared
    for k, each in enumerate(stack.frames):
        assert stack.lattice.point(k, 0, 0) == pytest.approx(each.position, abs=2e-3)


@settings(max_examples=60)
@given(angles, spacings, some.sets(some.integers(1, 18), min_size=1, max_size=6), some.floats(-0.5, 0.5))
def test_slices_left_out_anywhere_are_found(
    turned: tuple[float, float, float], spacing: float, missing: set[int], shear: float
) -> None:
    """As long as most of the steps are those of the series, which is what "missing" means."""
    there = [k for k in range(20) if k not in missing]
    stack = stacked(rotation_of(turned), [k * spacing for k in there], shear, list(range(len(there))))
    gaps = tuple(n for n, (k, after) in enumerate(pairwise(there)) if after - k > 1)
    assert stack.lattice.gaps == gaps
    assert Flag.MISSING_SLICES in stack.flags


@settings(max_examples=60)
@given(some.integers(0, 11), some.floats(0.3, 0.7), angles, some.permutations(range(12)))
def test_one_slice_out_of_step_is_found(
    moved: int, share: float, turned: tuple[float, float, float], order: list[int]
) -> None:
    steps = [k * 2.0 + (share * 2.0 if k == moved else 0.0) for k in range(12)]
    stack = stacked(rotation_of(turned), steps, 0.0, order)
    assert Flag.UNEVEN_SPACING in stack.flags


@settings(max_examples=60)
@given(some.dictionaries(some.sampled_from(TAGS), some.lists(junk, max_size=7)))
def test_headers_that_make_no_sense_make_no_error(elements: dict[str, list[Any]]) -> None:
    header = {"7FE00010": {"vr": "OW", "BulkDataURI": "7FE00010"}}
    header |= {tag: {"vr": "DS", "Value": values} for tag, values in elements.items()}  # type: ignore[dict-item]
    frames = frames_of(header, 1)
    assembly = assemble(frames, most_slices=MOST_SLICES, most_bytes=MOST_BYTES)
    there = sum(len(stack.frames) for stack in assembly.stacks) + sum(each.count for each in assembly.left_out)
    assert there == len(frames)
