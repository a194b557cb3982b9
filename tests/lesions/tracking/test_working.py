"""The whole of it, as it runs in a process of its own."""

import numpy as np
import pytest

from apps.analysis.apart.asking import answer
from apps.analysis.apart.refusing import Unanswerable
from apps.lesions.tracking.working import is_imaged, track
from apps.volumes.geometry.written import to_json
from tests.lesions.bodies import Motion, body, moved

FUNCTION = "apps.lesions.tracking.working:track"
MOTION = Motion.of((3, -4, 5), (12, -8, 250))
LIVER, LUNG, HIGH, GONE = (60, 10, -70), (-70, 0, 20), (0, 0, 150), (0, 60, -60)


def handed(voxels, path):
    np.save(path, voxels.values)
    return {
        "values": str(path),
        "shape": list(voxels.values.shape),
        "lattice": to_json(voxels.lattice),
        "slope": voxels.slope,
        "intercept": voxels.intercept,
        "unit": voxels.unit,
        "outside": voxels.outside,
    }


def told(key, point):
    return {"key": key, "point": list(point)}


@pytest.fixture
def asked(tmp_path):
    """One lesion has moved by a little, one is gone, one lies above what was imaged, and one is new."""
    follow_up = moved(body(seed=2, count=28), MOTION)
    return {
        "baseline": handed(body(), tmp_path / "baseline.npy"),
        "followUp": handed(follow_up, tmp_path / "followUp.npy"),
        "before": [told("liver", LIVER), told("lung", LUNG), told("high", HIGH), told("gone", GONE)],
        "now": [told("x", MOTION((0, -60, 30))), told("y", MOTION((62, 12, -68))), told("z", MOTION(LUNG))],
        "gate": 20.0,
    }


def check(found):
    assert [(pair["before"], pair["now"]) for pair in found["pairs"]] == [("liver", "y"), ("lung", "z")]
    assert max(pair["distance"] for pair in found["pairs"]) < 8
    assert (found["missing"], found["outside"], found["new"]) == (["gone"], ["high"], ["x"])
    assert np.linalg.norm(np.subtract(found["expected"]["gone"], MOTION(GONE))) < 3


def test_lesions_are_found_again_missed_and_new(asked):
    check(track(asked, lambda done, total: None))


def test_it_runs_in_a_process_of_its_own(asked):
    heard = []
    check(answer(FUNCTION, asked, lambda done, total: heard.append((done, total))))
    # In between it is told only that it is alive.
    assert [each for each in heard if each != (0, 0)] == [(0, 3), (1, 3), (2, 3)]


def test_volumes_that_do_not_fit_are_not_answered(asked, tmp_path):
    noise = np.random.default_rng(1).integers(0, 2000, asked["followUp"]["shape"], dtype=np.int16)
    np.save(tmp_path / "followUp.npy", noise)
    with pytest.raises(Unanswerable) as error:
        track(asked, lambda done, total: None)
    assert error.value.reason == "not-alike"
    assert abs(error.value.values["similarity"]) < 0.3


@pytest.mark.parametrize(("place", "expected"), [((0, 0, 0), True), ((204, 0, 0), False), ((0, 0, -162), False)])
def test_what_was_imaged(place, expected):
    assert is_imaged(body().lattice, place) is expected
