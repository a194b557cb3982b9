"""Series as they should be, and as they may be: one volume for what belongs together, and nothing passed over."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydicom.uid import RLELossless

from apps.volumes.geometry import assembling
from apps.volumes.geometry.assembling import assemble
from apps.volumes.geometry.flags import Flag, is_quantifiable
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.stacks import Reason
from tests import dicoms
from tests.volumes.geometry.laid import (
    MOST_BYTES,
    MOST_SLICES,
    assembled,
    block,
    frames,
    left_out,
    numbers,
    series,
    stack_of,
)
from tests.volumes.phantoms import rotation_of
from tests.volumes.series import ct_series, enhanced_ct

SAGITTAL = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


def test_a_plain_series_is_one_volume_without_flags() -> None:
    stack = stack_of(ct_series(block(6), spacing=(2.0, 0.5, 0.25), origin=(1, 2, 3), shuffled=True))
    lattice = stack.lattice
    assert (stack.label, stack.flags, numbers(stack)) == ("", (), [1, 2, 3, 4, 5, 6])
    assert (lattice.shape, lattice.origin, lattice.offsets) == ((6, 4, 5), (1, 2, 3), (0, 2, 4, 6, 8, 10))
    assert (lattice.along, lattice.down, lattice.across) == ((0, 0, 1), (0, 1, 0), (1, 0, 0))
    assert (lattice.row_spacing, lattice.column_spacing, lattice.gaps) == (0.5, 0.25, ())
    assert lattice.is_even
    assert not lattice.is_sheared


def test_slices_ascend_along_across_x_down_whatever_their_numbers_say() -> None:
    stack = stack_of(ct_series(block(4), origin=(0, 0, 10), positions=[0, -2, -4, -6]))
    assert (numbers(stack), stack.lattice.origin) == ([4, 3, 2, 1], (0, 0, 4))
    sagittal = stack_of(ct_series(block(4), orientation=SAGITTAL))
    assert sagittal.lattice.along == (-1, 0, 0)


def test_enhanced_and_classic_are_the_same_volume() -> None:
    given: dict[str, Any] = {"spacing": (1.25, 0.5, 0.5), "tilt": 10.0, "orientation": CORONAL}
    classic = stack_of(ct_series(block(5), **given))
    enhanced = stack_of([enhanced_ct(block(5), **given, shuffled=True)])
    assert (enhanced.lattice, enhanced.flags) == (classic.lattice, classic.flags)
    assert [frame.position for frame in enhanced.frames] == [frame.position for frame in classic.frames]


def test_a_tilted_gantry_is_a_sheared_lattice_and_told() -> None:
    stack = stack_of(ct_series(block(6), tilt=-15.0, orientation=((1, 0, 0), (0, 0.9659258263, -0.2588190451))))
    assert stack.flags == (Flag.GANTRY_TILT,)
    assert is_quantifiable(stack.flags)
    assert stack.lattice.along == pytest.approx((0, 0, 1), abs=1e-6)
    assert stack.lattice.slice_spacing == pytest.approx(2.0)
    for k, frame in enumerate(stack.frames):
        assert stack.lattice.point(k, 0, 0) == pytest.approx(frame.position, abs=1e-6)


def test_a_tilt_of_less_than_half_a_percent_is_followed_but_not_told() -> None:
    stack = stack_of(ct_series(block(30), tilt=0.2))
    assert stack.flags == ()
    assert stack.lattice.point(29, 0, 0) == pytest.approx(stack.frames[29].position, abs=1e-6)


def test_positions_rounded_in_the_file_are_the_even_ones_meant() -> None:
    stack = stack_of(ct_series(block(40), positions=[round(k * 0.62499, 3) for k in range(40)]))
    assert stack.lattice.is_even
    assert len({round(step, 9) for step in np.diff(stack.lattice.offsets)}) == 1


def test_kernels_are_volumes_of_their_own() -> None:
    soft = series(5)
    sharp = ct_series(block(5), kernel="B70f", series_uid=dicoms.uid(9))
    assembly = assembled([*soft, *sharp])
    assert {stack.label for stack in assembly.stacks} == {"B30f", "B70f"}
    assert {stack.flags for stack in assembly.stacks} == {(Flag.MIXED_KERNELS,)}
    assert len({stack.key for stack in assembly.stacks}) == 2
    assert assembly.left_out == ()


def test_the_key_of_a_volume_stays_when_others_arrive() -> None:
    alone = stack_of(series(5))
    both = assembled([*series(5), *ct_series(block(3), kernel="B70f")])
    assert alone.key in {stack.key for stack in both.stacks}


def test_localizers_are_left_out_and_told() -> None:
    scout = ct_series(block(1), orientation=SAGITTAL, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    assembly = assembled([*scout, *series(5)])
    assert [stack.flags for stack in assembly.stacks] == [(Flag.LOCALIZER_LEFT_OUT,)]
    assert left_out(assembly) == {Reason.LOCALIZER: 1}


def test_directions_are_volumes_of_their_own_the_largest_first() -> None:
    given = [series(3), ct_series(block(5), orientation=SAGITTAL), ct_series(block(4), orientation=CORONAL)]
    assembly = assembled([dataset for each in given for dataset in each])
    assert [stack.label for stack in assembly.stacks] == ["Sagittal", "Coronal", "Axial"]
    assert {stack.flags for stack in assembly.stacks} == {(Flag.MIXED_ORIENTATIONS,)}


def test_matrices_and_spacings_are_volumes_of_their_own() -> None:
    given = [series(3), ct_series(block(3, 6, 6)), ct_series(block(3), spacing=(2, 0.5, 0.5))]
    assembly = assembled([dataset for each in given for dataset in each])
    assert [stack.label for stack in assembly.stacks] == [
        "6 x 6 (1 mm x 1 mm)",
        "4 x 5 (0.5 mm x 0.5 mm)",
        "4 x 5 (1 mm x 1 mm)",
    ]
    assert {stack.flags for stack in assembly.stacks} == {(Flag.MIXED_MATRICES,)}


def test_a_spacing_that_differs_by_rounding_is_the_same() -> None:
    assert stack_of(series(4, PixelSpacing=lambda k: [0.488281, 0.488281 + k * 1e-6])).flags == ()


def test_frames_of_reference_are_volumes_of_their_own() -> None:
    assembly = assembled([*series(3), *series(4, frame_of_reference=dicoms.uid(3))])
    assert [len(stack.frames) for stack in assembly.stacks] == [4, 3]
    assert {stack.flags for stack in assembly.stacks} == {(Flag.OTHER_STACKS,)}
    assert {stack.label for stack in assembly.stacks} == {"Frame of Reference 1", "Frame of Reference 2"}


def test_a_frame_of_reference_for_each_image_is_none() -> None:
    stack = stack_of(series(4, FrameOfReferenceUID=lambda k: dicoms.uid(2, k)))
    assert stack.flags == (Flag.NO_FRAME_OF_REFERENCE,)


def test_temporal_positions_are_volumes_of_their_own() -> None:
    values = np.stack([block(4), block(4) + 1, block(4) + 2])
    assembly = assembled([enhanced_ct(values, shuffled=True)])
    assert [stack.label for stack in assembly.stacks] == [f"Temporal Position {t}" for t in (1, 2, 3)]
    assert {stack.flags for stack in assembly.stacks} == {(Flag.TEMPORAL_POSITIONS,)}
    assert len({stack.key for stack in assembly.stacks}) == 3


def test_a_temporal_position_for_each_image_tells_nothing_apart() -> None:
    assert stack_of(series(4, TemporalPositionIdentifier=lambda k: str(k + 1))).flags == ()


@pytest.mark.parametrize(
    ("keyword", "values", "flag"),
    [
        ("EchoTime", ["10", "90"], Flag.OTHER_STACKS),
        ("DiffusionBValue", [0.0, 1000.0], Flag.OTHER_STACKS),
        ("ImageType", [["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]], Flag.OTHER_STACKS),
        ("AcquisitionNumber", ["1", "2"], Flag.OTHER_STACKS),
        ("TriggerTime", ["0", "400"], Flag.TEMPORAL_POSITIONS),
    ],
)
def test_kinds_of_the_same_place_are_volumes_of_their_own(keyword: str, values: list[Any], flag: Flag) -> None:
    datasets = [dataset for value in values for dataset in series(4, **{keyword: value})]
    assembly = assembled(datasets)
    assert [len(stack.frames) for stack in assembly.stacks] == [4, 4]
    assert {stack.flags for stack in assembly.stacks} == {(flag,)}


def test_an_acquisition_for_each_slice_tells_nothing_apart() -> None:
    assert stack_of(series(5, AcquisitionNumber=str, ImageType=lambda k: ["ORIGINAL", "PRIMARY", f"T{k}"])).flags == ()


def test_phases_whose_times_differ_from_slice_to_slice_are_told_by_their_order() -> None:
    first, second = (series(4, TriggerTime=lambda k, at=at: str(at + 7 * k)) for at in (10, 400))
    assembly = assembled([*second, *first])
    assert [stack.label for stack in assembly.stacks] == ["Temporal Position 1", "Temporal Position 2"]
    times = [[dict(frame.group)["Trigger Time"] for frame in stack.frames] for stack in assembly.stacks]
    assert times == [["10", "17", "24", "31"], ["400", "407", "414", "421"]]


def test_one_slice_is_too_few() -> None:
    assembly = assembled(series(1))
    assert (assembly.stacks, left_out(assembly)) == ((), {Reason.TOO_FEW: 1})


def test_radial_slices_are_not_parallel() -> None:
    turns = [rotation_of((0, 0, 1.7 * k)) for k in range(100)]
    radial = [
        replace(frame, across=tuple(turn[:, 0].tolist()), down=(0.0, 0.0, -1.0))
        for frame, turn in zip(many(100), turns, strict=True)
    ]
    assembly = assemble(radial, most_slices=MOST_SLICES, most_bytes=MOST_BYTES)
    assert (assembly.stacks, left_out(assembly)) == ((), {Reason.NOT_PARALLEL: 100})


def test_a_slice_turned_over_is_left_out_and_missed() -> None:
    datasets = series(6)
    datasets[2].ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
    assembly = assembled(datasets)
    assert [stack.flags for stack in assembly.stacks] == [(Flag.MIXED_ORIENTATIONS, Flag.MISSING_SLICES)]
    assert left_out(assembly) == {Reason.NOT_PARALLEL: 1}


def test_colour_and_images_that_lie_nowhere_are_left_out() -> None:
    (colour,) = series(1, PhotometricInterpretation="PALETTE COLOR")
    (nowhere,) = series(1, ImagePositionPatient=None)
    assembly = assembled([colour, nowhere, *series(4)])
    assert len(assembly.stacks) == 1
    assert left_out(assembly) == {Reason.COLOUR: 1, Reason.NO_GEOMETRY: 1}


def many(count: int) -> list[Frame]:
    (frame,) = frames(series(1))
    return [replace(frame, instance=k, instance_number=k, position=(0.0, 0.0, 0.5 * k)) for k in range(count)]


def test_more_slices_than_allowed_are_left_out() -> None:
    assembly = assemble(many(5_000), most_slices=4_000, most_bytes=MOST_BYTES)
    assert (assembly.stacks, left_out(assembly)) == ((), {Reason.TOO_MANY: 5_000})
    assert len(assemble(many(5_000), most_slices=5_000, most_bytes=MOST_BYTES).stacks) == 1


def test_a_volume_larger_than_allowed_is_left_out() -> None:
    size = 10 * 4 * 5 * 2
    assert len(assemble(many(10), most_slices=MOST_SLICES, most_bytes=size).stacks) == 1
    assembly = assemble(many(10), most_slices=MOST_SLICES, most_bytes=size - 1)
    assert (assembly.stacks, left_out(assembly)) == ((), {Reason.TOO_LARGE: 10})


def test_values_of_a_slope_for_each_slice_take_twice_the_room() -> None:
    told = frames(ct_series(block(4), modality="PT", RescaleSlope=lambda k: str(1 + k)))
    assert len(assemble(told, most_slices=MOST_SLICES, most_bytes=4 * 4 * 5 * 4).stacks) == 1
    assert assemble(told, most_slices=MOST_SLICES, most_bytes=4 * 4 * 5 * 4 - 1).stacks == ()


def test_thousands_of_images_of_one_place_are_no_volume() -> None:
    film = [replace(frame, position=(0.0, 0.0, 0.0)) for frame in many(5_000)]
    assembly = assemble(film, most_slices=MOST_SLICES, most_bytes=MOST_BYTES)
    assert (assembly.stacks, left_out(assembly)) == ((), {Reason.TOO_FEW: 5_000})


def test_more_volumes_than_a_series_may_make_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "MOST_STACKS", 2)
    assembly = assembled([enhanced_ct(np.stack([block(3)] * 5))])
    assert (len(assembly.stacks), left_out(assembly)) == (2, {Reason.TOO_MANY: 9})


def test_nothing_makes_nothing() -> None:
    assembly = assemble([], most_slices=MOST_SLICES, most_bytes=MOST_BYTES)
    assert (assembly.stacks, assembly.left_out) == ((), ())


def test_the_order_of_arrival_and_the_transfer_syntax_change_nothing() -> None:
    plain = stack_of(series(7, tilt=8.0))
    other = stack_of(series(7, tilt=8.0, shuffled=True, transfer_syntax=RLELossless))
    assert (other.lattice, other.flags, other.key, numbers(other)) == (
        plain.lattice,
        plain.flags,
        plain.key,
        numbers(plain),
    )
