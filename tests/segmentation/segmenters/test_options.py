"""What people set of a segmenter: within its bounds, or refused with words."""

from typing import Any

import pytest

from apps.saying import say
from apps.segmentation.segmenters.options import MOST_POINTS, Option, Unfit, taken

OPTIONS = (
    Option("threshold", say("Threshold"), 200.0, -900.0, 1500.0, "HU"),
    Option("found", say("Found"), None, 0.0, 10.0),
    Option("seeds", say("Seeds"), is_points=True),
)


def test_what_is_left_out_has_its_default() -> None:
    assert taken(OPTIONS, {}) == {"threshold": 200.0, "found": None, "seeds": []}
    given = {"threshold": 300, "found": 0, "seeds": [[1, 2.5, -3]]}
    assert taken(OPTIONS, given) == {"threshold": 300.0, "found": 0.0, "seeds": [[1.0, 2.5, -3.0]]}
    assert taken(OPTIONS, taken(OPTIONS, given)) == taken(OPTIONS, given)


@pytest.mark.parametrize("value", [1501, -901.0, float("nan"), float("inf"), "300", True, [300]])
def test_numbers_have_bounds(value: Any) -> None:
    with pytest.raises(Unfit, match=r"A number from -900\.0 to 1500\.0") as unfit:
        taken(OPTIONS, {"threshold": value})
    assert unfit.value.name == "threshold"


@pytest.mark.parametrize(
    "value", [5, [1, 2, 3], [[1, 2]], [[1, 2, "3"]], [[1, 2, 1e9]], [[0, 0, 0]] * (MOST_POINTS + 1)]
)
def test_points_are_few_and_have_three_numbers(value: Any) -> None:
    with pytest.raises(Unfit, match="At most 64 points"):
        taken(OPTIONS, {"seeds": value})


def test_others_are_unknown() -> None:
    with pytest.raises(Unfit, match="no such option"):
        taken(OPTIONS, {"depth": 300})
