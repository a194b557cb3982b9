"""Segmentations on the page of a study in the administration."""

from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.analysis.models import Analysis, Verdict
from apps.analysis.results import WAY
from apps.archive.models import Instance
from apps.segmentation.models import Segmentation
from apps.volumes.models import Volume
from tests.admin.conftest import StaffWho, other_staff, staff, staff_who
from tests.segmentation.objects.samples import labels
from tests.segmentation.stored import segmentation_file, stored_segmentation
from tests.volumes.stored import store, stored_volume

__all__ = ["other_staff", "staff", "staff_who"]

SHAPE = (5, 11, 13)
MEASURE = "segment-statistics/?segmentation="


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, np.zeros(SHAPE, np.int16))


def page_of(client: Client, volume: Volume) -> str:
    return client.get(reverse("admin:archive_study_change", args=[volume.series.study_id])).content.decode()


def test_a_study_names_its_segmentations_and_their_segments(
    staff: Client, practice: Practice, volume: Volume, tmp_path: Path
) -> None:
    """One that came a moment ago, too."""
    store(practice, [segmentation_file(tmp_path, volume, labels(SHAPE))])
    page = page_of(staff, volume)
    row = Segmentation.objects.get()
    assert "Unverified. Lungs and bones" in page
    assert "Left lung" in page
    assert 'fill="#c8a078"' in page
    assert "Another program" in page
    assert f"{MEASURE}{row.pk}&amp;volume={volume.pk}" in page
    assert f"initialSeriesInstanceUID={volume.series.series_instance_uid}" in page


def test_who_made_it_and_what_people_say_of_that(
    staff: Client, practice: Practice, user: User, volume: Volume, tmp_path: Path
) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    Analysis.objects.create(
        study=row.study, kind="segmentation", fingerprint="a", requested_by=user, verdict=Verdict.REJECTED,
        series_instance_uids=[row.instance.series.series_instance_uid],
    )  # fmt: skip
    Instance.objects.filter(pk=row.instance_id).update(source=WAY)
    page = page_of(staff, volume)
    assert '<span class="fovea-badge bad">Rejected</span>' in page
    Analysis.objects.all().delete()
    Segmentation.objects.update(edited_from=row)
    assert "Edited in a viewer" in page_of(staff, volume)
    Segmentation.objects.update(edited_from=None, is_machine_made=False)
    assert "Drawn by hand" in page_of(staff, volume)


def test_who_may_not_analyse_is_offered_nothing_to_measure(
    staff_who: StaffWho, practice: Practice, volume: Volume, tmp_path: Path
) -> None:
    stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    page = page_of(staff_who(Permission.VIEW), volume)
    assert "Left lung" in page
    assert MEASURE not in page


def test_nothing_is_measured_where_it_may_not(staff: Client, practice: Practice, tmp_path: Path) -> None:
    uneven = stored_volume(practice, np.zeros(SHAPE, np.int16), positions=[0.0, 1.0, 3.0, 4.0, 5.5])
    stored_segmentation(practice, tmp_path, uneven, labels(SHAPE))
    page = page_of(staff, uneven)
    assert "Left lung" in page
    assert MEASURE not in page


def test_a_study_without_any_has_no_panel(staff: Client, volume: Volume) -> None:
    assert 'id="segmentations"' not in page_of(staff, volume)


def test_others_see_nothing(other_staff: Client, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    assert "Left lung" not in page_of(other_staff, volume)
