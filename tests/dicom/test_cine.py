"""The rate at which a multi-frame image is played."""

from typing import Any

import pytest

from apps.dicom.cine import bounded, frame_rate
from apps.dicom.rendering import Rendering
from apps.dicom.viewport import Viewport


def rate_of(**elements: Any) -> float:
    values = {tag.removeprefix("T"): value if isinstance(value, list) else [value] for tag, value in elements.items()}
    return frame_rate({tag: {"vr": "DS", "Value": value} for tag, value in values.items()})


@pytest.mark.parametrize(
    ("elements", "rate"),
    [
        ({}, 10),
        ({"T00181063": 40}, 25),
        ({"T00181063": "40.0", "T00180040": 30}, 30),
        ({"T00181063": 40, "T00180040": 30, "T00082144": 15}, 15),
        ({"T00181065": [0, 100, 300]}, 5),
        ({"T00181063": 0}, 10),
        ({"T00181063": -5, "T00180040": 0}, 10),
        ({"T00181063": 0.001}, 60),
        ({"T00180040": "1e-9"}, 0.5),
        ({"T00180040": "fast"}, 10),
    ],
)
def test_the_rate_is_what_the_header_recommends_within_reason(elements: dict[str, Any], rate: float) -> None:
    """PS3.3 C.7.6.5"""
    assert rate_of(**elements) == pytest.approx(rate)


def test_a_movie_is_bounded_and_not_enlarged() -> None:
    assert bounded(Rendering(), 4000, 300, 640).viewport == Viewport(300, 640, enlarge=False)
    asked = Rendering(viewport=Viewport(5000, 100))
    assert bounded(asked, 10, 10, 640).viewport == Viewport(640, 100)
