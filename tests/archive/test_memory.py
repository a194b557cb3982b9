"""The store remembers what it left; what others have changed since is seen all the same."""

import pytest
from django.db.models import F
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive import attributes, lifecycle, shelving
from apps.archive.growing import GrowingStudy
from apps.archive.memory import STUDIES, Memory
from apps.archive.models import Instance, Series, Study
from apps.archive.outcomes import Status
from apps.archive.statements import StudyRow
from tests import dicoms
from tests.archive.conftest import Store

pytestmark = pytest.mark.django_db

SLICES = dicoms.ct_series(4)


def as_another_process(store: Store, *objects: bytes) -> None:
    """Store these without this process's memory, which keeps what it had."""
    remembered, shelving._memory._studies = shelving._memory._studies, type(shelving._memory._studies)()
    store(*objects)
    shelving._memory._studies = remembered


def test_what_another_process_has_stored_meanwhile_counts(store: Store) -> None:
    store(SLICES[0])
    as_another_process(store, SLICES[1])
    store(SLICES[2])
    study, series = Study.objects.get(), Series.objects.get()
    assert (study.instance_count, series.instance_count) == (3, 3)
    assert study.size == series.size == sum(map(len, SLICES[:3]))
    assert attributes.unpack(study.found)[attributes.STUDY_INSTANCES]["Value"] == [3]


def test_a_study_that_was_deleted_meanwhile_is_made_again(store: Store, nora: Principal) -> None:
    store(*SLICES[:2])
    lifecycle.delete_study(nora, dicoms.STUDY_UID)
    (outcome,) = store(SLICES[0])
    assert outcome.status is Status.STORED
    assert Study.objects.get().instance_count == Series.objects.get().instance_count == Instance.objects.count() == 1


def test_an_object_that_was_deleted_meanwhile_is_stored_again(store: Store, nora: Principal) -> None:
    store(*SLICES[:2])
    lifecycle.delete_instance(nora, dicoms.STUDY_UID, dicoms.SERIES_UID, dicoms.uid(1, 1, 1))
    assert [outcome.status for outcome in store(*SLICES[:2])] == [Status.STORED, Status.KNOWN]
    assert Study.objects.get().instance_count == 2


def test_a_change_of_the_row_is_seen_by_its_version(store: Store) -> None:
    store(SLICES[0])
    Study.objects.update(version=F("version") + 1, study_description="Changed", updated_at=timezone.now())
    store(SLICES[1])
    study = Study.objects.get()
    assert (study.version, study.instance_count, study.study_description) == (3, 2, "Changed")


def test_what_came_first_stays_and_gaps_are_filled(store: Store) -> None:
    store(dicoms.ct_slice(InstanceNumber=1, StudyDescription=None))
    store(dicoms.ct_slice(SOPInstanceUID=dicoms.uid(8), StudyDescription="Head", SeriesDescription="Other"))
    store(dicoms.ct_slice(SOPInstanceUID=dicoms.uid(9), StudyDescription="Foot"))
    assert Study.objects.get().study_description == "Head"
    assert Series.objects.get().series_description != "Other"


def test_no_more_is_remembered_than_may_be() -> None:
    memory = Memory()
    row = StudyRow(1, 0, None, "", False, "", 0, 0, 0, b"", False)
    for number in range(STUDIES + 1):
        memory.keep((1, str(number)), GrowingStudy.of(row, ""))
    assert memory.take((1, "0")) is None
    assert memory.take((1, "1")) is not None
    assert memory.take((1, "1")) is None
