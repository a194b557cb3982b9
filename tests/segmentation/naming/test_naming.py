"""What a site's segmenters call things, and the standard's codes for them."""

from itertools import pairwise
from typing import Any

import pytest
from pydicom.sr.codedict import codes

from apps.segmentation.naming.anatomy import TISSUE, coded, every_code
from apps.segmentation.naming.segments import Unclear, colour_of, is_background, named, written
from apps.segmentation.objects.segments import Algorithm

BY = Algorithm("Organs", "1")


def test_every_code_is_the_standards() -> None:
    known = _meanings()
    for code in every_code():
        assert code.meaning in known[code.value], code


def _meanings() -> dict[str, set[str]]:
    """What the standard calls each code of SNOMED CT, as pydicom has it from PS3.16."""
    found: dict[str, set[str]] = {}
    for name in codes.SCT.dir():
        code = getattr(codes.SCT, name)
        found.setdefault(code.value, set()).add(code.meaning)
    return found


@pytest.mark.parametrize(
    ("name", "category", "type_", "side", "anatomy"),
    [
        ("spleen", "Anatomical Structure", "Spleen", "", ""),
        ("kidney_left", "Anatomical Structure", "Kidney", "Left", ""),
        ("Right Kidney", "Anatomical Structure", "Kidney", "Right", ""),
        ("rib_right_12", "Anatomical Structure", "Rib", "Right", ""),
        ("vertebrae_L5", "Anatomical Structure", "L5 vertebra", "", ""),
        ("heart_atrium_left", "Anatomical Structure", "Left atrium", "", ""),
        ("lung_middle_lobe_right", "Anatomical Structure", "Middle lobe of right lung", "", ""),
        ("lung_upper_lobe_right", "Anatomical Structure", "Upper lobe of lung", "Right", ""),
        ("liver tumor", "Morphologically Abnormal Structure", "Neoplasm", "", "Liver"),
        ("kidney_cyst_left", "Morphologically Abnormal Structure", "Cyst", "Left", "Kidney"),
        ("nodule", "Morphologically Abnormal Structure", "Nodule", "", ""),
        ("something_left", "Anatomical Structure", "Tissue", "Left", ""),
    ],
)
def test_names_have_codes(name: str, category: str, type_: str, side: str, anatomy: str) -> None:
    found = coded(name)
    assert (found.category.meaning, found.type.meaning) == (category, type_)
    assert (found.modifier.meaning, found.anatomy.meaning) == (side, anatomy)


def test_neighbours_have_colours_of_their_own() -> None:
    colours = [colour_of(number) for number in range(1, 256)]
    assert all(0 <= part <= 255 for colour in colours for part in colour)
    assert len(set(colours)) > 240
    for one, next_ in pairwise(colours):
        assert sum(abs(a - b) for a, b in zip(one, next_, strict=True)) > 60


def test_a_site_writes_names_or_codes() -> None:
    liver, other = written(
        {
            "7": {
                "label": "Stone",
                "category": {"value": "49755003", "scheme": "SCT", "meaning": "Morphologically Abnormal Structure"},
                "type": {"value": "56381008", "scheme": "SCT", "meaning": "Calculus"},
                "anatomy": {"value": "64033007", "scheme": "SCT", "meaning": "Kidney"},
                "modifier": {"value": "24028007", "scheme": "SCT", "meaning": "Right"},
                "colour": [1, 2, 3],
            },
            "2": "liver",
        },
        BY,
    )
    assert liver == named(2, "liver", BY)
    assert (other.number, other.label, other.type.meaning, other.colour) == (7, "Stone", "Calculus", (1, 2, 3))
    assert (other.anatomy.meaning, other.modifier.meaning, other.algorithm) == ("Kidney", "Right", BY)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ([], "segments"),
        ({}, "segments"),
        ({"0": "background"}, "segments.0"),
        ({"256": "liver"}, "segments.256"),
        ({"one": "liver"}, "segments.one"),
        ({"1": ""}, "segments.1.label"),
        ({"1": "a" * 65}, "segments.1.label"),
        ({"1": {"label": "a", "type": "liver"}}, "segments.1.type"),
        ({"1": {"label": "a", "type": {"value": "1" * 17, "scheme": "SCT", "meaning": "a"}}}, "segments.1.type"),
        ({"1": {"label": "a", "colour": [1, 2, 300]}}, "segments.1.colour"),
        ({"1": {"label": "a", "colour": "red"}}, "segments.1.colour"),
    ],
)
def test_what_cant_be_understood_is_refused(given: Any, where: str) -> None:
    with pytest.raises(Unclear, match=f"^{where}$"):
        written(given, BY)


def test_the_background_is_no_segment() -> None:
    assert is_background(" Background")
    assert not is_background("back")
    assert coded("background").type == TISSUE
