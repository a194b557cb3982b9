"""Patient access in the admin: the menu's numbers, the decisions, and what others get of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from apps.access import tasks
from apps.access.models import AccessRequest, Emergency, Invitation, PhysicianName
from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Assignment, Study
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from tests.access.conftest import ask, metadata_status, new_user, seen
from tests.access.family import verified
from tests.conftest import client_of

WHY = "Second opinion before the operation"


@pytest.fixture
def boss(user: User) -> Client:
    return _staff(user)


@pytest.fixture
def desk(clerk: User) -> Client:
    return _staff(clerk)


@pytest.fixture
def other_staff(stranger: User) -> Client:
    return _staff(stranger)


def _staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


def page(name: str, *args: Any) -> str:
    return str(reverse(f"admin:{name}", args=args))


def text(client: Client, address: str, **body: Any) -> str:
    answer = client.post(address, body, follow=True) if body else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def emergency(doctor_client: Client) -> Emergency:
    body = {"kind": "accession", "value": "A1", "reason": "Unconscious after a fall"}
    return Emergency.objects.get(pk=ask(doctor_client, "emergencies", **body).json()["id"])


def test_a_patient_is_assigned_on_their_page(boss: Client, doctor_client: Client, study: Study) -> None:
    whose = page("archive_patient_change", study.patient_id)
    assert "Nobody. Users whose grants" in text(boss, whose)
    shown = text(boss, page("archive_assignment_assign", study.patient_id), username="dora", reason="Treats the knee")
    assert "Treats the knee" in shown
    assert metadata_status(doctor_client, study) == 200
    text(boss, page("archive_assignment_end", Assignment.objects.get().pk), reason="Moved away")
    assert "Moved away" in text(boss, whose)
    assert metadata_status(doctor_client, study) == 404


def test_who_does_not_decide_sees_no_assignments(desk: Client, other_staff: Client, study: Study, doctor: User) -> None:
    assert "Assigned to" not in text(desk, page("archive_patient_change", study.patient_id))
    assign = page("archive_assignment_assign", study.patient_id)
    assert [each.post(assign, {"username": "dora"}).status_code for each in (desk, other_staff)] == [403, 404]
    assert desk.get(page("archive_assignment_changelist")).status_code == 403
    assert not Assignment.objects.exists()


def test_an_invitation_is_made_from_a_study_and_its_link_shown_once(desk: Client, study: Study) -> None:
    invite = page("access_invitation_invite", study.patient_id)
    assert invite in text(desk, page("archive_study_change", study.pk))
    body = {"name": "Maria Doe", "contact": "0123", "relation": "parent", "ends": "2099-01-01"}
    assert "within two years" in text(desk, invite, studies=[study.study_instance_uid], **body)
    body["ends"] = _in_a_month()
    answer = desk.post(invite, {"studies": [study.study_instance_uid], **body})
    assert "/access/invitation/" in answer.content.decode()
    assert answer["Cache-Control"].startswith("no-store")
    link = answer.context["link"]
    assert link not in text(desk, page("access_invitation_change", Invitation.objects.get().pk))


def _in_a_month() -> str:
    return (timezone.localdate() + timedelta(days=30)).isoformat()


def test_staff_accepts_whom_the_menu_told_of(desk: Client, study: Study) -> None:
    browser, pk = verified(desk, study)
    assert "Waits for review" in text(desk, page("access_invitation_changelist"))
    assert '<span class="fovea-badge bad">Waits for review' in text(desk, page("access_invitation_change", pk))
    text(desk, page("access_invitation_accept", pk), note="Knows the family")
    assert seen(browser) == {"1"}
    assert "Say why" in text(desk, page("access_invitation_revoke", pk), note=" ")
    text(desk, page("access_invitation_revoke", pk), note="They asked for it themselves")
    assert seen(browser) == set()


def test_a_code_is_shown_once(desk: Client, study: Study) -> None:
    made = ask(desk, "invitations", studies=[study.study_instance_uid], name="M", contact="1", relation="other",
               until=f"{_in_a_month()}T00:00:00Z").json()  # fmt: skip
    shown = desk.post(page("access_invitation_code", made["id"]))
    assert "The code for M" in shown.content.decode()
    assert shown["Cache-Control"].startswith("no-store")


def test_a_request_is_decided_on_its_page(boss: Client, doctor_client: Client, study: Study) -> None:
    made = ask(doctor_client, "access-requests", kind="accession", value="A1", reason=WHY, days=7).json()["id"]
    shown = text(boss, page("access_accessrequest_change", made))
    assert page("archive_study_change", study.pk) in shown
    assert "number of days" in text(boss, page("access_accessrequest_approve", made), days="x")
    text(boss, page("access_accessrequest_approve", made), days="3")
    assert AccessRequest.objects.get().state == "approved"
    assert metadata_status(doctor_client, study) == 200


def test_an_emergency_shows_until_it_is_reviewed(boss: Client, doctor_client: Client, study: Study) -> None:
    row = emergency(doctor_client)
    assert "1 emergency access" in text(boss, page("index"))
    assert "Unconscious after a fall" in text(boss, page("access_emergency_change", row.pk))
    text(boss, page("access_emergency_end", row.pk), sure="1")
    assert metadata_status(doctor_client, study) == 404
    text(boss, page("access_emergency_review", row.pk), note="Spoke with the doctor")
    assert "emergency access" not in text(boss, page("index"))


def test_other_practices_and_other_roles_get_nothing(
    desk: Client, other_staff: Client, doctor_client: Client, study: Study
) -> None:
    row = emergency(doctor_client)
    made = ask(doctor_client, "access-requests", kind="accession", value="A1", reason=WHY, days=7).json()["id"]
    pages = [page("access_emergency_change", row.pk), page("access_accessrequest_change", made)]
    assert [other_staff.get(each).status_code for each in pages] == [404, 404]
    assert [desk.get(each).status_code for each in pages] == [403, 403]
    for each in (desk, other_staff):
        assert "1 emergency access" not in text(each, page("index"))


def test_names_of_physicians_are_given_and_taken(boss: Client, doctor: User) -> None:
    add = page("access_physicianname_add")
    text(boss, add, user=doctor.pk, name="Müller^Dora")
    assert "has this name already" in text(boss, add, user=doctor.pk, name="MULLER^DORA")
    text(boss, page("access_physicianname_delete", PhysicianName.objects.get().pk), post="yes")
    assert not PhysicianName.objects.exists()


def test_administrators_get_mail_where_the_site_sends_it(
    user: User, practice: Practice, doctor_client: Client, study: Study, settings: Settings
) -> None:
    settings.EMAIL_IS_SENT = True
    User.objects.filter(pk=user.pk).update(email="nora@example.org")
    new_user(practice, "nick", Permission.VIEW)
    User.objects.filter(username="nick").update(email="nick@example.org")
    emergency(doctor_client)
    asked = Job.objects.get(kind="emergency-alert")
    tasks.alert(JobHandle(asked.pk, 1), **asked.parameters)
    (sent,) = mail.outbox
    assert sent.to == ["nora@example.org"]
    for secret in ("Patient", "Unconscious"):
        assert secret not in str(sent.message())


def test_without_a_mail_server_no_mail_is_asked_for(doctor_client: Client, study: Study) -> None:
    emergency(doctor_client)
    assert not Job.objects.filter(kind="emergency-alert").exists()
