"""Lesions in the admin: recorded and found on a patient's page, which shows them over studies, and who sees it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Patient
from apps.lesions.models import Lesion
from tests.conftest import client_of
from tests.lesions.studies import imaged, line, measurement, reported, study_uid
from tests.rights import give

pytestmark = pytest.mark.django_db
LIST = reverse("admin:lesions_lesion_changelist")


def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def admin(user: User) -> Client:
    return staff(user)


@pytest.fixture
def patient(practice: Practice) -> Patient:
    """Of whom a lesion was measured in two studies."""
    for number, size in ((0, 30), (1, 12)):
        imaged(practice, number)
        reported(practice, number, line(number, size, (20, 20), tracking=number + 1, label=f"Dome {number}"))
    return Patient.objects.get()


def page(patient: Patient) -> str:
    return reverse("admin:lesions_lesion_patient", args=[patient.pk])


def send(client: Client, what: str, patient: Patient, **given: Any) -> Any:
    return client.post(reverse(f"admin:lesions_lesion_{what}", args=[patient.pk]), given, follow=True)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_lesion_is_recorded_found_and_judged_on_the_page(admin: Client, patient: Patient) -> None:
    first = text_of(admin.get(page(patient)))
    assert "Record a lesion" in first
    assert "2025-01-10 · Dome 0 · 30.0 mm" in first
    sent = send(admin, "record", patient, study=study_uid(0), measurement=measurement(0, 1), role="target")
    assert "The lesion is recorded." in text_of(sent)
    lesion = Lesion.objects.get()
    sent = send(admin, "found", patient, lesion=lesion.pk, study=study_uid(1), measurement=measurement(1, 2))
    shown = text_of(sent)
    assert "How the lesion was found is noted." in shown
    response = '<abbr title="Partial response">PR</abbr>'
    for words in ("30.0 mm", "12.0 mm", response, "\N{MINUS SIGN}60.0 %", "Sum of diameters"):
        assert words in shown
    assert '<svg class="fovea-line"' in shown
    assert 'aria-label="Sum of diameters over time: ' in shown
    removed = admin.post(reverse("admin:lesions_lesion_remove", args=[lesion.pk]), follow=True)
    assert "The lesion is removed." in text_of(removed)
    assert not Lesion.objects.exists()


def test_what_is_wrong_stands_beside_its_field(admin: Client, patient: Patient) -> None:
    wrong = text_of(send(admin, "record", patient, study=study_uid(0), measurement=measurement(1, 2), role="target"))
    assert "The study has no such length" in wrong
    wrong = text_of(send(admin, "record", patient, study=study_uid(0), state="present", organ="bone", role="target"))
    assert "A target lesion is measured, too small" in wrong
    assert text_of(send(admin, "record", patient, role="target", study="1.2.3")).count("valid choice") == 1
    assert not Lesion.objects.exists()


def test_the_list_and_the_patients_page_lead_there(admin: Client, patient: Patient) -> None:
    of_patient = reverse("admin:archive_patient_change", args=[patient.pk])
    assert "Follow lesions" in text_of(admin.get(of_patient))
    send(admin, "record", patient, study=study_uid(0), measurement=measurement(0, 1), role="target")
    assert "Dome 0" in text_of(admin.get(LIST))
    assert "1 lesion over time" in text_of(admin.get(of_patient))
    one = admin.get(reverse("admin:lesions_lesion_change", args=[Lesion.objects.get().pk]))
    assert one["Location"] == page(patient)


def test_names_are_no_markup(admin: Client, patient: Patient) -> None:
    given = {"study": study_uid(0), "measurement": measurement(0, 1), "role": "target"}
    sent = send(admin, "record", patient, **given, name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in text_of(sent)
    assert "&lt;script&gt;alert(1)" in text_of(sent)


def test_others_do_not_see_it(admin: Client, stranger: User, anonymous: Client, patient: Patient) -> None:
    send(admin, "record", patient, study=study_uid(0), measurement=measurement(0, 1), role="target")
    lesion = Lesion.objects.get()
    elsewhere = staff(stranger)
    assert elsewhere.get(page(patient)).status_code == 404
    assert "Dome 0" not in text_of(elsewhere.get(LIST))
    remove = reverse("admin:lesions_lesion_remove", args=[lesion.pk])
    assert elsewhere.post(remove).status_code == 404
    assert send(elsewhere, "record", patient, study=study_uid(0), role="new").status_code == 404
    assert send(elsewhere, "found", patient, lesion=lesion.pk, study=study_uid(0)).status_code == 404
    assert anonymous.get(page(patient)).status_code == 302
    assert anonymous.post(remove).status_code == 302
    assert Lesion.objects.exists()


def test_who_may_only_look_has_no_forms(practice: Practice, admin: Client, patient: Patient) -> None:
    send(admin, "record", patient, study=study_uid(0), measurement=measurement(0, 1), role="target")
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    looking = staff(user)
    shown = text_of(looking.get(page(patient)))
    assert "Dome 0" in shown
    assert "Record a lesion" not in shown
    assert "Remove" not in shown
    assert looking.post(reverse("admin:lesions_lesion_remove", args=[Lesion.objects.get().pk])).status_code == 403


def test_without_all_studies_nothing_is_judged(practice: Practice, admin: Client, patient: Patient) -> None:
    send(admin, "record", patient, study=study_uid(0), measurement=measurement(0, 1), role="target")
    lesion = Lesion.objects.get()
    send(admin, "found", patient, lesion=lesion.pk, study=study_uid(1), measurement=measurement(1, 2))
    user = User.objects.create_user("gus", practice=practice)
    give(user, practice, Permission.VIEW, scope="study", subject=study_uid(0))
    shown = text_of(staff(user).get(page(patient)))
    assert "30.0 mm" in shown
    assert "12.0 mm" not in shown
    assert "which you may not look at" in shown
    assert "Partial response" not in shown
