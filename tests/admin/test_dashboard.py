"""The first page, the storage page, the patients and the record."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice
from apps.archive.models import Patient, Study
from apps.audit.models import Event
from apps.jobs.models import Job, State
from apps.ops import health
from tests.admin.conftest import store_studies

INDEX = reverse("admin:index")


def test_it_tells_what_is_stored_and_what_waits(staff: Client, practice: Practice, study: Study) -> None:
    Job.objects.create(
        kind="make-thumbnails",
        practice=practice,
        state=State.FAILED,
        error="The disk is full.",
        finished_at=timezone.now(),
    )
    page = staff.get(INDEX).content.decode()
    for text in (
        "<b>1</b>",
        "<b>2</b>",
        "Doe, Jane",
        "make-thumbnails",
        "The disk is full.",
        " free</span>",
        "Database",
    ):
        assert text in page


def test_today_has_a_bar(staff: Client, study: Study) -> None:
    context = staff.get(INDEX).context
    assert [day.studies for day in context["days"]] == [0] * 13 + [1]
    assert context["days"][-1].height == 100


def test_it_tells_which_part_is_out_of_order(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        health.Checkup, "answers", lambda _: [health.Answer("worker", "No worker gave a sign of life.")]
    )
    assert "No worker gave a sign of life." in staff.get(INDEX).content.decode()


def test_it_takes_as_many_queries_for_many_studies_as_for_few(
    staff: Client, practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store_studies(practice, first=1, count=10)
    Job.objects.bulk_create(Job(kind="work", practice=practice) for _ in range(20))
    # Session, user, grants; jobs counted and listed; quarantine; who was let in; alarms; totals, days, newest; bell.
    with django_assert_num_queries(13):
        staff.get(INDEX)


def test_it_runs_no_script_of_its_own(staff: Client, study: Study) -> None:
    content = staff.get(INDEX).content.decode()
    body = content[content.index('class="fovea-stack"') : content.index("Parts of the server")]
    assert "<script" not in body
    assert "style=" not in body


def test_storage_tells_the_shares(staff: Client, study: Study) -> None:
    page = staff.get(reverse("admin:archive_storage")).content.decode()
    for text in ("North", "CT", " free</span>"):
        assert text in page


def test_patients_are_found_and_have_their_studies(staff: Client, study: Study) -> None:
    listed = staff.get(reverse("admin:archive_patient_changelist"), {"q": "jane doe"}).content.decode()
    assert "Doe, Jane" in listed
    page = staff.get(reverse("admin:archive_patient_change", args=[Patient.objects.get().pk])).content.decode()
    assert reverse("admin:archive_study_change", args=[study.pk]) in page


def test_patients_take_as_many_queries_for_many_as_for_one(
    staff: Client, practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store_studies(practice, first=1, count=9)
    # Session, user, grants; the menu's four; the filter's practices; the count and the page.
    with django_assert_num_queries(11):
        staff.get(reverse("admin:archive_patient_changelist"))


def test_the_record_can_be_read_and_not_written(boss: Client, study: Study) -> None:
    event = Event.objects.latest("pk")
    assert study.study_instance_uid in boss.get(reverse("admin:audit_event_changelist")).content.decode()
    assert boss.get(reverse("admin:audit_event_add")).status_code == 403
    assert boss.post(reverse("admin:audit_event_change", args=[event.pk]), {"actor": "x"}).status_code == 403
    assert boss.post(reverse("admin:audit_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403


def test_the_record_is_searched_by_uid(boss: Client, study: Study) -> None:
    events = reverse("admin:audit_event_changelist")
    found = boss.get(events, {"q": study.study_instance_uid}).context["cl"].result_list
    assert {event.study_instance_uid for event in found} == {study.study_instance_uid}
    assert not boss.get(events, {"q": "1.2.3"}).context["cl"].result_list
