"""archive.store: what comes in is stored once, durable, indexed and on record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from blake3 import blake3
from django.conf import settings as site
from pytest_django import DjangoAssertNumQueries, Settings

from apps.accounts.models import Practice
from apps.archive import events, storage
from apps.archive.models import Instance, Patient, Quarantined, Series, Study
from apps.archive.outcomes import DuplicatePolicy, Identity
from apps.archive.store import Batch, Origin, Status, store_one
from apps.audit.models import Event
from apps.core.errors import OutOfSpace
from tests import databases, dicoms
from tests.archive.conftest import Store
from tests.staged import staged_files

# On PostgreSQL a batch locks its study; SQLite has one writer anyway.
LOCKS = int(databases.IS_POSTGRESQL)

pytestmark = pytest.mark.django_db


def files() -> list[Path]:
    root = storage.site_objects().root  # type: ignore[attr-defined]
    return [path for path in root.rglob("*") if path.is_file()]


def test_an_object_is_kept_as_it_came_and_indexed(store: Store) -> None:
    data = dicoms.ct_slice(PatientName="Doe^Jane", PatientID="42")
    (outcome,) = store(data)
    instance = Instance.objects.get()
    assert outcome.status is Status.STORED
    assert [path.read_bytes() for path in files()] == [data]
    assert bytes(instance.digest) == blake3(data).digest()
    assert (instance.size, instance.number_of_frames) == (len(data), 1)
    assert Study.objects.get().patient_name == "Doe^Jane"


def test_counts_and_sizes_follow_what_comes(store: Store) -> None:
    slices = dicoms.ct_series(3)
    store(*slices[:2])
    store(slices[2])
    study, series = Study.objects.get(), Series.objects.get()
    assert (study.series_count, study.instance_count, series.instance_count) == (1, 3, 3)
    assert study.size == series.size == sum(map(len, slices))
    assert study.modalities == "\\CT\\"


def test_the_same_file_again_rewrites_nothing(store: Store) -> None:
    data = dicoms.ct_slice()
    store(data)
    before = {path: path.stat().st_mtime_ns for path in files()}
    (outcome,) = store(data)
    assert outcome.status is Status.KNOWN
    assert {path: path.stat().st_mtime_ns for path in files()} == before
    assert Instance.objects.count() == 1


def test_the_same_file_twice_in_one_batch_is_stored_once(store: Store) -> None:
    data = dicoms.ct_slice()
    assert [outcome.status for outcome in store(data, data)] == [Status.STORED, Status.KNOWN]
    assert len(files()) == 1


def test_other_bytes_under_a_known_uid_go_to_quarantine(store: Store) -> None:
    first, second = dicoms.ct_slice(), dicoms.ct_slice(PatientName="Other^Name")
    store(first)
    (outcome,) = store(second)
    (again,) = store(second)
    held = Quarantined.objects.get()
    assert outcome.status is again.status is Status.QUARANTINED
    assert outcome.failure_reason == 0x0111
    assert storage.site_objects().read(held.file_key, 0, held.size) == second
    assert len(files()) == 2
    assert Study.objects.get().instance_count == 1


def test_overwriting_replaces_the_first_and_removes_its_file(origin: Origin, store: Store) -> None:
    first, second = dicoms.ct_slice(), dicoms.ct_slice(SeriesDescription="Again")
    store(first)
    with Batch(origin, DuplicatePolicy.OVERWRITE) as batch:
        batch.receive([second])
        (outcome,) = batch.commit()
    assert outcome.status is Status.OVERWRITTEN
    assert [path.read_bytes() for path in files()] == [second]
    assert (Study.objects.get().instance_count, Study.objects.get().size) == (1, len(second))


def test_rejecting_keeps_the_first_and_says_so(origin: Origin, store: Store) -> None:
    store(dicoms.ct_slice())
    with Batch(origin, DuplicatePolicy.REJECT) as batch:
        batch.receive([dicoms.ct_slice(PatientName="Other")])
        (outcome,) = batch.commit()
    assert (outcome.status, outcome.failure_reason) == (Status.REFUSED, 0x0111)
    assert len(files()) == 1
    assert "was not kept" in outcome.reason


def test_the_same_sop_uid_in_another_series_is_another_object(store: Store) -> None:
    store(dicoms.ct_slice(), dicoms.ct_slice(SeriesInstanceUID=dicoms.uid(9, 9)))
    assert Instance.objects.count() == len(files()) == 2
    assert Study.objects.get().series_count == 2


def test_practices_never_meet(store: Store, other_practice: Practice) -> None:
    data = dicoms.ct_slice()
    store(data)
    (outcome,) = store(data, origin=Origin("test", other_practice.pk, "sam"))
    assert outcome.status is Status.STORED
    assert Study.objects.count() == Patient.objects.count() == 2


def test_a_program_in_the_preamble_is_zeroed(store: Store) -> None:
    data = dicoms.ct_slice()
    store(b"MZ" + b"\x90" * 126 + data[128:])
    (path,) = files()
    assert path.read_bytes() == bytes(128) + data[128:]


def test_a_bare_data_set_becomes_a_file(store: Store) -> None:
    bare = dicoms.bare(dicoms.ct_dataset())
    (outcome,) = store(bare)
    (path,) = files()
    assert outcome.status is Status.STORED
    assert path.read_bytes().endswith(bare)
    assert path.read_bytes()[128:132] == b"DICM"


def test_an_object_without_uids_gets_the_same_ones_each_time(store: Store) -> None:
    data = dicoms.ct_slice(StudyInstanceUID=None, SeriesInstanceUID=None)
    (first,), (second,) = store(data), store(data)
    assert first.study_instance_uid.startswith("2.25.")
    assert first.warnings[0] == "It had no Study Instance UID; one was assigned."
    assert first.warning_reason == 0xB000
    assert (second.status, second.study_instance_uid) == (Status.KNOWN, first.study_instance_uid)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"no DICOM at all, but long enough to be looked at" * 9, "no DICOM file"),
        (dicoms.ct_slice()[:-100], "cut off"),
        (dicoms.ct_slice(StudyInstanceUID="../../etc/passwd"), "no valid Study Instance UID"),
        (dicoms.ct_slice(SOPClassUID="1.2.840.10008.1.3.10"), "DICOMDIR"),
    ],
)
def test_a_bad_object_is_refused_with_its_reason_and_leaves_nothing(store: Store, data: bytes, reason: str) -> None:
    (outcome,) = store(data)
    assert outcome.status is Status.REFUSED
    assert outcome.failure_reason
    assert reason in outcome.reason
    assert not files()
    assert not staged_files(site.DATA)


def test_a_bad_object_does_not_hold_up_the_others(store: Store) -> None:
    first, second = dicoms.ct_series(2)
    assert [outcome.status for outcome in store(first, b"rubbish", second)] == [
        Status.STORED,
        Status.REFUSED,
        Status.STORED,
    ]


def test_another_study_than_the_request_names_is_refused(origin: Origin) -> None:
    with Batch(origin) as batch:
        batch.receive([dicoms.ct_slice()], expected=Identity(study_instance_uid="1.2.3"))
        (outcome,) = batch.commit()
    assert (outcome.status, outcome.failure_reason) == (Status.REFUSED, 0xA900)


def test_leaving_without_a_commit_leaves_nothing(origin: Origin) -> None:
    with Batch(origin) as batch:
        batch.receive([dicoms.ct_slice()])
    assert not files()
    assert not staged_files(site.DATA)
    assert not Study.objects.exists()


def test_a_sender_that_fails_midway_leaves_nothing_of_its_object(origin: Origin) -> None:
    def broken() -> Iterator[bytes]:
        yield dicoms.ct_slice()[:1000]
        raise ConnectionResetError(104, "gone")

    with Batch(origin) as batch, pytest.raises(ConnectionResetError):
        batch.receive(broken())
    assert not staged_files(site.DATA)


def test_any_split_of_the_bytes_stores_the_same_file(origin: Origin) -> None:
    data = dicoms.ct_slice()
    store_one((data[i : i + 7] for i in range(0, len(data), 7)), origin)
    assert [path.read_bytes() for path in files()] == [data]


def test_a_full_disk_is_said_before_anything_is_written(origin: Origin, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 1 << 62
    with pytest.raises(OutOfSpace):
        store_one([dicoms.ct_slice()], origin)
    assert not staged_files(site.DATA)


def test_an_object_over_the_limit_is_refused(store: Store, settings: Settings) -> None:
    settings.MAX_INSTANCE_BYTES = 1000
    (outcome,) = store(dicoms.ct_slice())
    assert (outcome.status, outcome.failure_reason) == (Status.REFUSED, 0xA700)
    assert not staged_files(site.DATA)


def test_a_study_with_two_patients_is_marked(store: Store) -> None:
    store(dicoms.ct_slice(PatientID="A"))
    store(dicoms.ct_slice(InstanceNumber=2, PatientID="B"))
    study = Study.objects.get()
    assert study.has_other_patient
    assert study.patient_identifier == "A"


def test_what_the_first_instance_lacked_is_filled_in(store: Store) -> None:
    store(dicoms.ct_slice(StudyDescription=None))
    store(dicoms.ct_slice(InstanceNumber=2, StudyDescription="Head"))
    store(dicoms.ct_slice(InstanceNumber=3, StudyDescription="Foot"))
    assert Study.objects.get().study_description == "Head"


def test_storing_is_on_record(store: Store) -> None:
    store(*dicoms.ct_series(2))
    event = Event.objects.get()
    assert (event.action, event.actor, event.count, event.source) == ("import", "nora", 2, "test")


def test_listeners_hear_of_it_and_can_not_spoil_it(store: Store) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("listener")

    events.stored.connect(broken)
    try:
        (outcome,) = store(dicoms.ct_slice())
    finally:
        events.stored.disconnect(broken)
    assert outcome.status is Status.STORED


def test_a_batch_of_a_new_study_costs_fixed_queries(
    store: Store, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # Five of them are the record's: its chain's end (looked for, made, and read), its events, and that end moved. The
    # last two ask for the job that comes when the study has settled, unless this process has asked already, and look
    # whether anything is planned in this practice, which is remembered for a while.
    with django_assert_max_num_queries(19 + LOCKS):
        store(*dicoms.ct_series(10))


def test_a_batch_of_a_known_study_costs_fewer(store: Store, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    slices = dicoms.ct_series(10)
    store(slices[0])
    # Three of them are the record's.
    with django_assert_num_queries(9 + LOCKS):
        store(*slices[1:])
