"""What may be asked, and what is wrong with the rest."""

from typing import Any

import pytest

from apps.calcium.parameters import CalciumParameters

BALL = {"vessel": "LAD", "centre": [0, 0, 0], "radius": 5}
LESION = {"vessel": "RCA", "point": [1, 2, 3]}


def errors(**given: Any) -> dict[str, Any]:
    read = CalciumParameters(data={"volume": 1, **given})
    read.is_valid()
    return dict(read.errors)


@pytest.mark.parametrize(
    "given",
    [
        {"segmentation": 3},
        {"lesions": [LESION]},
        {"regions": [BALL, {"vessel": "LM", "low": [0, 0, 0], "high": [1, 1, 1]}]},
        {"regions": [BALL], "thresholds": {"kvp": 100, "limits": [145, 222, 334, 446], "citation": "somebody"}},
        {"regions": [BALL], "smoker": "no", "totalCholesterol": 190, "calibration": 0.8},
    ],
)
def test_what_may_be_asked(given: dict[str, Any]) -> None:
    assert errors(**given) == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "segmentation"),
        ({"lesions": []}, "segmentation"),
        ({"lesions": [LESION], "segmentation": 3}, "segmentation"),
        ({"lesions": [{**LESION, "vessel": "aorta"}]}, "lesions"),
        ({"lesions": [{**LESION, "point": [1, 2]}]}, "lesions"),
        ({"lesions": [LESION] * 201}, "lesions"),
        ({"regions": [BALL] * 51}, "regions"),
        ({"regions": [{"vessel": "LAD", "centre": [0, 0, 0]}]}, "regions"),
        ({"regions": [{**BALL, "low": [0, 0, 0], "high": [1, 1, 1]}]}, "regions"),
        ({"regions": [{"vessel": "LM", "low": [0, 0, 0], "high": [1, 0, 1]}]}, "regions"),
        ({"segmentation": 3, "thresholds": {"kvp": 100, "limits": [145, 140, 334, 446], "citation": "some"}},
         "thresholds"),
        ({"segmentation": 3, "thresholds": {"kvp": 100, "limits": [145, 222, 334, 446]}}, "thresholds"),
        ({"segmentation": 3, "smoker": "maybe"}, "smoker"),
        ({"segmentation": 3, "age": 121}, "age"),
    ],
)  # fmt: skip
def test_what_may_not(given: dict[str, Any], field: str) -> None:
    assert list(errors(**given)) == [field]
