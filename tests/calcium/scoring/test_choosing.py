"""Which voxels count for which vessel."""

import numpy as np
import pytest

from apps.analysis.apart.refusing import Unanswerable
from apps.calcium.scoring.agatston import at_least, score
from apps.calcium.scoring.choosing import Lesion, Region, by_lesions, by_regions
from apps.calcium.scoring.thresholds import Thresholds
from apps.calcium.scoring.vessels import NUMBERS, Vessel, vessel_of
from apps.dicom.sr_tree import Code
from apps.segmentation.objects.segments import Segment
from apps.volumes.geometry.lattice import Vector
from tests.calcium.hearts import RODS, TISSUE, rods, voxels

HEART = rods(3.0, 0.5)
BRIGHT = at_least(HEART, 130)
LAD, RCA = NUMBERS[Vessel.LAD], NUMBERS[Vessel.RCA]


def in_rod(number: int, z: float = 30.0) -> Vector:
    return RODS[number][0], RODS[number][1], z


def test_lesions_are_whole_and_no_others() -> None:
    labels = by_lesions(BRIGHT, HEART.lattice, [Lesion(Vessel.LAD, in_rod(0)), Lesion(Vessel.RCA, in_rod(3))])
    found = score(HEART, labels, [LAD, RCA], Thresholds()).scores
    assert found[LAD].agatston == pytest.approx(np.pi * 25 * 10, rel=0.02)
    assert found[RCA].agatston == pytest.approx(np.pi * 36 * 4 * 10, rel=0.02)


def test_a_place_may_be_near_the_lesion() -> None:
    x, y, z = in_rod(0)
    labels = by_lesions(BRIGHT, HEART.lattice, [Lesion(Vessel.LAD, (x, y + 7.5, z)), Lesion(Vessel.LAD, in_rod(0))])
    assert np.count_nonzero(labels) == np.count_nonzero(
        by_lesions(BRIGHT, HEART.lattice, [Lesion(Vessel.LAD, (x, y, z))])
    )


@pytest.mark.parametrize(
    ("lesions", "reason", "number"),
    [
        ([Lesion(Vessel.LAD, (22.0, 24.0, 30.0))], "nothing-there", 1),
        ([Lesion(Vessel.LAD, in_rod(0)), Lesion(Vessel.LAD, (1e4, 1e4, 1e4))], "nothing-there", 2),
        ([Lesion(Vessel.LAD, in_rod(0)), Lesion(Vessel.RCA, in_rod(0, 20))], "in-two-vessels", 2),
    ],
)
def test_places_that_are_none(lesions: list[Lesion], reason: str, number: int) -> None:
    with pytest.raises(Unanswerable) as error:
        by_lesions(BRIGHT, HEART.lattice, lesions)
    assert (error.value.reason, error.value.values) == (reason, {"number": number})


def test_bone_is_no_lesion() -> None:
    values = np.full((12, 40, 40), TISSUE, np.int16)
    values[2:10, 5:35, 5:35] = 700
    bone = voxels(values, (3.0, 1.0, 1.0))
    with pytest.raises(Unanswerable, match="too-large"):
        by_lesions(at_least(bone, 130), bone.lattice, [Lesion(Vessel.LAD, (20, 20, 15))])


@pytest.mark.parametrize("tilt", [0, 20])
def test_regions(tilt: float) -> None:
    heart = rods(3.0, 1.0, tilt)
    bright = at_least(heart, 130)
    x, y, z = heart.lattice.point(10, RODS[3][1], RODS[3][0])
    ball, box = Region(Vessel.LAD, (x, y, z), radius=4.3), Region(Vessel.RCA, (x - 9, -99, 20), (x - 4.5, 99, 44))
    labels = by_regions(bright, heart.lattice, [ball, box])
    places = np.argwhere(bright)
    points = np.array([heart.lattice.point(*place) for place in places.tolist()])
    in_ball = np.linalg.norm(points - (x, y, z), axis=1) <= 4.3
    in_box = (np.abs(points[:, 0] - x + 6.75) <= 2.25) & (np.abs(points[:, 2] - 32) <= 12)
    assert in_ball.any()
    assert in_box.any()
    assert labels[tuple(places.T)].tolist() == (in_ball * LAD + in_box * RCA).tolist()
    assert np.count_nonzero(labels) == np.count_nonzero(in_ball) + np.count_nonzero(in_box)


def test_regions_without_calcium() -> None:
    assert not by_regions(BRIGHT, HEART.lattice, [Region(Vessel.LM, (22, 24, 30), radius=1)]).any()
    assert not by_regions(BRIGHT, HEART.lattice, [Region(Vessel.LM, (1e4, 0, 0), radius=9)]).any()


def test_regions_that_overlap() -> None:
    regions = [Region(vessel, in_rod(2), radius=6) for vessel in (Vessel.LAD, Vessel.LCX)]
    with pytest.raises(Unanswerable, match="in-two-vessels"):
        by_regions(BRIGHT, HEART.lattice, regions)


CALCIUM = Code("Calcium", "5540006", "SCT")


def segment(label: str, type_: Code = CALCIUM, anatomy: Code = CALCIUM) -> Segment:
    return Segment(1, label, CALCIUM, type_, anatomy)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (segment("x", Code("Left Main Coronary Artery", "3227004", "SCT")), Vessel.LM),
        (segment("x", CALCIUM, Code("Distal RCA", "41879009", "SCT")), Vessel.RCA),
        (segment("LCx", Code("Coronary artery", "41801008", "SCT")), Vessel.LCX),
        (segment("all", Code("Coronary artery", "41801008", "SCT")), Vessel.CORONARY),
        (segment("x", Code("not SNOMED", "3227004", "99X")), None),
        (segment("calcium_LAD-2"), Vessel.LAD),
        (segment("Left main"), Vessel.LM),
        (segment("Right coronary artery"), Vessel.RCA),
        (segment("left anterior descending coronary artery"), Vessel.LAD),
        (segment("Coronary calcium"), Vessel.CORONARY),
        (segment("Aortic valve"), None),
        (segment("glad"), None),
    ],
)
def test_which_vessel_a_segment_is(given: Segment, expected: Vessel | None) -> None:
    assert vessel_of(given) is expected
