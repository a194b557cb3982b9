"""Segmentations asked for, run to the end of their jobs, and read back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from numpy.typing import NDArray

from apps.accounts.models import Practice, User
from apps.analysis import kinds
from apps.analysis.apart import asking as apart
from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.models import Analysis, Verdict
from apps.core.errors import Conflict, Invalid
from apps.jobs import worker
from apps.measurements.content.groups import Report
from apps.measurements.content.reading import report_of
from apps.segmentation import making, offering
from apps.segmentation.finding import read_all, segmentations, unread
from apps.segmentation.masks import labels_of, masks_of
from apps.segmentation.models import Segmentation
from apps.segmentation.objects.facts import LABEL_MAP, SEGMENTATION, Encoding
from apps.segmentation.segmenters import registry
from apps.segmentation.sources import source_of
from apps.volumes.finding import volumes_of
from apps.volumes.models import Volume
from tests.admin.conftest import staff
from tests.segmentation.objects.samples import labels
from tests.segmentation.phantoms import chest, chest_lattice, dice
from tests.segmentation.stored import NUMBERS, stored_segmentation
from tests.volumes.derived.runs import asked, made
from tests.volumes.series import enhanced_ct
from tests.volumes.stored import store, stored_volume

__all__ = ["staff"]

SHAPE = (5, 11, 13)
VALUES = np.random.default_rng(1).integers(-1000, 2000, SHAPE).astype(np.int16)
SPACING = (2.5, 0.7, 0.6)


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, VALUES, spacing=SPACING)


def segmentations_now() -> list[Segmentation]:
    read_all(unread(segmentations()))
    return list(Segmentation.objects.select_related("instance__series"))


def failed(row: Analysis) -> str:
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert row.last_state == "failed"
    return row.reason


def expected(drawn: NDArray[np.uint8], value: int) -> dict[str, float]:
    inside = VALUES[drawn == value].astype(float)
    return {
        "Volume": inside.size * np.prod(SPACING) / 1000,
        "Mean": inside.mean(),
        "Standard Deviation": inside.std(),
        "Minimum": inside.min(),
        "Maximum": inside.max(),
    }


def numbers_of(report: Report) -> dict[str, dict[str, float]]:
    return {group.label: {value.concept.meaning: value.value for value in group.values} for group in report.groups}


class Segments:
    """What stands for the process that segments: it writes these labels."""

    def __init__(self, drawn: NDArray[np.uint8]) -> None:
        self.drawn, self.asked, self.function = drawn, dict[str, Any](), ""

    def __call__(self, function: str, asked: dict[str, Any], listen: Any, **_: Any) -> dict[str, Any]:
        self.function, self.asked = function, asked
        listen(1, 2)
        path = Path(asked["folder"]) / "labels.npy"
        np.save(path, self.drawn)
        return {"labels": str(path), "numbers": [1, 2], "told": {"threshold": -400}}


@pytest.fixture
def segments(monkeypatch: pytest.MonkeyPatch) -> Segments:
    found = Segments(np.clip(labels(SHAPE), 0, 2))
    monkeypatch.setattr(apart, "answer", found)
    return found


def test_lungs_of_a_phantom_are_found_in_a_process_and_come_as_seg_and_sr(practice: Practice, user: User) -> None:
    phantom = chest(chest_lattice())
    hounsfield = phantom.voxels.values * phantom.voxels.slope + phantom.voxels.intercept
    volume = stored_volume(practice, hounsfield, spacing=(5.0, 5.0, 5.0))
    row = asked(user, "segmentation", volume=volume.pk, segmenter="lung")
    ((seg,), (sr,)) = made(row)
    assert seg.SOPClassUID == LABEL_MAP
    (segmentation,) = segmentations_now()
    found, named = labels_of(segmentation, volume)
    by_label = {segment.label: segment.number for segment in named}
    for label, truth in (("Left lung", "left lung"), ("Right lung", "right lung")):
        assert dice(found == by_label[label], phantom.truth[truth]) > 0.95
    report = report_of(sr.to_json_dict())
    assert report is not None
    assert report.is_machine_made
    assert not report.is_verified
    volumes = {group.label: group.values[0].value for group in report.groups}
    for label, number in by_label.items():
        assert volumes[label] == pytest.approx(np.count_nonzero(found == number) * 0.125, rel=1e-6)


def test_what_was_found_is_stored_over_the_images_with_its_numbers(
    user: User, volume: Volume, segments: Segments
) -> None:
    row = asked(user, "segmentation", volume=volume.pk, segmenter="lung", options={"threshold": -500})
    ((seg,), (sr,)) = made(row)
    assert segments.asked["options"] == {"threshold": -500.0, "smallest": 50.0}
    assert segments.asked["segmenter"] == "lung"
    (segmentation,) = segmentations_now()
    assert np.array_equal(labels_of(segmentation, volume)[0], segments.drawn)
    report = report_of(sr.to_json_dict())
    assert report is not None
    for label, value in (("Left lung", 1), ("Right lung", 2)):
        assert numbers_of(report)[label] == pytest.approx(expected(segments.drawn, value), rel=1e-6)
    for group, segment in zip(report.groups, seg.SegmentSequence, strict=True):
        assert group.segment is not None
        assert group.segment.sop_instance_uid == seg.SOPInstanceUID
        assert group.segment.segment_number == segment.SegmentNumber
        assert group.tracking_uid == segment.TrackingUID
    assert row.verdict == Verdict.UNVERIFIED
    assert row.summary["told"] == {"threshold": -400}


def test_a_run_again_gives_the_same_objects(user: User, volume: Volume, segments: Segments) -> None:
    row = asked(user, "segmentation", volume=volume.pk, segmenter="lung")
    first = [objects[0].SOPInstanceUID for objects in made(row)]
    again = asked(user, "segmentation", volume=volume.pk, segmenter="lung")
    assert again.pk == row.pk
    assert again.job_id == row.job_id
    other = asked(user, "segmentation", volume=volume.pk, segmenter="lung", options={"threshold": -300})
    assert other.pk != row.pk
    assert not {objects[0].SOPInstanceUID for objects in made(other)} & set(first)
    # Both are results of analyses: neither is taken for an edit of the other.
    assert [each.edited_from for each in segmentations_now()] == [None, None]


def test_binary_is_an_option(user: User, volume: Volume, segments: Segments) -> None:
    row = asked(user, "segmentation", volume=volume.pk, segmenter="lung", encoding="binary")
    (seg,), _ = made(row)
    assert seg.SOPClassUID == SEGMENTATION
    (segmentation,) = segmentations_now()
    assert np.array_equal(labels_of(segmentation, volume)[0], segments.drawn)


def test_nothing_is_measured_in_what_is_not_quantifiable(practice: Practice, user: User, segments: Segments) -> None:
    volume = stored_volume(practice, VALUES, positions=[0.0, 1.0, 3.0, 4.0, 5.5])
    assert not volume.is_quantifiable
    row = asked(user, "segmentation", volume=volume.pk, segmenter="lung")
    ((seg,),) = made(row)
    assert "Not quantifiable" in seg.ImageComments
    assert not row.is_quantifiable
    assert "volumeMl" not in row.summary["segments"][0]
    (table,) = offering.tables(row.summary)
    assert table.rows[0] == ("Left lung", *["\N{EN DASH}"] * 5)
    (segmentation,) = segmentations_now()
    with pytest.raises(Conflict, match="Nothing may be measured"):
        asked(user, "segment-statistics", volume=volume.pk, segmentation=segmentation.pk)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"segmenter": "gall"}, "parameters.segmenter"),
        ({"segmenter": "lung", "options": {"threshold": 5}}, "parameters.options.threshold"),
        ({"segmenter": "lung", "options": {"colour": 5}}, "parameters.options.colour"),
        ({"segmenter": "lung", "options": [1]}, "parameters.options"),
        ({"segmenter": "lung", "encoding": "png"}, "parameters.encoding"),
        ({}, "parameters.segmenter"),
    ],
)
def test_what_no_segmenter_takes_is_refused(user: User, volume: Volume, given: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(user, "segmentation", volume=volume.pk, **given)
    assert [name for name, _ in refused.value.errors] == [where]


def test_images_that_it_is_not_made_for_are_refused(practice: Practice, user: User) -> None:
    mr = stored_volume(practice, VALUES, modality="MR")
    with pytest.raises(Invalid, match="made for CT, and this series is MR"):
        asked(user, "segmentation", volume=mr.pk, segmenter="lung")
    assert offering.to_segment(mr.series.study)["volume"] == []


def test_values_without_a_unit_are_refused_where_it_goes_by_hounsfield(practice: Practice, user: User) -> None:
    grey = stored_volume(practice, VALUES, RescaleType="US")
    with pytest.raises(Invalid, match="Hounsfield"):
        asked(user, "segmentation", volume=grey.pk, segmenter="lung")


def test_why_nothing_was_found_is_said(user: User, volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: Any, **__: Any) -> dict[str, Any]:
        raise Unanswerable("nothing-found")

    monkeypatch.setattr(apart, "answer", answer)
    row = asked(user, "segmentation", volume=volume.pk, segmenter="vessels")
    assert "Nothing was found" in failed(row)


def test_labels_that_are_all_empty_are_no_result(user: User, volume: Volume, segments: Segments) -> None:
    segments.drawn[:] = 0
    row = asked(user, "segmentation", volume=volume.pk, segmenter="lung")
    assert failed(row) == making.words(Unanswerable("nothing-found"))


def test_a_study_offers_its_volumes_and_segmenters(volume: Volume) -> None:
    choices = offering.to_segment(volume.series.study)
    assert [value for value, _ in choices["volume"]] == [volume.pk]
    assert {each.name for each in registry.every()} <= {name for name, _ in choices["segmenter"]}


def test_an_edited_one_gets_new_numbers(practice: Practice, user: User, volume: Volume, tmp_path: Path) -> None:
    drawn = labels(SHAPE, 3)
    row = stored_segmentation(practice, tmp_path, volume, drawn, encoding=Encoding.BINARY)
    analysis = asked(user, "segment-statistics", volume=volume.pk, segmentation=row.pk)
    ((sr,),) = made(analysis)
    report = report_of(sr.to_json_dict())
    assert report is not None
    found = numbers_of(report)
    for value, label in ((1, "Left lung"), (2, "Bone"), (4, "By hand")):
        assert found[label] == pytest.approx(expected(drawn, value), rel=1e-6)
    assert [group.segment and group.segment.segment_number for group in report.groups] == list(NUMBERS.values())
    (table,) = offering.tables(analysis.summary)
    assert [cells[0] for cells in table.rows] == ["Left lung", "Bone", "By hand"]


def test_a_segmentation_of_another_study_is_refused(
    practice: Practice, user: User, volume: Volume, tmp_path: Path
) -> None:
    other = stored_volume(practice, VALUES, study_uid="2.25.8", series_uid="2.25.9")
    row = stored_segmentation(practice, tmp_path, other, labels(SHAPE))
    with pytest.raises(Invalid, match="no such segmentation"):
        asked(user, "segment-statistics", volume=volume.pk, segmentation=row.pk)


def test_masks_come_from_the_archive_too(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    drawn = labels(SHAPE)
    for encoding in (Encoding.LABELMAP, Encoding.LABELMAP_RLE, Encoding.LABELMAP_NATIVE, Encoding.BINARY):
        row = stored_segmentation(practice, tmp_path, volume, drawn, f"{encoding}", encoding=encoding)
        masks = {segment.number: mask for segment, mask in masks_of(row, volume)}
        for value, number in NUMBERS.items():
            assert np.array_equal(masks[number], drawn == value)


def test_what_lies_elsewhere_is_said(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    far = stored_volume(practice, VALUES, origin=(900.0, 900.0, 900.0), series_uid="2.25.9")
    row = stored_segmentation(practice, tmp_path, far, labels(SHAPE))
    with pytest.raises(Conflict, match="lies over other images"):
        labels_of(row, volume)


def test_an_enhanced_source_is_referred_to_by_its_frames(practice: Practice) -> None:
    (volume,) = volumes_of(store(practice, [enhanced_ct(VALUES, shuffled=True)]))
    source = source_of(volume)
    assert source.is_multiframe
    assert sorted(image.frame_number for image in source.images) == [1, 2, 3, 4, 5]
    assert [image.position for image in source.images] == [
        pytest.approx(source.lattice.point(k, 0, 0)) for k in range(5)
    ]


def test_a_form_asks_for_both(staff: Client, volume: Volume, practice: Practice, tmp_path: Path) -> None:
    """People choose from what the study has."""
    study = volume.series.study
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    for kind, words in (("segmentation", "Lungs"), ("segment-statistics", "Lungs and bones")):
        page = staff.get(reverse("admin:analysis_analysis_new", args=[study.pk, kind]) + f"?segmentation={row.pk}")
        assert words in page.content.decode()


def test_a_machines_segments_are_unverified_until_a_person_accepts_them() -> None:
    for name in ("segmentation", "segment-statistics"):
        kind = kinds.find(name)
        assert kind is not None
        assert kind.is_finding
