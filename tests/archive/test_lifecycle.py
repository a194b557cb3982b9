"""Deleting, and deciding about what is in quarantine."""

import pytest

from apps.accounts.principal import Principal
from apps.archive import integrity, lifecycle, metadata, quarantine
from apps.archive.models import Instance, Patient, Quarantined, Series, Study
from apps.archive.outcomes import Status
from apps.audit.models import Event
from apps.core.errors import NotFound
from tests import dicoms
from tests.archive.conftest import Store

pytestmark = pytest.mark.django_db

OTHER_SERIES = dicoms.uid(7, 7)


@pytest.fixture
def study(store: Store) -> Study:
    """Two CT slices in one series, and an MR slice in another."""
    store(*dicoms.ct_series(2))
    store(dicoms.ct_slice(InstanceNumber=3, SeriesInstanceUID=OTHER_SERIES, Modality="MR"))
    return Study.objects.get()


def names(study: Study, number: int = 1) -> tuple[str, str, str]:
    instance = Instance.objects.get(instance_number=number)
    return study.study_instance_uid, instance.series.series_instance_uid, instance.sop_instance_uid


def sound() -> bool:
    return not list(integrity.check())


def test_a_study_goes_with_everything_that_is_its(study: Study, nora: Principal) -> None:
    assert lifecycle.delete_study(nora, study.study_instance_uid) == 3
    for model in (Study, Series, Instance, Patient):
        assert not model.objects.exists()
    assert not list(integrity.site_objects().all_keys())


def test_a_series_goes_and_the_study_is_brought_up_to_date(study: Study, nora: Principal) -> None:
    assert lifecycle.delete_series(nora, study.study_instance_uid, OTHER_SERIES) == 1
    study.refresh_from_db()
    assert (study.series_count, study.instance_count, study.modalities) == (1, 2, "\\CT\\")
    assert sound()


def test_an_instance_goes_and_with_the_last_one_its_series(study: Study, nora: Principal) -> None:
    lifecycle.delete_instance(nora, *names(study))
    assert Series.objects.count() == 2
    lifecycle.delete_instance(nora, *names(study, 2))
    assert Series.objects.get().series_instance_uid == OTHER_SERIES
    assert sound()


def test_answers_and_metadata_follow(study: Study, nora: Principal) -> None:
    before = metadata.study(nora, study.study_instance_uid, "http://x")
    before.gzipped()
    lifecycle.delete_instance(nora, *names(study))
    after = metadata.study(nora, study.study_instance_uid, "http://x")
    study.refresh_from_db()
    assert before.etag != after.etag
    assert metadata.plain(after.gzipped()).count(b'"00080018"') == 2
    assert b'"00201208":{"vr":"IS","Value":[2]}' in bytes(study.found) or b'"Value":[2]' in bytes(study.found)


def test_another_practice_can_not_delete(study: Study, sam: Principal) -> None:
    with pytest.raises(NotFound):
        lifecycle.delete_study(sam, study.study_instance_uid)
    assert Instance.objects.count() == 3


def test_what_is_not_there_can_not_be_deleted(study: Study, nora: Principal) -> None:
    with pytest.raises(NotFound):
        lifecycle.delete_series(nora, study.study_instance_uid, "1.2.3")


def test_deletion_is_on_record(study: Study, nora: Principal) -> None:
    lifecycle.delete_study(nora, study.study_instance_uid)
    event = Event.objects.get(action="delete")
    assert (event.actor, event.count, event.study_instance_uid) == ("nora", 3, study.study_instance_uid)


@pytest.fixture
def held(store: Store) -> Quarantined:
    store(dicoms.ct_slice())
    store(dicoms.ct_slice(PatientName="Second^Version"))
    return Quarantined.objects.get()


def test_accepting_puts_it_in_the_place_of_the_first(held: Quarantined, nora: Principal) -> None:
    outcome = quarantine.accept(nora, held.pk)
    assert outcome.status is Status.OVERWRITTEN
    assert bytes(Instance.objects.get().digest) == bytes(held.digest)
    assert not Quarantined.objects.exists()
    assert sound()


def test_discarding_removes_it(held: Quarantined, nora: Principal) -> None:
    quarantine.discard(nora, held.pk)
    assert bytes(Instance.objects.get().digest) != bytes(held.digest)
    assert not Quarantined.objects.exists()
    assert sound()


def test_another_practice_can_not_decide(held: Quarantined, sam: Principal) -> None:
    with pytest.raises(NotFound):
        quarantine.accept(sam, held.pk)
    with pytest.raises(NotFound):
        quarantine.discard(sam, held.pk)
