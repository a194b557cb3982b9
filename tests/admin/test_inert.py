"""What strangers wrote into their headers is text on every page, and nothing else."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice
from apps.archive.models import Instance, Patient, Quarantined, Series, Study
from tests import dicoms
from tests.admin.conftest import store

EVIL = '<script>alert("x")</script>'
TEXTS = dict.fromkeys(
    ["PatientName", "PatientID", "StudyDescription", "SeriesDescription", "AccessionNumber", "StationName"], EVIL
)


@pytest.fixture
def evil(practice: Practice) -> None:
    store(practice, dicoms.ct_slice(**TEXTS), dicoms.ct_slice(**TEXTS, SliceThickness="9"))


@pytest.mark.parametrize("model", [Study, Series, Instance, Patient, Quarantined])
def test_pages_of_one_thing(boss: Client, evil: None, model: type[Study]) -> None:
    name = model._meta.model_name
    row = model.objects.get()
    for page in (
        reverse(f"admin:archive_{name}_changelist"),
        reverse(f"admin:archive_{name}_change", args=[row.pk]),
    ):
        content = boss.get(page).content.decode()
        assert "<script>alert" not in content
        assert "alert(" in content or name in {"instance"}


@pytest.mark.parametrize("page", ["admin:index", "admin:archive_storage"])
def test_pages_of_everything(boss: Client, evil: None, page: str) -> None:
    assert "<script>alert" not in boss.get(reverse(page)).content.decode()


def test_confirmation_of_a_deletion(boss: Client, evil: None) -> None:
    page = boss.get(reverse("admin:archive_study_delete", args=[Study.objects.get().pk])).content.decode()
    assert "<script>alert" not in page
