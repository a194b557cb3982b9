"""What the target and the non-target lesions alone come to, with every edge of the rules."""

from fractions import Fraction
from itertools import combinations_with_replacement, product

import pytest

from apps.lesions.recist.findings import Finding, State
from apps.lesions.recist.nontargets import non_target_response
from apps.lesions.recist.responses import Response
from apps.lesions.recist.targets import sum_of, target_response

CR, PR, SD, NN, PD, NE = (
    Response.COMPLETE,
    Response.PARTIAL,
    Response.STABLE,
    Response.NEITHER,
    Response.PROGRESSIVE,
    Response.NOT_EVALUABLE,
)
GONE, SMALL, SEEN, GREW, UNKNOWN = (
    Finding(state) for state in (State.ABSENT, State.TOO_SMALL, State.PRESENT, State.PROGRESSED, State.NOT_EVALUABLE)
)


def mm(*sizes, nodes=()):
    return [*(Finding(State.MEASURED, size) for size in sizes), *(node(size) for size in nodes)]


def node(size):
    return Finding(State.MEASURED, size, is_node=True)


def response(findings, baseline, nadir):
    return target_response(findings, round(baseline * 1000), round(nadir * 1000))


@pytest.mark.parametrize(
    ("findings", "baseline", "nadir", "expected"),
    [
        # 30 % less than baseline, to the micrometre.
        (mm(70), 100, 100, PR),
        (mm(70.001), 100, 100, SD),
        (mm(35, 35), 100, 100, PR),
        # 20 % and 5 mm more than the smallest sum, to the micrometre; baseline is among them.
        (mm(60), 50, 50, PD),
        (mm(59.999), 50, 50, SD),
        (mm(24), 20, 20, SD),  # 20 %, but 4 mm
        (mm(25), 20, 20, PD),  # 25 %, and 5 mm
        (mm(24.999), 20, 20, SD),
        (mm(30), 25, 25, PD),  # both exactly
        (mm(55), 50, 50, SD),  # 5 mm, but 10 %
        # The nadir counts and not baseline: still less than at baseline, but progression.
        (mm(60), 100, 50, PD),
        (mm(59.999), 100, 50, PR),
        (mm(85), 100, 80, SD),
        # Gone: nothing is left, and nodes are below 10 mm.
        ([GONE, GONE], 40, 40, CR),
        (mm(0), 40, 40, CR),
        ([GONE, node(9.999)], 40, 40, CR),
        ([GONE, node(10)], 40, 40, PR),
        (mm(nodes=[9, 9]), 30, 9, CR),  # twice the nadir, and still normal
        (mm(nodes=[10, 9]), 30, 12, PD),
        ([GONE, Finding(State.TOO_SMALL, is_node=True)], 40, 40, CR),
        # Too small to measure is 5 mm, and not gone.
        ([SMALL], 10, 10, PR),
        ([SMALL, SMALL], 12, 12, SD),
        ([SMALL], 10, 0, PD),
        # What could not be evaluated: progression needs no more than what is known, anything else does.
        ([*mm(80), UNKNOWN], 50, 50, PD),
        ([*mm(60), UNKNOWN], 50, 50, PD),
        ([*mm(59), UNKNOWN], 50, 50, NE),
        ([*mm(10), UNKNOWN], 50, 50, NE),
        ([GONE, UNKNOWN], 50, 50, NE),
        ([SEEN], 50, 50, NE),
        ([GREW], 50, 50, NE),
        ([], 0, 0, None),
    ],
)
def test_response_of_targets(findings, baseline, nadir, expected):
    assert response(findings, baseline, nadir) is expected


def test_a_baseline_that_is_not_known():
    assert target_response(mm(20), None, None) is NE
    assert target_response(mm(20), None, 10_000) is PD
    assert target_response([GONE], None, None) is CR


def expected_of(sizes, baseline, nadir):
    """The rules once more, as the paper writes them and in fractions."""
    total, baseline, nadir = sum(map(Fraction, sizes)), Fraction(baseline), Fraction(nadir)
    if all(size == 0 for size in sizes):
        return CR
    if total >= nadir * Fraction(120, 100) and total - nadir >= 5:
        return PD
    return PR if total <= baseline * Fraction(70, 100) else SD


SIZES = [0, Fraction(1, 10), 4, 5, 7, 10, Fraction(121, 10), 14, 20, 21, 25, 30, 36, 50]


def test_every_pair_of_sizes_against_every_baseline_and_nadir():
    seen = set()
    for sizes in combinations_with_replacement(SIZES, 2):
        for baseline, nadir in product((10, 20, 30, 50, 100), (0, 4, 10, 20, 25, 30, 50, 100)):
            if nadir <= baseline:
                found = response(mm(*map(float, sizes)), baseline, nadir)
                assert found is expected_of(sizes, baseline, nadir), (sizes, baseline, nadir)
                seen.add(found)
    assert seen == {CR, PR, SD, PD}


def test_a_sum_of_what_is_not_all_known_is_none():
    assert sum_of(mm(10.25, 3)) == 13_250
    assert sum_of([*mm(10), UNKNOWN]) is None
    assert sum_of([]) is None


def non_target_by_the_paper(states, is_node):
    gone = {State.ABSENT, State.MEASURED, State.TOO_SMALL} if is_node else {State.ABSENT}
    if State.PROGRESSED in states:
        return PD
    if State.NOT_EVALUABLE in states:
        return NE
    return CR if set(states) <= gone else NN


def test_every_combination_of_up_to_three_non_targets():
    """Measured at 9 mm: of a node that is normal."""
    several = [states for count in (1, 2, 3) for states in product(State, repeat=count)]
    for states, is_node in product(several, (False, True)):
        findings = [Finding(state, 9.0 if state is State.MEASURED else None, is_node=is_node) for state in states]
        assert non_target_response(findings) is non_target_by_the_paper(states, is_node), (states, is_node)


def test_without_non_targets_there_is_no_response_of_them():
    assert non_target_response([]) is None


@pytest.mark.parametrize(("state", "size"), [(State.MEASURED, None), (State.ABSENT, 4.0)])
def test_what_is_measured_has_a_size_and_nothing_else(state, size):
    with pytest.raises(ValueError, match="has a size"):
        Finding(state, size)


@pytest.mark.parametrize("size", [-1.0, 2001.0, float("nan")])
def test_sizes_that_can_not_be(size):
    with pytest.raises(ValueError, match="large"):
        Finding(State.MEASURED, size)
