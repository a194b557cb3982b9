"""Volumes are found from the index when somebody asks or the study has settled, and again when the series changes."""

from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive import events, lifecycle
from apps.archive.models import Instance, Series
from apps.core.errors import NotFound
from apps.jobs import worker
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.volumes import cache, finding
from apps.volumes.finding import survey_of, volumes_of
from apps.volumes.geometry.assembling import assemble
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.stacks import Assembly
from apps.volumes.models import Survey, Volume
from apps.volumes.slices import first_header, frames_of_volume, inputs_of, sources_of
from tests import dicoms
from tests.volumes.series import ct_series, enhanced_ct
from tests.volumes.stored import store, stored_volume

VALUES: NDArray[np.int16] = np.arange(6 * 8 * 8, dtype=np.int16).reshape(6, 8, 8)

pytestmark = pytest.mark.django_db


@pytest.fixture
def datasets() -> list[Dataset]:
    return ct_series(VALUES, shuffled=True)


def test_a_volume_says_what_it_is(practice: Practice, datasets: list[Dataset]) -> None:
    series = store(practice, datasets)
    (volume,) = volumes_of(series)
    assert volume.shape == VALUES.shape
    assert volume.known_flags == ()
    assert volume.scale["unit"] == "HU"
    assert volume.survey.version == series.version
    assert volume.survey.left_out == {}
    numbers = [Instance.objects.get(pk=pk).instance_number for pk, _ in frames_of_volume(volume)]
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_a_series_is_looked_at_once(practice: Practice, datasets: list[Dataset]) -> None:
    series = store(practice, datasets)
    first = volumes_of(series)
    with CaptureQueriesContext(connection) as queries:
        assert volumes_of(series) == first
        assert first[0].series.study.practice_id == practice.pk
    assert len(queries) == 2


def test_more_slices_make_another_volume_in_the_same_row(practice: Practice, datasets: list[Dataset]) -> None:
    store(practice, [dataset for dataset in datasets if int(dataset.InstanceNumber) < 4])
    series = Series.objects.get()
    (before,) = volumes_of(series)
    cache.opened(before)
    (after,) = volumes_of(store(practice, [dataset for dataset in datasets if int(dataset.InstanceNumber) >= 4]))
    assert (after.pk, after.slices, before.slices) == (before.pk, 6, 3)
    assert after.inputs != before.inputs
    assert not cache.is_ready(before)
    assert Survey.objects.count() == 1


def test_the_same_slices_in_another_order_are_the_same_volume(practice: Practice, other_practice: Practice) -> None:
    one = stored_volume(practice, VALUES)
    other = stored_volume(other_practice, VALUES, shuffled=True)
    assert (one.key, one.inputs, one.lattice) == (other.key, other.inputs, other.lattice)


def test_what_is_no_volume_any_more_is_gone(practice: Practice, user: User, datasets: list[Dataset]) -> None:
    series = store(practice, datasets)
    (volume,) = volumes_of(series)
    cache.opened(volume)
    for dataset in datasets[1:]:
        lifecycle.delete_instance(Principal.of(user), dicoms.STUDY_UID, dicoms.SERIES_UID, dataset.SOPInstanceUID)
    assert not cache.is_ready(volume)
    assert volumes_of(series) == []
    assert survey_of(series).left_out == {"too-few-slices": 1}


def test_a_deleted_study_leaves_nothing_in_the_cache(practice: Practice, user: User) -> None:
    volume = stored_volume(practice, VALUES)
    cache.opened(volume)
    lifecycle.delete_study(Principal.of(user), dicoms.STUDY_UID)
    assert [path.name for path in cache.folder().iterdir() if not path.name.startswith(".slot")] == []
    with pytest.raises(NotFound):
        volumes_of(volume.series)


def test_two_who_look_at_once_agree(
    practice: Practice, datasets: list[Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    series = store(practice, datasets)
    others: list[Volume] = []

    def overtaken(*arguments: Any, **most: Any) -> Assembly:
        monkeypatch.setattr(finding, "assemble", assemble)
        others.extend(volumes_of(series))
        return assemble(*arguments, **most)

    monkeypatch.setattr(finding, "assemble", overtaken)
    assert volumes_of(series) == others == list(Volume.objects.all())
    assert Survey.objects.count() == 1


def test_a_look_at_an_older_version_is_not_written(practice: Practice, datasets: list[Dataset]) -> None:
    series = store(practice, datasets)
    (volume,) = volumes_of(series)
    older = Series.objects.select_related("study").get()
    older.version -= 1
    looked, assembly = finding._assembled(older)
    assert finding._written(older, looked, assembly).version == series.version
    assert volumes_of(series) == [volume]


def test_a_series_that_is_deleted_meanwhile_is_not_written(practice: Practice, datasets: list[Dataset]) -> None:
    series = store(practice, datasets)
    looked, assembly = finding._assembled(series)
    Series.objects.all().delete()
    with pytest.raises(NotFound):
        finding._written(series, looked, assembly)


def test_the_largest_volume_comes_first(practice: Practice) -> None:
    small = ct_series(VALUES[:3], kernel="B60f", series_uid="1.2.3.4")
    large = ct_series(VALUES, series_uid="1.2.3.4")
    for dataset in small:
        dataset.SOPInstanceUID += ".9"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    volumes = volumes_of(store(practice, [*small, *large]))
    assert [volume.slices for volume in volumes] == [6, 3]
    assert all(Flag.MIXED_KERNELS in volume.known_flags for volume in volumes)


@pytest.mark.parametrize(
    "data",
    [
        dicoms.encapsulated_pdf(),
        dicoms.bit_packed(),
        dicoms.encapsulated([b"\0\0\0\1"], transfer_syntax="1.2.840.10008.1.2.4.102"),
    ],
    ids=["document", "segments", "video"],
)
def test_what_has_no_images_is_not_read(practice: Practice, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(finding, "frames_of", None)
    series = store(practice, [data])
    assert volumes_of(series) == []
    assert survey_of(series).left_out == {}


def test_more_images_than_are_looked_at_are_said(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_IMAGES", 5)
    monkeypatch.setattr(finding, "frames_of", None)
    series = store(practice, [enhanced_ct(VALUES)])
    assert volumes_of(series) == []
    assert survey_of(series).left_out == {"too-many-slices": 6}


@pytest.mark.parametrize(
    ("setting", "most", "reason"), [("VOLUME_SLICES", 5, "too-many-slices"), ("VOLUME_BYTES", 767, "too-large")]
)
def test_a_volume_beyond_the_settings_is_said(
    practice: Practice, datasets: list[Dataset], settings: Settings, setting: str, most: int, reason: str
) -> None:
    setattr(settings, setting, most)
    series = store(practice, datasets)
    assert volumes_of(series) == []
    assert survey_of(series).left_out == {reason: 6}


def test_what_a_volume_is_made_of(practice: Practice) -> None:
    volume = stored_volume(practice, VALUES, shuffled=True)
    sources = sources_of(volume)
    assert [source.sop_instance_uid for source in sources] == [f"{dicoms.SERIES_UID}.{k}" for k in range(1, 7)]
    assert {(source.sop_class_uid, source.frame_number) for source in sources} == {("1.2.840.10008.5.1.4.1.1.2", 1)}
    assert first_header(volume)["00200013"]["Value"] == [4]
    inputs = inputs_of(volume)
    assert inputs.series_instance_uids == (dicoms.SERIES_UID,)
    assert (inputs.digest, inputs.flags, inputs.is_quantifiable) == (volume.inputs, (), True)


def test_frames_of_one_object_are_told_apart(practice: Practice) -> None:
    (volume,) = volumes_of(store(practice, [enhanced_ct(VALUES)]))
    sources = sources_of(volume)
    assert [source.frame_number for source in sources] == [1, 2, 3, 4, 5, 6]
    assert len({source.sop_instance_uid for source in sources}) == 1


def test_flags_travel_with_the_inputs(practice: Practice) -> None:
    inputs = inputs_of(stored_volume(practice, VALUES, positions=[0.0, 2.0, 4.0, 6.5, 8.5, 10.5]))
    assert (inputs.flags, inputs.is_quantifiable) == (("uneven-spacing",), False)


def test_images_that_are_gone_are_said(practice: Practice) -> None:
    volume = stored_volume(practice, VALUES)
    Instance.objects.filter(instance_number__in=(4, 5)).delete()
    for look in (sources_of, first_header):
        with pytest.raises(NotFound, match="deleted or replaced"):
            look(volume)


def settle(series: Series) -> list[Job]:
    """The study settles; the volumes' jobs that wait then, with those that they ask for, all done."""
    events.settled.send(sender=None, study=series.study)
    for _ in range(2):
        for job in Job.objects.filter(kind__startswith="volume", state="queued").order_by("pk"):
            worker.run(job.pk)
    return list(Job.objects.filter(kind__startswith="volume").order_by("pk"))


def test_volumes_are_found_once_the_study_has_settled(practice: Practice, datasets: list[Dataset]) -> None:
    (job,) = settle(store(practice, datasets))
    assert (job.kind, job.practice, job.state, job.result) == ("volumes-find", practice, "done", {"volumes": 1})
    assert not cache.is_ready(Volume.objects.get())


def test_what_is_slow_to_decode_is_built_ahead(practice: Practice, settings: Settings) -> None:
    settings.VOLUME_AHEAD_SLICES = 4
    values = np.zeros((4, 32, 32), np.int16)
    series = store(practice, ct_series(values, transfer_syntax=JPEG2000Lossless))
    jobs = settle(series)
    assert [(job.kind, job.state) for job in jobs] == [("volumes-find", "done"), ("volume-build", "done")]
    assert jobs[1].result == {"slices": 4}
    assert (jobs[1].progress_done, jobs[1].progress_total) == (4, 4)
    assert cache.is_ready(Volume.objects.get())
    assert [job.kind for job in settle(series)] == ["volumes-find", "volume-build", "volumes-find"]


@pytest.mark.parametrize("ahead", [0, 5])
def test_a_few_slices_or_none_are_not(practice: Practice, settings: Settings, ahead: int) -> None:
    settings.VOLUME_AHEAD_SLICES = ahead
    values = np.zeros((4, 32, 32), np.int16)
    jobs = settle(store(practice, ct_series(values, transfer_syntax=JPEG2000Lossless)))
    assert [job.kind for job in jobs] == ["volumes-find"]


def test_a_study_without_stacks_asks_for_nothing(practice: Practice) -> None:
    assert settle(store(practice, [dicoms.secondary_capture()])) == []


def test_jobs_for_what_is_gone_do_nothing(practice: Practice, datasets: list[Dataset]) -> None:
    series = store(practice, datasets)
    events.settled.send(sender=None, study=series.study)
    series.study.series.all().delete()
    series.study.delete()
    (job,) = Job.objects.filter(kind="volumes-find")
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"volumes": 0})


def test_a_volume_that_changed_meanwhile_is_not_built(practice: Practice) -> None:
    volume = stored_volume(practice, VALUES)
    Instance.objects.filter(instance_number=3).delete()
    for key in (volume.pk, volume.pk + 1):
        job = enqueue("volume-build", {"volume": key}, practice=practice.pk)
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.result) == ("done", {"slices": 0})
