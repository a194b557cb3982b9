"""What is refused, and what is only remarked."""

from dataclasses import replace
from typing import Any

import pytest

from apps.calcium.scoring.gates import Pictured, refusals, remarks, told
from apps.calcium.scoring.thresholds import Thresholds
from apps.volumes.geometry.flags import Flag
from tests.calcium.hearts import lattice

LATTICE = lattice((20, 8, 8), (3.0, 0.4, 0.4))
GOOD: dict[str, Any] = {
    "00080008": {"vr": "CS", "Value": ["ORIGINAL", "PRIMARY", "AXIAL"]},
    "00080060": {"vr": "CS", "Value": ["CT"]},
    "00180010": {"vr": "LO"},
    "00180050": {"vr": "DS", "Value": [3.0]},
    "00180060": {"vr": "DS", "Value": [120]},
    "00181060": {"vr": "DS", "Value": [550]},
}
PICTURED = Pictured(GOOD, LATTICE, "HU")


def with_header(**changed: Any) -> Pictured:
    header = GOOD | {tag.removeprefix("t"): {"vr": "??", "Value": [value]} for tag, value in changed.items()}
    return replace(PICTURED, header=header)


def test_what_can_be_scored() -> None:
    assert refusals(PICTURED, Thresholds()) == []
    assert remarks(PICTURED, 3.0) == []


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (replace(PICTURED, unit="US"), "Hounsfield"),
        (with_header(t00080060="MR"), "Hounsfield"),
        (with_header(t00180060=100), "100 kVp"),
        (replace(PICTURED, header={tag: GOOD[tag] for tag in GOOD if tag != "00180060"}), "KVP"),
        (with_header(t00180010="Ultravist 370"), "contrast"),
        (with_header(t00181041=80), "contrast"),
        (with_header(t00180012={"00080100": {"vr": "SH", "Value": ["C-B0322"]}}), "contrast"),
        (with_header(t00080008="MIP"), "made from other images"),
        (with_header(t00180050=1.5), "1.5 mm thick and 3 mm apart"),
        (replace(PICTURED, flags=(Flag.UNEVEN_SPACING,)), "may be measured"),
        (replace(PICTURED, lattice=replace(LATTICE, gaps=(4,))), "evenly spaced"),
        (replace(PICTURED, lattice=replace(LATTICE, offsets=(0, 3, *range(7, 61, 3)))), "evenly spaced"),
        (replace(PICTURED, lattice=replace(LATTICE, along=(0, 1, 0), down=(0, 0, -1))), "axial"),
    ],
)
def test_what_can_not(of: Pictured, words: str) -> None:
    [said] = refusals(of, Thresholds())
    assert words in said


def test_a_declared_table_for_the_voltage() -> None:
    declared = Thresholds(100, (145, 222, 334, 446), "a publication")
    assert refusals(with_header(t00180060=100), declared) == []
    assert len(refusals(PICTURED, declared)) == 1


@pytest.mark.parametrize("said", ["NONE", "no contrast", " "])
def test_no_contrast_by_words(said: str) -> None:
    assert refusals(with_header(t00180010=said), Thresholds()) == []


def test_contrast_that_was_not_administered() -> None:
    header = GOOD | {"00180012": {"vr": "SQ", "Value": [{}]}, "00189342": {"vr": "CS", "Value": ["NO"]}}
    assert refusals(replace(PICTURED, header=header), Thresholds()) == []


def test_remarks() -> None:
    bare = {tag: GOOD[tag] for tag in ("00080060", "00180060")}
    found = remarks(replace(PICTURED, header=bare, flags=(Flag.OVERLAPPING,)), 1.0, 5001.0)
    assert found == ["contrast-unsaid", "not-gated", "unusual-step", "overlapping", "very-much"]
    assert all(told(each) != each for each in found)
    assert told("something else") == "something else"
