"""What stored values become: 16-bit integers wherever one rescale says what they mean, else exact float32."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from apps.volumes.geometry.frames import Frame
from apps.volumes.packing import Packing

FRAME = Frame(
    instance=1,
    number=1,
    instance_number=1,
    position=(0.0, 0.0, 0.0),
    across=(1.0, 0.0, 0.0),
    down=(0.0, 1.0, 0.0),
    spacing=(1.0, 1.0),
    thickness=1.0,
    rows=1,
    columns=4,
    is_grayscale=True,
    is_localizer=False,
    is_lossy=False,
    frame_of_reference="1.2",
    slope=1.0,
    intercept=0.0,
    unit="US",
    bits_stored=16,
    is_signed=True,
    padding=None,
    group=(),
)


def frames(*changes: dict[str, Any]) -> list[Frame]:
    return [replace(FRAME, **change) for change in changes]


def modality(packing: Packing, k: int, stored: Any) -> list[list[float]]:
    """What the packed values mean."""
    packed = packing.packed(k, stored)
    assert packed.dtype == packing.dtype
    values: list[list[float]] = (packed.astype(np.float64) * packing.slope + packing.intercept).tolist()
    return values


def test_signed_values_are_kept_as_they_are() -> None:
    packing = Packing.of(frames({"slope": 2.0, "intercept": -5.0}))
    stored = np.array([[-32768, -1, 0, 32767]], np.int16)
    assert packing.dtype == np.int16
    assert np.array_equal(packing.packed(0, stored), stored)
    assert modality(packing, 0, stored) == [[-65541.0, -7.0, -5.0, 65529.0]]


@pytest.mark.parametrize("bits", [8, 12, 15])
def test_unsigned_values_of_fewer_bits_are_kept_as_they_are(bits: int) -> None:
    packing = Packing.of(frames({"bits_stored": bits, "is_signed": False, "intercept": -1024.0}))
    stored = np.array([[0, 1, 7, 2**bits - 1]], np.uint8 if bits == 8 else np.uint16)
    assert not packing.is_shifted
    assert modality(packing, 0, stored) == [[-1024.0, -1023.0, -1017.0, 2**bits - 1025.0]]


def test_unsigned_values_of_16_bits_are_shifted_and_mean_the_same() -> None:
    packing = Packing.of(frames({"is_signed": False, "slope": 0.5, "intercept": 10.0}))
    stored = np.array([[0, 1, 32768, 65535]], np.uint16)
    assert packing.dtype == np.int16
    assert modality(packing, 0, stored) == [[10.0, 10.5, 16394.0, 32777.5]]


@pytest.mark.parametrize(
    "change",
    [{"slope": 3.0}, {"intercept": 7.0}, {"bits_stored": 16, "is_signed": False}],
    ids=["slopes", "intercepts", "signs"],
)
def test_what_no_rescale_of_all_slices_says_is_float(change: dict[str, Any]) -> None:
    packing = Packing.of(frames({}, change))
    one, other = Packing.of(frames({})), Packing.of(frames(change))
    stored = np.array([[0, 1, 7, 32767]], np.uint16 if "is_signed" in change else np.int16)
    assert packing.dtype == np.float32
    assert modality(packing, 0, stored.astype(np.int16)) == modality(one, 0, stored.astype(np.int16))
    assert modality(packing, 1, stored) == modality(other, 0, stored)


@pytest.mark.parametrize("bits", [0, 32], ids=["floating point", "32 bits"])
def test_what_16_bits_do_not_hold_is_float(bits: int) -> None:
    packing = Packing.of(frames({"bits_stored": bits}))
    stored = np.array([[-2.5, 0.0, 1e6, 1e-3]], np.float32)
    assert packing.dtype == np.float32
    assert np.array_equal(packing.packed(0, stored), stored)


def test_padding_below_all_hounsfield_values_is_air() -> None:
    ct = {"unit": "HU", "padding": -2000, "intercept": -1024.0}
    stored = np.array([[-2000, 0, 1024, -1999]], np.int16)
    assert modality(Packing.of(frames(ct)), 0, stored) == [[-1000.0, -1024.0, 0.0, -3023.0]]
    assert modality(Packing.of(frames(ct, ct | {"slope": 2.0})), 0, stored) == [[-1000.0, -1024.0, 0.0, -3023.0]]


@pytest.mark.parametrize(
    "change", [{"unit": "HU", "padding": 0, "intercept": -1024.0}, {"padding": -2000}], ids=["could be air", "no HU"]
)
def test_padding_that_may_be_a_value_stays(change: dict[str, Any]) -> None:
    packing = Packing.of(frames(change))
    stored = np.array([[-2000, 0, 1, 2]], np.int16)
    assert np.array_equal(packing.packed(0, stored), stored)


def test_each_slice_has_its_own_padding() -> None:
    packing = Packing.of(frames({"unit": "HU", "padding": -2000}, {"unit": "HU", "padding": -3000}))
    stored = np.array([[-2000, -3000, 0, 1]], np.int16)
    assert packing.packed(0, stored).tolist() == [[-1000, -3000, 0, 1]]
    assert packing.packed(1, stored).tolist() == [[-2000, -1000, 0, 1]]


def test_outside_is_air_or_the_smallest_value() -> None:
    hounsfield, plain = Packing.of(frames({"unit": "HU"})), Packing.of(frames({"slope": 2.0, "intercept": 1.0}))
    turned = Packing.of(frames({"slope": -2.0, "intercept": 1.0}))
    values = np.array([[3, -4, 5]], np.int16)
    assert hounsfield.outside(hounsfield.smallest(values)) == -1000.0
    assert plain.outside(plain.smallest(values)) == -7.0
    assert turned.outside(turned.smallest(values)) == -9.0
    assert plain.outside(float("nan")) == 0.0


def test_values_that_are_no_numbers_are_no_smallest_ones() -> None:
    packing = Packing.of(frames({"bits_stored": 0}))
    assert packing.smallest(np.array([np.nan, 3.0, 2.0], np.float32)) == 2.0


@pytest.mark.parametrize("count", [1, 3])
def test_a_packing_survives_its_json(count: int) -> None:
    packing = Packing.of(frames(*({"slope": 0.1 * k, "padding": k, "unit": "BQML"} for k in range(count))))
    assert Packing.from_json(packing.to_json()) == packing
