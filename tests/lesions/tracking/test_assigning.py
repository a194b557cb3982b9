"""Which lesion is which: the best of all assignments, within the gate, and never across organs."""

from itertools import permutations

import numpy as np
import pytest

from apps.lesions.tracking.assigning import MOST_LESIONS, Place, assign


def places(points, organs=None):
    return [Place(str(n), tuple(map(float, p)), organs[n] if organs else "") for n, p in enumerate(points)]


def told(pairs):
    return [(pair.before, pair.now) for pair in pairs]


def test_the_nearest_all_together_and_not_one_after_the_other():
    """Taken greedily the first would have the second's."""
    before = places([(0, 0, 0), (10, 0, 0)])
    now = places([(9, 0, 0), (18, 0, 0)])
    assert told(assign(before, now, 20)) == [("0", "0"), ("1", "1")]


def test_no_assignment_is_better():
    rng = np.random.default_rng(7)
    for _ in range(20):
        before, now = (rng.uniform(0, 40, (4, 3)) for _ in range(2))
        found = sum(pair.distance for pair in assign(places(before), places(now), 1000))
        costs = np.linalg.norm(before[:, None] - now[None], axis=-1)
        best = min(sum(costs[i, j] for i, j in enumerate(order)) for order in permutations(range(4)))
        assert found == pytest.approx(best, abs=1e-9)


def test_none_is_farther_than_the_gate():
    before, now = places([(0, 0, 0), (100, 0, 0)]), places([(0, 20, 0), (130, 0, 0)])
    (pair,) = assign(before, now, 20)
    assert (pair.before, pair.now, pair.distance) == ("0", "0", 20.0)


def test_as_many_as_possible():
    """The nearest pair alone would leave the other two without one."""
    before, now = places([(0, 0, 0), (10, 0, 0)]), places([(11, 0, 0), (29, 0, 0)])
    assert told(assign(before, now, 20)) == [("0", "0"), ("1", "1")]


def test_organs_are_kept_apart_where_they_are_known():
    before = places([(0, 0, 0), (5, 0, 0)], ["liver", "lung"])
    now = places([(0, 0, 0), (5, 0, 0)], ["lung", ""])
    assert told(assign(before, now, 20)) == [("0", "1"), ("1", "0")]


@pytest.mark.parametrize(("before", "now"), [([], []), ([(0, 0, 0)], []), ([], [(0, 0, 0)])])
def test_nothing_is_nothing(before, now):
    assert assign(places(before), places(now), 20) == []


def test_too_many_are_refused():
    with pytest.raises(ValueError, match="too many"):
        assign(places([(0, 0, 0)] * (MOST_LESIONS + 1)), places([(0, 0, 0)]), 20)
