"""Every fault that geometry can have, built in: none is passed over in silence, at any rotation."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from apps.volumes.geometry.flags import HARMLESS, Flag, is_quantifiable
from apps.volumes.geometry.stacks import Reason, Stack
from tests.volumes.geometry.laid import assembled, block, flags, left_out, numbers, series, stack_of
from tests.volumes.phantoms import rotation_of
from tests.volumes.series import ct_series

STEPS = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
ROTATIONS = [(0, 0, 0), (0, 90, 0), (20, -35, 50)]
Build = Callable[..., list[Dataset]]


def turned(angles: tuple[float, float, float]) -> tuple[list[float], list[float]]:
    turn = rotation_of(angles)
    return turn[:, 0].tolist(), turn[:, 1].tolist()


def without(*slices: int) -> list[float]:
    return [step for k, step in enumerate(STEPS) if k not in slices]


def at(positions: list[float], **given: Any) -> list[Dataset]:
    return ct_series(block(len(positions)), positions=positions, **given)


def beside(moved: list[int], mm: float, **given: Any) -> list[Dataset]:
    """Slices of which some are moved along `across`."""
    datasets = at(STEPS, **given)
    for k in moved:
        across = np.array(datasets[k].ImageOrientationPatient[:3], dtype=float)
        place = np.array(datasets[k].ImagePositionPatient, dtype=float) + mm * across
        datasets[k].ImagePositionPatient = [f"{value:.9f}" for value in place]
    return datasets


FAULTS: dict[str, tuple[Callable[..., list[Dataset]], Flag]] = {
    "one slice missing": (lambda **given: at(without(3), **given), Flag.MISSING_SLICES),
    "the second missing": (lambda **given: at(without(1), **given), Flag.MISSING_SLICES),
    "three in a row missing": (lambda **given: at(without(3, 4, 5), **given), Flag.MISSING_SLICES),
    "two missing, apart": (lambda **given: at(without(2, 5), **given), Flag.MISSING_SLICES),
    "missing among overlapping ones": (
        lambda **given: at(without(3), SliceThickness="4", **given),
        Flag.MISSING_SLICES,
    ),
    "missing, of unknown thickness": (
        lambda **given: at(without(3), SliceThickness=None, **given),
        Flag.MISSING_SLICES,
    ),
    "two ranges far apart": (lambda **given: at([*STEPS, 200, 202, 204], **given), Flag.MISSING_SLICES),
    "one slice out of step": (lambda **given: at([*STEPS[:3], 6.5, *STEPS[4:]], **given), Flag.UNEVEN_SPACING),
    "a step changed halfway": (lambda **given: at([0, 2, 4, 6, 8, 11, 14, 17], **given), Flag.UNEVEN_SPACING),
    "three slices, uneven": (lambda **given: at([0, 2, 6], **given), Flag.UNEVEN_SPACING),
    "steps that grow": (lambda **given: at([0.1 * k * k + k for k in range(8)], **given), Flag.UNEVEN_SPACING),
    "a slice moved sideways": (lambda **given: beside([4], 3.0, **given), Flag.SHIFTED_SLICES),
    "the first moved sideways": (lambda **given: beside([0], 3.0, **given), Flag.SHIFTED_SLICES),
    "half of them moved sideways": (lambda **given: beside([4, 5, 6, 7], 5.0, **given), Flag.SHIFTED_SLICES),
    "every other moved sideways": (lambda **given: beside([1, 3, 5, 7], 1.0, **given), Flag.SHIFTED_SLICES),
    "a tilt steeper than any gantry": (lambda **given: at(STEPS, tilt=60.0, **given), Flag.SHIFTED_SLICES),
    "a tilt that two slices can't tell": (lambda **given: at([0, 2], tilt=20.0, **given), Flag.SHIFTED_SLICES),
    "a tilted gantry": (lambda **given: at(STEPS, tilt=15.0, **given), Flag.GANTRY_TILT),
    "tilted, with one missing": (lambda **given: at(without(3), tilt=15.0, **given), Flag.MISSING_SLICES),
    "tilted, with one moved": (lambda **given: beside([4], 3.0, tilt=15.0, **given), Flag.SHIFTED_SLICES),
    "no pixel spacing": (lambda **given: at(STEPS, PixelSpacing=None, **given), Flag.UNCALIBRATED),
    "no frame of reference": (lambda **given: at(STEPS, FrameOfReferenceUID=None, **given), Flag.NO_FRAME_OF_REFERENCE),
    "lossy": (lambda **given: at(STEPS, LossyImageCompression="01", **given), Flag.LOSSY),
    "thicker than their steps": (lambda **given: at(STEPS, SliceThickness="3", **given), Flag.OVERLAPPING),
}


@pytest.mark.parametrize("angles", ROTATIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, angles: tuple[float, float, float]) -> None:
    build, flag = FAULTS[fault]
    found = flags(build(orientation=turned(angles), shuffled=True))
    assert flag in found
    assert is_quantifiable(found) == (flag in HARMLESS)


@pytest.mark.parametrize("angles", ROTATIONS)
def test_without_a_fault_there_is_no_flag(angles: tuple[float, float, float]) -> None:
    assert flags(at(STEPS, orientation=turned(angles), shuffled=True)) == set()


def test_a_missing_slice_is_a_gap_of_the_lattice() -> None:
    stack = stack_of(at(without(3, 4)))
    assert stack.lattice.gaps == (2,)
    assert stack.lattice.offsets == pytest.approx(without(3, 4))
    assert set(stack.flags) == {Flag.MISSING_SLICES}


def test_thicker_slices_further_apart_are_uneven_but_none_is_missing() -> None:
    """The lower part in slices of 4 mm, the upper one of 8 mm, as heads used to be scanned."""
    stack = stack_of(at([0, 4, 8, 12, 18, 26, 34], SliceThickness=lambda k: "4" if k < 4 else "8"))
    assert stack.flags == (Flag.UNEVEN_SPACING,)
    assert stack.lattice.gaps == ()


def test_a_head_tilted_in_slices_of_two_thicknesses_is_both() -> None:
    """The numbers of a real one: 14 slices of 4 mm, and 1.14 mm behind the last of them 14 of 7 mm."""
    steps = [4.22 * k for k in range(14)] + [13 * 4.22 + 1.14 + 7.38 * k for k in range(14)]
    tilted = ((1.0, 0.0, 0.0), (0.0, 0.9483237, -0.3173047))
    stack = stack_of(
        at(steps, tilt=-18.5, orientation=tilted, SliceThickness=lambda k: "4" if k < 14 else "7", shuffled=True)
    )
    assert set(stack.flags) == {Flag.GANTRY_TILT, Flag.UNEVEN_SPACING, Flag.OVERLAPPING}
    assert stack.lattice.along == pytest.approx((0, 0, 1), abs=1e-6)
    assert stack.lattice.offsets == pytest.approx(steps)


def test_a_second_image_in_one_place_is_told_and_left_out() -> None:
    """Between two images of a slice nothing decides, unless a number does: the first one stays."""
    datasets = [*series(5), *at([4.0], InstanceNumber="9", SOPInstanceUID="1.2.3")]
    assembly = assembled(datasets)
    (stack,) = assembly.stacks
    assert (stack.flags, numbers(stack)) == ((Flag.DUPLICATE_POSITIONS,), [1, 2, 3, 4, 5])
    assert left_out(assembly) == {Reason.TOO_FEW: 1}


def test_a_slice_made_again_is_told_though_its_acquisition_differs() -> None:
    datasets = [*series(5, AcquisitionNumber="1"), *at([4.0], InstanceNumber="9", AcquisitionNumber="2")]
    assembly = assembled(datasets)
    (stack,) = assembly.stacks
    assert Flag.DUPLICATE_POSITIONS in stack.flags
    assert numbers(stack) == [1, 2, 3, 4, 5]


def test_a_series_sent_twice_is_two_volumes_not_to_be_measured() -> None:
    again = series(5, InstanceNumber=lambda k: str(k + 6))
    assembly = assembled([*again, *series(5)])
    assert [numbers(stack) for stack in assembly.stacks] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
    assert [stack.label for stack in assembly.stacks] == ["Instance 1", "Instance 2"]
    assert {stack.flags for stack in assembly.stacks} == {(Flag.DUPLICATE_POSITIONS,)}


def test_nearly_the_same_place_is_the_same() -> None:
    assembly = assembled([*series(5), *at([4.01], InstanceNumber="9")])
    assert assembly.stacks[0].flags == (Flag.DUPLICATE_POSITIONS,)


def test_all_in_one_place_is_no_volume() -> None:
    assembly = assembled(at([0.0] * 4))
    assert (assembly.stacks, left_out(assembly)) == ((), {Reason.TOO_FEW: 4})


def lines_up(stack: Stack) -> float:
    """The farthest that a slice lies from where the lattice says, in millimetres."""
    places = [stack.lattice.point(k, 0, 0) for k in range(len(stack.frames))]
    return max(
        float(np.linalg.norm(np.subtract(place, frame.position or ())))
        for place, frame in zip(places, stack.frames, strict=True)
    )


@pytest.mark.parametrize(
    "fault", ["one slice missing", "steps that grow", "tilted, with one missing", "a tilted gantry"]
)
def test_the_lattice_is_where_the_slices_are(fault: str) -> None:
    build, _ = FAULTS[fault]
    assert lines_up(stack_of(build(orientation=turned((20, -35, 50))))) < 1e-6


def test_most_slices_stay_where_they_are_when_one_is_shifted() -> None:
    stack = stack_of(beside([0], 3.0))
    assert stack.lattice.point(5, 0, 0) == pytest.approx(stack.frames[5].position)
    assert lines_up(stack) == pytest.approx(3.0)
