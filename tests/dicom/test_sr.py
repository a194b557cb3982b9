"""The content tree of structured reports: read from anything, within bounds, and never as markup."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dicom import sr_tree
from apps.dicom.spoken import spoken_date, spoken_name, spoken_time
from apps.dicom.sr_html import MAX_PREVIEWS, report_page
from apps.dicom.sr_text import report_text
from apps.dicom.sr_tree import content_tree

TAGS = st.sampled_from(
    ["0040A730", "0040A040", "0040A043", "0040A168", "0040A300", "0040A160", "00081199", "00081155", "00700022"]
)
SCALARS = st.none() | st.floats() | st.text(max_size=12) | st.sampled_from(["NUM", "CONTAINER", "SCOORD", "IMAGE"])
ELEMENTS = st.recursive(
    st.fixed_dictionaries({"Value": st.lists(SCALARS, max_size=3)}),
    lambda inner: st.fixed_dictionaries({"Value": st.lists(st.dictionaries(TAGS, inner, max_size=4), max_size=3)}),
    max_leaves=12,
)


def element(*values: Any) -> dict[str, Any]:
    return {"vr": "SQ", "Value": list(values)}


@given(st.dictionaries(TAGS, ELEMENTS, max_size=6))
def test_any_tree_is_read_and_written_without_markup_of_its_own(attributes: dict[str, Any]) -> None:
    page = report_page(attributes, lambda reference: f"/{reference.sop_instance_uid}")
    assert page.count("<html") == 1
    assert "<script" not in page
    assert report_text(attributes)


def test_a_tree_is_read_to_a_depth() -> None:
    """What is nested deeper can't exhaust the stack."""
    attributes: dict[str, Any] = {"0040A160": element("deepest")}
    for _ in range(500):
        attributes = {"0040A040": element("CONTAINER"), "0040A730": element(attributes)}
    depth, item = 0, content_tree(attributes)
    while item.items:
        depth, item = depth + 1, item.items[0]
    assert depth == sr_tree.MAX_DEPTH


def test_a_tree_is_read_to_a_number_of_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sr_tree, "MAX_ITEMS", 10)
    attributes = {"0040A730": element(*({"0040A040": element("TEXT")} for _ in range(50)))}
    assert len(content_tree(attributes).items) == 10


def test_previews_are_bounded() -> None:
    reference = {"00081155": element("1.2.3")}
    image = {"0040A040": element("IMAGE"), "00081199": element(reference)}
    page = report_page({"0040A730": element(*[image] * (MAX_PREVIEWS + 5))}, lambda _: "/here")
    assert page.count("<img") == MAX_PREVIEWS
    assert page.count("/here/rendered") == MAX_PREVIEWS + 5


def test_an_item_by_reference_names_its_place() -> None:
    """PS3.3 C.17.3.2.5"""
    root = content_tree({"0040A730": element({"0040A040": element("TEXT-LIKE"), "0040DB73": element(1, 2, 3)})})
    assert root.items[0].value == "see item 1.2.3"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("20240229", "2024-02-29"),
        ("20240229101530", "2024-02-29 10:15:30"),
        ("202402291015", "2024-02-29 10:15"),
        ("20240229101530.123456+0100", "2024-02-29 10:15:30 +01:00"),
        ("2024.02.29", "2024.02.29"),
        ("", ""),
    ],
)
def test_dates_are_written_as_people_do(written: str, said: str) -> None:
    assert spoken_date(written) == said


@pytest.mark.parametrize(
    ("written", "said"), [("101530.5", "10:15:30"), ("1015", "10:15"), ("10", "10"), ("10:15", "10:15"), ("x", "x")]
)
def test_times_are_written_as_people_do(written: str, said: str) -> None:
    assert spoken_time(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Doe^Jane^Mary", "Doe, Jane Mary"),
        ("Doe", "Doe"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou"),
        ("^Jane", "Jane"),
    ],
)
def test_names_are_written_as_people_do(written: str, said: str) -> None:
    assert spoken_name(written) == said
