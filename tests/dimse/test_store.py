"""C-STORE: what a remote sends is kept, and what becomes of it is said by the codes of PS3.4 B.2.3."""

from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.conf import settings as site_settings
from pydicom.data import get_testdata_file
from pytest_django import Settings

from apps.accounts.models import Practice
from apps.archive.models import Instance, Quarantined, Study
from apps.archive.outcomes import DuplicatePolicy
from apps.archive.storage import site_objects
from apps.audit.models import Event
from apps.dicom.network.command import Element, Field, Status
from apps.dimse.server import Server
from apps.remotes import directory
from apps.remotes.models import Remote, Service
from tests import databases, dicoms
from tests.dimse import nodes
from tests.dimse.nodes import dcmtk
from tests.dimse.storing import sending, status, store

OTHER = {"PatientName": "Other^Name"}


def test_what_is_sent_is_kept_as_it_came(port: int, practice: Practice) -> None:
    data = dicoms.ct_slice()
    with sending(port) as association:
        assert status(association, data) == Status.SUCCESS
    instance = Instance.objects.get()
    kept = site_objects().read(instance.file_key, 0, instance.size)
    assert kept[instance.dataset_offset :] == dicoms.bare(dicoms.ct_dataset(), nodes.EXPLICIT)
    assert (instance.source, Study.objects.get().practice) == ("C-STORE", practice)


def test_a_store_is_on_record_with_who_sent_it_and_from_where(port: int, remote: Remote) -> None:
    with sending(port) as association:
        store(association, dicoms.ct_slice())
    event = Event.objects.get(action=Event.Action.IMPORT)
    assert (event.source, event.address, event.study_instance_uid) == ("C-STORE", "127.0.0.1", dicoms.STUDY_UID)
    assert nodes.THEIRS in event.actor
    assert event.patient


def test_the_same_again_is_a_success(port: int) -> None:
    with sending(port) as association:
        assert [status(association, dicoms.ct_slice()) for _ in range(2)] == [0, 0]
    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    ("policy", "expected", "quarantined"),
    [
        ("", Status.SUCCESS, 1),
        (DuplicatePolicy.QUARANTINE.value, Status.SUCCESS, 1),
        (DuplicatePolicy.OVERWRITE.value, Status.SUCCESS, 0),
        (DuplicatePolicy.REJECT.value, Status.DUPLICATE_SOP_INSTANCE, 0),
    ],
)
def test_other_content_is_treated_as_the_remote_has_it(
    port: int, remote: Remote, policy: str, expected: int, quarantined: int
) -> None:
    Remote.objects.update(duplicates=policy)
    directory.forget_all()
    with sending(port) as association:
        store(association, dicoms.ct_slice())
        assert status(association, dicoms.ct_slice(**OTHER)) == expected
    assert (Instance.objects.count(), Quarantined.objects.count()) == (1, quarantined)


@pytest.mark.parametrize(
    ("file", "elements", "expected"),
    [
        (dicoms.ct_slice(), {"AFFECTED_SOP_INSTANCE": "1.2.3"}, Status.NOT_OF_SOP_CLASS),
        (dicoms.ct_slice(), {"AFFECTED_SOP_INSTANCE": "../../etc/passwd"}, Status.INVALID_SOP_INSTANCE),
        (dicoms.ct_slice(), {"AFFECTED_SOP_INSTANCE": "1" * 65}, Status.INVALID_SOP_INSTANCE),
        (dicoms.ct_slice(), {"AFFECTED_SOP_CLASS": "1.2.840.10008.5.1.4.1.1.4"}, Status.SOP_CLASS_NOT_SUPPORTED),
        (dicoms.ct_slice()[:-100], {}, Status.CANNOT_UNDERSTAND),
        (dicoms.ct_slice(StudyInstanceUID="no UID"), {}, Status.CANNOT_UNDERSTAND),
        (dicoms.ct_slice(SeriesInstanceUID=None), {}, Status.WARNING_SUB_OPERATIONS),
    ],
)
def test_what_is_wrong_is_said_and_the_association_goes_on(
    port: int, file: bytes, elements: dict[str, str], expected: int
) -> None:
    with sending(port) as association:
        answer = store(association, file, **elements).command
        assert answer.status == expected
        assert answer.text(Element.ERROR_COMMENT)
        assert status(association, dicoms.ct_slice(SOPInstanceUID=dicoms.uid(7))) == Status.SUCCESS


def test_a_request_without_a_data_set_is_told_so(port: int) -> None:
    with sending(port) as association:
        answer = nodes.ask(association, Field.C_STORE, AFFECTED_SOP_INSTANCE="1.2.3")
        assert answer.command.status == Status.MISTYPED_ARGUMENT
        assert status(association, dicoms.ct_slice()) == Status.SUCCESS


def test_a_full_disk_is_told_and_keeps_nothing(port: int, settings: Settings) -> None:
    room, settings.MIN_FREE_BYTES = settings.MIN_FREE_BYTES, 1 << 60
    with sending(port) as association:
        assert status(association, dicoms.ct_slice()) == Status.OUT_OF_RESOURCES
        assert not Instance.objects.exists()
        settings.MIN_FREE_BYTES = room
        assert status(association, dicoms.ct_slice()) == Status.SUCCESS


def test_an_object_that_is_too_large_is_read_to_its_end_and_refused(port: int, settings: Settings) -> None:
    settings.MAX_INSTANCE_BYTES = 1000
    with sending(port) as association:
        assert status(association, dicoms.ct_slice()) == Status.CANNOT_UNDERSTAND
        settings.MAX_INSTANCE_BYTES = 1 << 30
        assert status(association, dicoms.ct_slice()) == Status.SUCCESS


def test_who_may_only_find_stores_nothing(server: Server, port: int, practice: Practice) -> None:
    nodes.add_remote(practice, "FINDER", Service.FIND)
    with sending(port, calling="FINDER") as association:
        assert not association.contexts
    assert not Instance.objects.exists()


def test_a_sender_that_breaks_off_leaves_nothing(port: int) -> None:
    data = dicoms.ct_slice()
    with sending(port) as association:
        store(association, dicoms.ct_slice(SOPInstanceUID=dicoms.uid(7)))
        (context,) = association.contexts.values()
        command = {
            Element.COMMAND_FIELD: Field.C_STORE,
            Element.MESSAGE_ID: 9,
            Element.AFFECTED_SOP_CLASS: nodes.CT,
            Element.AFFECTED_SOP_INSTANCE: dicoms.uid(8),
            Element.DATA_SET_TYPE: 0,
        }
        association.wire.write_parts(association.message_parts(context, command, data)[:3])
    assert nodes.is_answered(port)
    assert Instance.objects.count() == 1


@databases.writers_wait
def test_eight_senders_of_the_same_study_all_succeed(port: int) -> None:
    """What comes at the same moment shares a transaction; each object is stored once."""
    slices = dicoms.ct_series(3)
    answers: list[int] = []
    start = Barrier(8)

    def send() -> None:
        with sending(port) as association:
            start.wait(30)
            answers.extend(status(association, each) for each in slices)

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [0] * 24
    study = Study.objects.get()
    assert (study.instance_count, study.series_count, Instance.objects.count()) == (3, 1, 3)
    files = [path for path in Path(site_settings.DATA).glob("objects/*/*") if path.is_file()]
    assert len(files) == 3


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("CT_small.dcm", ()),
        ("JPEG2000.dcm", ("-xw",)),
        ("MR_small_RLE.dcm", ("-xr",)),
        ("rtplan.dcm", ("-xi",)),
    ],
)
def test_storescu_stores_what_devices_send(port: int, name: str, options: tuple[str, ...]) -> None:
    done = dcmtk("storescu", port, "-v", *options, files=[str(get_testdata_file(name))])
    assert done.returncode == 0, done.stdout
    assert "Received Store Response (Success)" in done.stdout
    assert Instance.objects.count() == 1
