"""Key Object Selections: those of other programs, and the report's own."""

from dataclasses import replace
from pathlib import Path

import pytest

from apps.reports.objects.kos import selection, selection_of
from tests import dicoms
from tests.documents import KEY_OBJECTS, code, image, item, report
from tests.reports.objects import documents
from tests.reports.objects.documents import DOCUMENT, SERIES, SLICE, header_of
from tests.video.objects.validator import errors

FIRST = dicoms.uid(1, 1, 1)


def own() -> bytes:
    made = selection(DOCUMENT, documents.header(), series=SERIES)
    assert made is not None
    return made


def test_the_images_that_a_note_names_are_found_where_they_belong() -> None:
    found = selection_of(header_of(report(image(FIRST, frame=4), image(FIRST), sop_class=KEY_OBJECTS)))
    assert found is not None
    assert found.is_of_interest
    assert [(each.sop_instance_uid, each.series_uid, each.frame) for each in found.images] == [
        (FIRST, dicoms.SERIES_UID, 4), (FIRST, dicoms.SERIES_UID, 1),
    ]  # fmt: skip


def test_images_that_are_no_evidence_lie_nowhere_and_are_left_out() -> None:
    found = selection_of(header_of(report(image("1.2.3"), item("TEXT", "x", TextValue="y"), sop_class=KEY_OBJECTS)))
    assert found is not None
    assert found.images == ()


def test_rejected_images_are_not_of_interest() -> None:
    rejected = [code("Rejected for Quality Reasons", "113001", "DCM")]
    found = selection_of(header_of(report(image(FIRST), sop_class=KEY_OBJECTS, ConceptNameCodeSequence=rejected)))
    assert found is not None
    assert not found.is_of_interest


def test_another_report_is_no_selection() -> None:
    assert selection_of(header_of(report(image(FIRST)))) is None


def test_the_reports_own_comes_back() -> None:
    found = selection_of(header_of(own()))
    assert found is not None
    assert (found.title.value, found.description) == ("113020", SLICE.caption)
    assert found.images == (replace(SLICE, caption=""),)


def test_dciodvfy_finds_no_error(tmp_path: Path) -> None:
    path = tmp_path / "selection.dcm"
    path.write_bytes(own())
    assert errors(path) == []


@pytest.mark.parametrize("images", [(), (documents.PRIOR,)], ids=["none", "of another study"])
def test_there_is_none_without_images_of_the_study(images: tuple[()]) -> None:
    assert selection(replace(DOCUMENT, key_images=images), documents.header(), series=SERIES) is None
