"""Reads on record: one event for many, whose patient it was, and who looked at all."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Patient
from apps.audit import access, patients, pending
from apps.audit.models import Event, Pending
from apps.core.errors import Unavailable
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep, place

pytestmark = pytest.mark.django_db
Action = Event.Action
STUDY = dicoms.uid(1)


@pytest.fixture
def nora(practice: Practice) -> Principal:
    return Principal(1, "nora", practice.pk, (practice.pk,), via="session")


def test_five_hundred_frames_are_one_event(client: Client, practice: Practice) -> None:
    data = dicoms.multi_frame(5)
    keep(practice, data)
    for _ in range(100):
        client.get(f"{place(data)}/frames/1,2,3,4,5")
    access.flush()
    event = Event.objects.get(action=Action.ACCESS)
    assert (event.count, event.source, event.via, event.address) == (500, "frames", "session", "127.0.0.1")


def test_a_read_costs_the_request_no_query(
    nora: Principal, practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        for _ in range(500):
            access.note(nora, practice.pk, STUDY, "frames")


def test_what_several_processes_count_is_one_event(nora: Principal, practice: Practice) -> None:
    for _ in range(3):
        access.note(nora, practice.pk, STUDY, "frames", 10)
        access._hand_over()
    assert Pending.objects.get().count == 30
    assert pending.settle(everything=True) == 1
    assert Event.objects.get().count == 30


def test_reads_are_an_event_when_they_pause(nora: Principal, practice: Practice, settings: Settings) -> None:
    start = timezone.now()
    for seconds in (0, 10, 20):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            access.note(nora, practice.pk, STUDY, "frames")
            access._hand_over()
            assert pending.settle() == 0
    with time_machine.travel(start + timedelta(seconds=21 + settings.AUDIT_PAUSE_SECONDS)):
        assert pending.settle() == 1
    event = Event.objects.get()
    assert (event.count, event.until and event.until - event.at) == (3, timedelta(seconds=20))
    assert abs(event.at - start) < timedelta(milliseconds=1)


def test_reads_that_never_pause_are_events_all_the_same(
    nora: Principal, practice: Practice, settings: Settings
) -> None:
    start = timezone.now()
    for seconds in range(0, settings.AUDIT_LONGEST_SECONDS + 10, 10):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            access.note(nora, practice.pk, STUDY, "frames")
            access._hand_over()
            pending.settle()
    assert Event.objects.count() == 1


def test_the_patient_is_a_pseudonym_that_the_id_leads_to(client: Client, practice: Practice) -> None:
    keep(practice, dicoms.ct_slice(PatientID="4711", PatientName="Secret^Name"))
    client.get(f"/dicom-web/studies/{STUDY}/metadata")
    access.flush()
    stored, read = Event.objects.get(action=Action.IMPORT), Event.objects.get(action=Action.ACCESS)
    assert stored.patient == read.patient
    assert patients.pseudonyms_for("4711") >= {read.patient}
    assert read.patient not in patients.pseudonyms_for("4712")
    assert not any(secret in str(Event.objects.values().get(pk=read.pk)) for secret in ("4711", "Secret"))


def test_a_patient_who_is_gone_is_found_by_the_id_still(practice: Practice) -> None:
    keep(practice, dicoms.ct_slice(PatientID="4711"))
    pseudonym = Event.objects.get(action=Action.IMPORT).patient
    patients_before = patients.pseudonyms_for("4711")
    Patient.objects.update(patient_id="", identity="gone")
    assert pseudonym in patients_before & patients.pseudonyms_for("4711")


def test_a_superusers_reads_elsewhere_raise_one_alert(practice: Practice, other_practice: Practice) -> None:
    keep(other_practice, data := dicoms.ct_slice())
    boss = client_of(User.objects.create_superuser("boss", practice=practice))
    for _ in range(3):
        assert boss.get(f"{place(data)}/frames/1").status_code == 200
    access.flush()
    alert = Event.objects.get(action=Action.OUTSIDE)
    assert (alert.actor, alert.practice, alert.count) == ("boss", other_practice, 3)


@pytest.mark.django_db(transaction=True)
def test_what_the_database_does_not_take_waits(
    nora: Principal, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.note(nora, practice.pk, STUDY, "frames", 2)
    with monkeypatch.context() as broken:
        broken.setattr(pending, "ADD", "INSERT INTO nowhere VALUES (%s, %s, %s, %s, %s)")
        access._write()
    access.note(nora, practice.pk, STUDY, "frames", 3)
    access.flush()
    assert Event.objects.get().count == 5


def test_nothing_is_given_that_can_not_be_on_record(
    nora: Principal, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MOST", 2)
    for number in range(2):
        access.note(nora, practice.pk, f"1.2.{number}", "frames")
    access.note(nora, practice.pk, "1.2.0", "frames")
    with pytest.raises(Unavailable):
        access.note(nora, practice.pk, "1.2.3", "frames")
    access.flush()
