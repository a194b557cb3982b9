"""What headers say of images, classic and enhanced, sensible and not."""

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.volumes.geometry.reading import MOST_FRAMES, frames_of
from tests import dicoms
from tests.volumes.geometry.laid import block, frames, header, series
from tests.volumes.series import ct_series, enhanced_ct


def changed(**elements: Any) -> dict[str, Any]:
    """The header of a CT slice with other values, by tag ("T00200032")."""
    attributes = header(series(1)[0])
    for name, value in elements.items():
        tag = name.removeprefix("T")
        if value is None:
            attributes.pop(tag, None)
        else:
            attributes[tag] = {"vr": "DS", "Value": value}
    return attributes


def test_a_classic_slice_says_all_of_it() -> None:
    (frame,) = frames(ct_series(block(1), spacing=(2.5, 0.5, 0.25), origin=(1, 2, 3), PixelPaddingValue=-2000))
    assert (frame.instance, frame.number, frame.instance_number) == (0, 1, 1)
    assert (frame.position, frame.across, frame.down) == ((1, 2, 3), (1, 0, 0), (0, 1, 0))
    assert (frame.spacing, frame.thickness, frame.rows, frame.columns) == ((0.5, 0.25), 2.5, 4, 5)
    assert (frame.slope, frame.intercept, frame.unit) == (1.0, -1024.0, "HU")
    assert (frame.bits_stored, frame.is_signed, frame.padding) == (16, True, -2000)
    assert (frame.is_grayscale, frame.is_localizer, frame.is_lossy) == (True, False, False)
    assert frame.frame_of_reference == dicoms.uid(2)
    assert dict(frame.group)["Convolution Kernel"] == "B30f"


def test_an_enhanced_object_says_the_same_of_each_frame() -> None:
    given: dict[str, Any] = {"spacing": (1.5, 0.5, 0.75), "tilt": 12.0}
    classic = frames(ct_series(block(3), **given))
    enhanced = frames([enhanced_ct(block(3), **given)])
    assert [frame.number for frame in enhanced] == [1, 2, 3]
    for one, other in zip(classic, enhanced, strict=True):
        assert (one.position, one.across, one.down) == (other.position, other.across, other.down)
        assert (one.spacing, one.thickness) == (other.spacing, other.thickness)
        assert (one.slope, one.intercept, one.unit) == (other.slope, other.intercept, other.unit)
        assert dict(one.group)["Convolution Kernel"] == dict(other.group)["Convolution Kernel"]


def test_functional_groups_of_mr_tell_frames_apart() -> None:
    dataset = enhanced_ct(block(2))
    for number, item in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        echo, diffusion, cardiac, direction = Dataset(), Dataset(), Dataset(), Dataset()
        echo.EffectiveEchoTime = 12.5
        diffusion.DiffusionBValue = 500.0 * number
        direction.DiffusionGradientOrientation = [0.0, 0.6, 0.8]
        diffusion.DiffusionGradientDirectionSequence = Sequence([direction])
        cardiac.NominalPercentageOfCardiacPhase = 75.0
        item.MREchoSequence = Sequence([echo])
        item.MRDiffusionSequence = Sequence([diffusion])
        item.CardiacSynchronizationSequence = Sequence([cardiac])
        item.FrameContentSequence[0].TemporalPositionIndex = 3
    group = dict(frames([dataset])[1].group)
    assert (group["Echo Time"], group["b-value"], group["Cardiac Phase"]) == ("12.5", "500", "75")
    assert (group["Temporal Position"], group["Stack ID"]) == ("3", "1")
    assert group["Diffusion Gradient Orientation"] == "0.0000\\0.6000\\0.8000"


@pytest.mark.parametrize(("tag", "value"), [("0019100C", [800]), ("20011003", [800.0]), ("00431039", [1000000800, 8])])
def test_b_values_of_vendors_are_known(tag: str, value: list[float]) -> None:
    (frame,) = frames_of(changed(**{f"T{tag}": value}), 1)
    assert dict(frame.group)["b-value"] == "800"


@pytest.mark.parametrize(
    "position", [None, [], [1.0, 2.0], [1.0, 2.0, "nan"], [1.0, float("inf"), 2.0], [1.0, 2.0, 1e9], [1, 2, 3, 4]]
)
def test_a_position_that_cannot_be_is_none(position: list[Any] | None) -> None:
    (frame,) = frames_of(changed(T00200032=position), 1)
    assert frame.position is None


@pytest.mark.parametrize(
    "cosines",
    [
        None,
        [1, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 1, 0, 0],
        [2, 0, 0, 0, 1, 0],
        [1, 0, 0, 0.1, 1, 0],
        [1, 0, 0, 0, "nan", 0],
        [1e300, 0, 0, 0, 1e300, 0],
    ],
)
def test_an_orientation_that_cannot_be_is_none(cosines: list[Any] | None) -> None:
    (frame,) = frames_of(changed(T00200037=cosines), 1)
    assert (frame.across, frame.down) == (None, None)


def test_a_rounded_orientation_is_made_exact() -> None:
    (frame,) = frames_of(changed(T00200037=[0.707, 0.707, 0, -0.707, 0.707, 1e-9]), 1)
    assert frame.across == pytest.approx((0.5**0.5, 0.5**0.5, 0))
    assert frame.down == pytest.approx((-(0.5**0.5), 0.5**0.5, 0))


@pytest.mark.parametrize("spacing", [None, [0, 1], [-1, 1], [1], ["x", 1], [1e9, 1], [1e-9, 1]])
def test_a_spacing_that_cannot_be_is_none(spacing: list[Any] | None) -> None:
    (frame,) = frames_of(changed(T00280030=spacing), 1)
    assert frame.spacing is None


@pytest.mark.parametrize(("slope", "intercept"), [([0], [5]), ([1e300], [0]), ([1], [1e300])])
def test_a_rescale_that_cannot_be_leaves_the_stored_values(slope: list[float], intercept: list[float]) -> None:
    (frame,) = frames_of(changed(T00281053=slope, T00281052=intercept), 1)
    assert (frame.slope, frame.intercept, frame.unit) == (1.0, 0.0, "US")


@pytest.mark.parametrize(
    ("modality", "elements", "unit"),
    [
        ("CT", {"T00281054": None}, "HU"),
        ("CT", {"T00281054": ["US"]}, "US"),
        ("MR", {"T00281054": None}, "US"),
        ("PT", {"T00281054": None, "T00541001": ["BQML"]}, "BQML"),
    ],
)
def test_the_unit_is_what_the_modality_says(modality: str, elements: dict[str, Any], unit: str) -> None:
    assert frames_of(changed(T00080060=[modality], **elements), 1)[0].unit == unit


def test_padding_said_as_unsigned_is_the_negative_stored_value() -> None:
    (frame,) = frames_of(changed(T00280120=[63536]), 1)
    assert frame.padding == -2000


@pytest.mark.parametrize(("rows", "columns"), [(0, 4), (4, 70_000), (-1, 4)])
def test_a_matrix_that_cannot_be_is_none(rows: int, columns: int) -> None:
    (frame,) = frames_of(changed(T00280010=[rows], T00280011=[columns]), 1)
    assert (frame.rows, frame.columns) == (0, 0)


def test_an_object_without_pixels_has_no_matrix() -> None:
    (frame,) = frames_of(changed(T7FE00010=None), 1)
    assert (frame.rows, frame.columns) == (0, 0)


@pytest.mark.parametrize(
    "elements",
    [
        {"T00280004": ["RGB"], "T00280002": [3]},
        {"T00280004": ["PALETTE COLOR"]},
        {"T00280100": [1]},
        {"T00080016": ["1.2.840.10008.5.1.4.1.1.66.7"]},
    ],
)
def test_what_has_no_grey_values_says_so(elements: dict[str, Any]) -> None:
    assert not frames_of(changed(**elements), 1)[0].is_grayscale


def test_a_mosaic_lies_nowhere() -> None:
    (frame,) = frames_of(changed(T00080008=["ORIGINAL", "PRIMARY", "M", "MOSAIC"]), 1)
    assert frame.position is None


def test_localizers_and_loss_are_said() -> None:
    (frame,) = frames_of(changed(T00080008=["ORIGINAL", "PRIMARY", "LOCALIZER"], T00282110=["01"]), 1)
    assert (frame.is_localizer, frame.is_lossy) == (True, True)


@pytest.mark.parametrize(("syntax", "is_lossy"), [("1.2.840.10008.1.2.4.51", True), ("1.2.840.10008.1.2.4.70", False)])
def test_a_transfer_syntax_that_loses_says_so(syntax: str, is_lossy: bool) -> None:
    assert frames_of(changed(), 1, transfer_syntax=syntax)[0].is_lossy == is_lossy


def test_frames_without_functional_groups_lie_nowhere() -> None:
    """A position at the top of an object of many frames is that of none of them."""
    told = frames_of(changed(T00280008=[3]), 1)
    assert [frame.number for frame in told] == [1, 2, 3]
    assert {frame.position for frame in told} == {None}


def test_a_number_of_frames_that_nobody_could_send_is_bounded() -> None:
    assert len(frames_of(changed(T00280008=[10**9]), 1)) == MOST_FRAMES


def test_frames_beyond_the_functional_groups_lie_nowhere() -> None:
    dataset = enhanced_ct(block(4))
    del dataset.PerFrameFunctionalGroupsSequence[2:]
    assert [frame.position is None for frame in frames([dataset])] == [False, False, True, True]


def test_empty_functional_groups_of_a_single_frame_hide_nothing() -> None:
    attributes = changed()
    attributes["52009230"] = {"vr": "SQ", "Value": [{}]}
    assert frames_of(attributes, 1) == frames_of(changed(), 1)
