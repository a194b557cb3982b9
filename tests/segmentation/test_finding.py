"""Segmentations that come in, by whatever door, become rows; what a viewer has edited is known again."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis.models import Analysis
from apps.analysis.results import WAY, is_whole, remove_all, remove_others
from apps.archive import events, lifecycle
from apps.archive.models import Instance, Study
from apps.jobs import worker
from apps.jobs.models import Job
from apps.segmentation.finding import read_all, segmentations, unread
from apps.segmentation.models import Segmentation
from apps.segmentation.objects.facts import Encoding
from apps.segmentation.origins import analyses_of
from apps.segmentation.receivers import FIND
from apps.volumes.models import Volume
from tests.segmentation.objects.samples import LUNG, SEGMENTS, labels
from tests.segmentation.stored import came, segmentation_file, stored_segmentation
from tests.volumes.series import ct_series
from tests.volumes.stored import store, stored_volume

SHAPE = (5, 11, 13)


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, np.zeros(SHAPE, np.int16))


def edited(found: Dataset, number: int) -> Dataset:
    """The same, as a viewer stores it again: other UIDs, and people had a hand in it."""
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.1{number}")
    found.SeriesInstanceUID = f"2.25.2{number}"
    for segment in found.SegmentSequence:
        segment.SegmentAlgorithmType = "MANUAL"
        for keyword in ("SegmentAlgorithmName", "SegmentationAlgorithmIdentificationSequence"):
            segment.pop(keyword, None)
    return found


def without_tracking(found: Dataset) -> Dataset:
    for segment in found.SegmentSequence:
        del segment.TrackingUID, segment.TrackingID
    return found


def test_what_it_says_of_itself_is_kept(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE), label="LUNGS")
    assert row.source_series_uid == volume.series.series_instance_uid
    assert (row.label, row.description) == ("LUNGS", "Unverified. Lungs and bones")
    assert row.is_labelmap
    assert row.is_machine_made
    assert row.edited_from is None
    first, second, third = row.segments.all()
    assert (first.number, first.label, first.colour) == (1, SEGMENTS[0].label, "#c8a078")
    assert first.type == {"value": LUNG.value, "scheme": LUNG.scheme, "meaning": LUNG.meaning}
    assert first.modifier["meaning"] == "Left"
    assert first.algorithm == {"name": "Threshold", "version": "1", "is_automatic": True}
    assert second.tracking_uid == SEGMENTS[1].tracking_uid
    assert third.algorithm is None


def test_a_settled_study_has_its_segmentations_read_by_a_job(
    practice: Practice, volume: Volume, tmp_path: Path
) -> None:
    study = Study.objects.get(pk=volume.series.study_id)
    events.settled.send(sender=None, study=study)
    assert not Job.objects.filter(kind=FIND).exists()
    store(practice, [segmentation_file(tmp_path, volume, labels(SHAPE))])
    events.settled.send(sender=None, study=study)
    worker.run(Job.objects.get(kind=FIND).pk)
    assert Job.objects.get(kind=FIND).result == {"segmentations": 1}
    assert Segmentation.objects.count() == 1


def test_what_was_read_is_not_read_again(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE), encoding=Encoding.BINARY)
    assert not row.is_labelmap
    assert not unread(segmentations()).exists()
    Segmentation.objects.update(digest=b"another")
    read_all(unread(segmentations()))
    again = Segmentation.objects.get()
    assert (again.pk, again.segments.count()) == (row.pk, 3)


def test_a_deleted_one_has_no_row(practice: Practice, user: User, volume: Volume, tmp_path: Path) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    study, series = row.study.study_instance_uid, row.instance.series.series_instance_uid
    lifecycle.delete_series(Principal.of(user), study, series, way="test")
    assert not Segmentation.objects.exists()


def test_an_edited_one_is_known_by_its_tracking_uids(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    other = stored_segmentation(practice, tmp_path, volume, labels(SHAPE), "other")
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE), "this")
    found = came(practice, edited(segmentation_file(tmp_path, volume, labels(SHAPE, 2), "other"), 1))
    assert found.edited_from == other
    assert not found.is_machine_made
    row.refresh_from_db()
    # They share one Tracking UID.
    assert row.edited_from == other


def test_where_a_viewer_drops_them_it_is_known_by_its_labels(
    practice: Practice, volume: Volume, tmp_path: Path
) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    file = segmentation_file(tmp_path, volume, labels(SHAPE, 2))
    assert came(practice, without_tracking(edited(file, 1))).edited_from == row
    for number, segment in enumerate(file.SegmentSequence):
        segment.SegmentLabel = f"Segment {number}"
    stranger = came(practice, edited(file, 2))
    assert stranger.edited_from is None


def test_one_over_other_images_is_nobodys_edit(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    other = stored_volume(practice, np.zeros(SHAPE, np.int16), series_uid="2.25.77")
    assert stored_segmentation(practice, tmp_path, other, labels(SHAPE), "b").edited_from is None


def test_one_that_names_no_series_is_known_by_its_frames(practice: Practice, volume: Volume, tmp_path: Path) -> None:
    file = segmentation_file(tmp_path, volume, labels(SHAPE))
    del file.ReferencedSeriesSequence
    assert came(practice, file).source_series_uid == volume.series.series_instance_uid


def test_images_are_no_segmentations(practice: Practice) -> None:
    store(practice, ct_series(np.zeros((2, 4, 4), np.int16)))
    assert not unread(segmentations()).exists()


def test_an_edited_one_is_known_by_the_predecessor_that_it_names(
    practice: Practice, volume: Volume, tmp_path: Path
) -> None:
    """Of several with the same segments it is that one."""
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE), "this")
    stored_segmentation(practice, tmp_path, volume, labels(SHAPE), "later")
    file = segmentation_file(tmp_path, volume, labels(SHAPE, 2), "edit")
    file.PredecessorDocumentsSequence = predecessors(row.instance.sop_instance_uid)
    assert came(practice, file).edited_from == row


def predecessors(sop_instance_uid: str) -> Sequence:
    """As OHIF writes them, without a SOP class."""
    reference, series, study = Dataset(), Dataset(), Dataset()
    reference.ReferencedSOPInstanceUID = sop_instance_uid
    series.ReferencedSOPSequence = Sequence([reference])
    study.ReferencedSeriesSequence = Sequence([series])
    return Sequence([study])


def test_what_is_edited_into_the_series_of_an_analysis_is_nobodys_result(
    practice: Practice, user: User, volume: Volume, tmp_path: Path
) -> None:
    """It stays when the analysis is run again, and when it is removed."""
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    series_uid = row.instance.series.series_instance_uid
    Instance.objects.filter(pk=row.instance_id).update(source=WAY)
    analysis = Analysis.objects.create(
        study=row.study, kind="segmentation", fingerprint="a", series_instance_uids=[series_uid], instance_count=1
    )
    file = edited(segmentation_file(tmp_path, volume, labels(SHAPE, 2)), 1)
    file.SeriesInstanceUID = series_uid
    edit = came(practice, file)
    rows = list(Segmentation.objects.select_related("instance__series"))
    assert analyses_of(rows) == {row.pk: analysis}
    assert edit.edited_from == row
    assert is_whole(analysis)
    remove_others(analysis, [series_uid], {row.instance.sop_instance_uid})
    assert Segmentation.objects.count() == 2
    remove_all(analysis, user.username)
    assert [each.pk for each in Segmentation.objects.all()] == [edit.pk]
