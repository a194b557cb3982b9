"""Volumes on the pages of a study and of a series in the administration."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice
from apps.volumes.models import Survey, Volume
from tests.admin.conftest import other_staff, staff
from tests.volumes.series import ct_series
from tests.volumes.stored import store, stored_volume

__all__ = ["other_staff", "staff"]

VALUES = np.zeros((6, 8, 8), np.int16)
SHAPE = "<td>6 \N{MULTIPLICATION SIGN} 8 \N{MULTIPLICATION SIGN} 8</td>"


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, VALUES)


def page_of(client: Client, name: str, pk: int) -> str:
    return client.get(reverse(f"admin:archive_{name}_change", args=[pk])).content.decode()


def test_a_study_names_its_volumes_and_the_ways_to_look_at_them(staff: Client, volume: Volume) -> None:
    page = page_of(staff, "study", volume.series.study_id)
    assert SHAPE in page
    assert f'href="{reverse("volume-panoramic", args=[volume.pk])}"' in page
    assert f"initialSeriesInstanceUID={volume.series.series_instance_uid}&amp;hangingprotocolId=mpr" in page


def test_so_does_a_series_that_nobody_has_looked_at_yet(staff: Client, volume: Volume) -> None:
    series = volume.series
    Survey.objects.all().delete()
    assert SHAPE in page_of(staff, "series", series.pk)
    assert Volume.objects.count() == 1


def test_jaws_are_looked_for_in_ct_alone(staff: Client, practice: Practice) -> None:
    volume = stored_volume(practice, VALUES, modality="MR")
    page = page_of(staff, "study", volume.series.study_id)
    assert SHAPE in page
    assert reverse("volume-panoramic", args=[volume.pk]) not in page


def test_flags_are_said(staff: Client, practice: Practice) -> None:
    volume = stored_volume(practice, VALUES, positions=(0.0, 1.0, 2.0, 4.0, 5.0, 6.0))
    page = page_of(staff, "series", volume.series.pk)
    assert volume.flags
    assert "Not quantifiable" in page


def test_what_is_in_no_volume_is_said(staff: Client, practice: Practice) -> None:
    series = store(practice, ct_series(VALUES[:1]))
    page = page_of(staff, "series", series.pk)
    assert Survey.objects.get().left_out
    assert "Volumes" in page


def test_another_practices_staff_see_neither(other_staff: Client, volume: Volume) -> None:
    address = reverse("admin:archive_study_change", args=[volume.series.study_id])
    assert other_staff.get(address).status_code == 404
