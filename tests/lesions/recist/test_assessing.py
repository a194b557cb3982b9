"""Studies one after the other: baseline, nadir, what is back after a complete response; and the choice of targets."""

import pytest

from apps.lesions.recist.assessing import TimePoint, assess
from apps.lesions.recist.choosing import Candidate, objections
from apps.lesions.recist.findings import Finding, State
from apps.lesions.recist.responses import Response

ABSENT, PRESENT, UNKNOWN = (Finding(each) for each in (State.ABSENT, State.PRESENT, State.NOT_EVALUABLE))
NODE_GONE, NODE_SEEN = (Finding(each, is_node=True) for each in (State.ABSENT, State.PRESENT))


def at(*sizes, others=(), new=False):
    return TimePoint(tuple(Finding(State.MEASURED, size) for size in sizes), tuple(others), new)


def overall(*points):
    return [each.overall for each in assess(points)][1:]


def test_nadir_is_the_smallest_sum_so_far_and_not_the_last():
    done = assess([at(60, 40), at(30, 30), at(35, 35), at(36, 36)])
    assert [each.sum_mm for each in done] == [100, 60, 70, 72]
    assert [each.nadir_mm for each in done] == [None, 100, 60, 60]
    assert [each.overall for each in done] == [None, *map(Response, ("PR", "PR", "PD"))]
    assert (done[3].of_baseline, done[3].of_nadir) == (-28, 20)


def test_nadir_may_be_baseline():
    assert overall(at(50), at(55), at(60)) == [Response.STABLE, Response.PROGRESSIVE]


def test_a_study_that_could_not_be_evaluated_is_no_nadir():
    missing = TimePoint((Finding(State.MEASURED, 10.0), UNKNOWN))
    done = assess([at(30, 30), missing, at(30, 30)])
    assert [each.nadir_mm for each in done] == [None, 60, 60]
    assert [each.sum_mm for each in done] == [60, None, 60]
    assert overall(at(30, 30), missing, at(30, 30)) == [Response.NOT_EVALUABLE, Response.STABLE]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (TimePoint((Finding(State.MEASURED, 3.0),), (ABSENT,)), Response.PROGRESSIVE),
        (TimePoint((Finding(State.TOO_SMALL),), (ABSENT,)), Response.PROGRESSIVE),
        (TimePoint((ABSENT,), (PRESENT,)), Response.PROGRESSIVE),
        (TimePoint((ABSENT,), (NODE_SEEN,)), Response.PARTIAL),
        (TimePoint((ABSENT,), (ABSENT,)), Response.COMPLETE),
        (TimePoint((UNKNOWN,), (ABSENT,)), Response.NOT_EVALUABLE),
    ],
)
def test_what_is_back_after_a_complete_response_is_progression(later, expected):
    gone = TimePoint((ABSENT,), (ABSENT,))
    baseline = at(20, others=[PRESENT])
    assert overall(baseline, gone, later) == [Response.COMPLETE, expected]


def test_what_could_not_be_evaluated_does_not_end_a_complete_response():
    gone, unknown, back = TimePoint((ABSENT,)), TimePoint((UNKNOWN,)), at(3)
    expected = [Response.COMPLETE, Response.NOT_EVALUABLE, Response.PROGRESSIVE]
    assert overall(at(20), gone, unknown, back) == expected


def test_a_lesion_that_is_back_without_a_complete_response_is_no_progression_by_itself():
    assert overall(at(20, 20), at(20, 0), at(20, 4)) == [Response.PARTIAL, Response.PARTIAL]


def test_non_targets_alone():
    points = [
        TimePoint((), (PRESENT,)),
        TimePoint((), (PRESENT,)),
        TimePoint((), (ABSENT,)),
        TimePoint((), (ABSENT,), True),
    ]
    assert overall(*points) == [Response.NEITHER, Response.COMPLETE, Response.PROGRESSIVE]


def test_new_lesions_are_progression_whatever_the_sum():
    assert overall(at(40), at(10, new=True)) == [Response.PROGRESSIVE]


@pytest.mark.parametrize("points", [[], [TimePoint()], [TimePoint(), at(10)]])
def test_baseline_has_lesions(points):
    with pytest.raises(ValueError, match="baseline"):
        assess(points)


LIVER, LUNG = Candidate("liver", 12), Candidate("lung", 30)
NODE = Candidate("axilla", 15, is_node=True)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ([], []),
        ([LIVER, LIVER, LUNG, LUNG, NODE], []),
        ([LIVER, LIVER, LUNG, LUNG, NODE, NODE], ["at most 5"]),
        ([LIVER, LIVER, LIVER], ["of an organ"]),
        ([NODE, Candidate("groin", 20, is_node=True), NODE], ["of an organ"]),
        ([Candidate("liver", 10)], []),
        ([Candidate("liver", 9.99)], ["diameter of 10 mm"]),
        ([Candidate("axilla", 14.99, is_node=True)], ["short axis of 15 mm"]),
        ([Candidate("liver", 10, thickness_mm=5)], []),
        ([Candidate("liver", 13.9, thickness_mm=7)], ["diameter of 14 mm"]),
        ([Candidate("liver", 14, thickness_mm=7)], []),
    ],
)
def test_which_lesions_may_be_targets(targets, words):
    found = list(objections(targets))
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))
