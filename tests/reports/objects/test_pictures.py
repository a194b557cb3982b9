"""Key images as pictures: their window, and what was drawn in them."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.core.errors import Unavailable
from apps.measurements.content import concepts
from apps.reports import pictures
from apps.reports.content.entries import KeyImage
from apps.reports.pictures import Picture, picture_of, pictures_of
from tests import dicoms
from tests.measurements.measured import coded, drawn, group, instead_of, length, report, store, value
from tests.reports.objects.documents import CT, DOCUMENT, SLICE

SIDE = 480
INK = np.array((255, 221, 64))
SECOND = replace(SLICE, sop_instance_uid=dicoms.uid(1, 1, 2), caption="")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, no_heartbeat: None) -> None:
    """Pictures that are quick to look through; the tests do their jobs themselves."""
    monkeypatch.setattr(pictures, "SIDE", SIDE)


@pytest.fixture
def who(practice: Practice) -> Principal:
    return Principal.worker(practice.pk)


def pixels(picture: Picture) -> Any:
    return np.asarray(Image.open(io.BytesIO(picture.jpeg)), np.int16)


def inked(picture: Picture) -> Any:
    """Rows and columns of what is drawn, in parts of the picture's sides."""
    rows, columns = np.nonzero(np.abs(pixels(picture) - INK).sum(axis=2) < 120)
    return rows / picture.height, columns / picture.width


def test_an_image_is_shown_large_with_its_caption(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice())
    picture = picture_of(SLICE, who, 2)
    assert (picture.width, picture.height, picture.name) == (SIDE, SIDE, "key-image-2")
    assert (picture.caption, picture.alt) == (SLICE.caption, SLICE.caption)
    assert Image.open(io.BytesIO(picture.jpeg)).format == "JPEG"


def test_the_window_is_the_key_images(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice())
    dark = picture_of(replace(SLICE, center=100_000.0, width=10.0), who)
    bright = picture_of(replace(SLICE, center=-100_000.0, width=10.0), who)
    assert pixels(dark).max() < 8
    assert pixels(bright).min() > 247


def test_pixels_that_are_not_square_are_shown_square(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice(PixelSpacing=[2.0, 1.0]))
    picture = picture_of(SLICE, who)
    assert (picture.width, picture.height) == (SIDE // 2, SIDE)


def test_what_was_measured_is_drawn_where_it_is_and_said(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice(), report(length(label="Tumour")))
    picture = picture_of(SLICE, who)
    rows, columns = inked(picture)
    # The line goes from (10.5, 20.5) to (40.5, 60.5) of 64 pixels; the words are beside its lower end.
    above = rows < 0.8
    away = (columns[above] - 10.5 / 64) * 40 - (rows[above] - 20.5 / 64) * 30
    assert above.sum() > 200
    assert np.abs(away).max() < 0.5
    assert (columns.min(), rows.min()) == pytest.approx((10.5 / 64, 20.5 / 64), abs=0.01)
    assert picture.alt == f"{SLICE.caption}: Tumour, 50 mm"


def test_without_annotations_nothing_is_drawn(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice(), report(length()))
    picture = picture_of(replace(SLICE, has_annotations=False), who)
    assert len(inked(picture)[0]) == 0


@pytest.mark.parametrize(
    ("tool", "graphic", "points"),
    [
        ("ArrowAnnotate", "POLYLINE", (10, 10, 30, 30)), ("Probe", "POINT", (32, 32)),
        ("CircleROI", "CIRCLE", (32, 32, 40, 32)), ("EllipticalROI", "ELLIPSE", (20, 32, 44, 32, 32, 24, 32, 40)),
        ("CobbAngle", "POLYLINE", (5, 5, 30, 8, 5, 40, 30, 50)), ("Angle", "MULTIPOINT", (5, 5, 30, 8, 5, 40)),
    ],
)  # fmt: skip
def test_each_kind_of_figure_is_drawn_where_it_is(
    practice: Practice, who: Principal, tool: str, graphic: str, points: tuple[float, ...]
) -> None:
    place = value(0.0, concepts.CENTRE, concepts.NO_UNIT, drawn(points, graphic))
    store(practice, dicoms.ct_slice(), report(group(place, tool=tool)))
    rows, columns = inked(picture_of(SLICE, who))
    assert len(rows) > 20
    low, high = min(points) / 64 - 0.15, max(points) / 64 + 0.15
    assert all(low < part < high for part in (rows.min(), rows.max(), columns.min(), columns.max()))


def test_figures_of_another_image_or_frame_are_not_drawn(practice: Practice, who: Principal) -> None:
    store(practice, *dicoms.ct_series(2), report(length()))
    assert len(inked(picture_of(SECOND, who))[0]) == 0


def test_what_lies_in_the_patient_is_drawn_in_the_slice_that_it_goes_through(
    practice: Practice, who: Principal
) -> None:
    # From the middle of pixel (10, 20) to that of (40, 60) of the second slice, in millimetres of the patient.
    place = coded(
        "SCOORD3D", concepts.IMAGE_REGION, "INFERRED FROM", GraphicType="POLYLINE",
        ReferencedFrameOfReferenceUID=dicoms.uid(2),
    )  # fmt: skip
    place.GraphicData = [-22.0, -12.0, 4.0, 8.0, 28.0, 4.0]
    store(practice, *dicoms.ct_series(2), report(group(value(50.0, concepts.LENGTH, concepts.MILLIMETRE, place))))
    rows, columns = inked(picture_of(SECOND, who))
    assert columns.min() == pytest.approx(10.5 / 64, abs=0.01)
    assert rows.min() == pytest.approx(20.5 / 64, abs=0.01)
    assert len(inked(picture_of(SLICE, who))[0]) == 0


def test_what_another_report_has_taken_the_place_of_is_not_drawn(practice: Practice, who: Principal) -> None:
    old = report(length(label="Old"))
    store(practice, dicoms.ct_slice(), old, report(group(), number=2, **instead_of(f"{dicoms.STUDY_UID}.9.1.1")))
    assert picture_of(SLICE, who).alt == SLICE.caption


def test_what_was_drawn_after_signing_is_not_drawn(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice(), report(length(label="Later")))
    now = datetime.now(UTC)
    assert "Later" in picture_of(SLICE, who, before=now + timedelta(hours=1)).alt
    assert "Later" not in picture_of(SLICE, who, before=now - timedelta(hours=1)).alt


def test_in_place_of_an_image_that_is_gone_there_are_words(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice())
    shown, gone = pictures_of(replace(DOCUMENT, signed=None), who)
    assert shown.width == SIDE
    assert (gone.width, gone.height) == pictures.CARD


def test_another_practice_gets_the_words_alone(practice: Practice, other_practice: Practice) -> None:
    store(practice, dicoms.ct_slice())
    assert picture_of(SLICE, Principal.worker(other_practice.pk)).width == pictures.CARD[0]


def test_what_has_no_pixels_has_words(practice: Practice, who: Principal) -> None:
    store(practice, dicoms.ct_slice(), report(length()))
    text = KeyImage(dicoms.STUDY_UID, f"{dicoms.STUDY_UID}.9.1", CT, f"{dicoms.STUDY_UID}.9.1.1")
    assert picture_of(text, who).width == pictures.CARD[0]


def test_letters_of_a_font_that_is_missing_are_told(practice: Practice, who: Principal, settings: Any, tmp_path: Any):
    settings.FONTS = tmp_path
    store(practice, dicoms.ct_slice(), report(length(label="肿瘤")))
    with pytest.raises(Unavailable, match="NotoSansSC"):
        picture_of(SLICE, who)


def test_a_document_without_key_images_needs_nobody() -> None:
    assert pictures_of(replace(DOCUMENT, key_images=())) == []
