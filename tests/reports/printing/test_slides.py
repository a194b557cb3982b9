"""Slides: what stands on them, and what does not where nobody may be known."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pptx import Presentation

from apps.dicom.sr_tree import NO_CODE
from apps.reports.content.document import Passage, Statement
from apps.reports.printing import decks, slides
from apps.reports.printing.decks import anonymous, deck_of, without_names
from apps.reports.printing.parts import Picture
from tests.reports.printing import documents
from tests.reports.printing.documents import document

PICTURE = Picture("0.jpg", 640, 480, "Axial, slice 12", "Axial CT image")


def told(said: str) -> decks.Document:
    """A document with this in a section."""
    return replace(document(), passages=(Passage("F", NO_CODE, (Statement("", said),)),))


def test_everything_has_its_slide() -> None:
    deck = deck_of(document(), [PICTURE], str)
    assert deck.title == "CT of the head"
    assert deck.lines[0] == "Doe, Jane, PID-4711, 1964-02-29"
    titles = [each.title for each in deck.slides]
    assert titles == ["Clinical information", "Findings", "Impression", "Axial, slice 12", "Measurements"]
    assert deck.slides[-1].rows[1] == ("Lesion, long axis", "12 mm", "+20 %")


def test_long_texts_go_on_on_the_next_slide() -> None:
    deck = deck_of(told("\n".join(f"line {number}" for number in range(30))), [], str)
    findings = [each for each in deck.slides if each.title == "F"]
    assert [len(each.lines) for each in findings] == [12, 12, 6]
    assert [line for each in findings for line in each.lines] == [f"line {number}" for number in range(30)]


def test_slides_are_bounded() -> None:
    assert len(deck_of(told("x\n" * 100_000), [], str).slides) == decks.MOST_SLIDES


def test_what_can_not_be_written_is_left_out() -> None:
    deck = deck_of(told("a\x00b\u202ec"), [], str)
    assert deck.slides[0].lines == ("abc",)


def test_nobody_is_known_by_an_anonymous_case() -> None:
    said = "Mrs DOE (pid-4711), known as Jane, has grown; a doer. Doe's nodule."
    made = anonymous(replace(told(said), examination=replace(document().examination, description="CT of Doe")))
    everything = f"{made} {deck_of(made, [], str)}"
    for known in ("Jane", "DOE", "Doe^", "4711", "1964", "2026", "A-2026", "Lindenhof", "Weber", "Martin", "1.2.3.4"):
        assert known not in everything
    assert made.passages[0].statements[0].text == "Mrs […] ([…]), known as […], has grown; a doer. […]'s nodule."
    assert made.patient.sex == "F"
    assert made.measurements[0].change == 20.0


def test_chinese_names_are_taken_out_too() -> None:
    made = anonymous(replace(document("zh-hans"), passages=(Passage("F", statements=(Statement("", "患者王小东"),)),)))
    assert made.passages[0].statements[0].text == "患者[…][…]"


def test_captions_lose_the_name() -> None:
    assert without_names(document(), "Jane Doe, slice 3") == "[…] […], slice 3"
    assert without_names(replace(document(), patient=replace(document().patient, name="", identifier="")), "x") == "x"


@pytest.fixture
def show(tmp_path: Path) -> Presentation:
    (tmp_path / "0.jpg").write_bytes(documents.picture())
    deck = deck_of(document(), [PICTURE], str)
    (tmp_path / slides.DECK).write_text(json.dumps(deck.as_json()))
    asked = {"folder": str(tmp_path), "made": "2026-11-02T14:05:09+00:00"}
    assert slides.slides(asked, lambda done, total: None) == {"slides": 6}
    return Presentation(str(tmp_path / slides.MADE))


def test_file_holds_text_table_and_picture(show: Presentation) -> None:
    texts = [shape.text_frame.text for slide in show.slides for shape in slide.shapes if shape.has_text_frame]
    assert "CT of the head" in texts
    assert any("Headache" in each for each in texts)
    table = next(shape.table for slide in show.slides for shape in slide.shapes if shape.has_table)
    assert [cell.text for cell in table.rows[1].cells] == ["Lesion, long axis", "12 mm", "+20 %"]


def test_picture_keeps_its_shape_within_the_slide(show: Presentation) -> None:
    picture = next(shape for slide in show.slides for shape in slide.shapes if shape.shape_type == 13)
    assert picture.width / picture.height == pytest.approx(640 / 480, rel=1e-3)
    assert picture.top + picture.height <= show.slide_height
    assert picture.left >= 0
    assert picture._element.nvPicPr.cNvPr.get("descr") == "Axial CT image"


def test_file_tells_of_nobody(show: Presentation) -> None:
    properties = show.core_properties
    assert (properties.author, properties.last_modified_by) == ("Fovea", "Fovea")
    assert (properties.created.year, properties.modified.year) == (2026, 2026)
