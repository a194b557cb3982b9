"""Correcting data in the admin: the pages of patients and studies."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Correction, Patient, Study
from tests import dicoms
from tests.admin.conftest import store
from tests.conftest import client_of
from tests.rights import give


@pytest.fixture
def jane(study: Study) -> Patient:
    return study.patient


@pytest.fixture
def john(practice: Practice) -> Patient:
    uids = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.1", "SOPInstanceUID": "1.2.3.1.1"}
    store(practice, dicoms.ct_slice(PatientName="Roe^John", PatientID="P2", PatientBirthDate="19600203", **uids))
    return Patient.objects.get(patient_id="P2")


def at(name: str, row: Any) -> str:
    return reverse(f"admin:archive_{name}", args=[row.pk])


def filled(page: Any, **changed: str) -> dict[str, str]:
    """What a browser sends of the form on the page, with these changes."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields} | changed


def test_a_patient_is_edited(staff: Client, jane: Patient) -> None:
    where = at("patient_edit", jane)
    sent = filled(staff.get(where), family_name="Smith", reason="married")
    page = staff.post(where, sent, follow=True).content.decode()
    assert "Smith, Jane" in page
    (made,) = Correction.objects.all()
    assert list(made.changes) == ["00100010"]


def test_what_does_not_fit_is_said_beside_the_form(staff: Client, jane: Patient) -> None:
    where = at("patient_edit", jane)
    page = staff.post(where, filled(staff.get(where), patient_id="x" * 65, reason="typo"))
    assert "64 characters" in page.content.decode()
    assert not Correction.objects.exists()


def test_two_patients_are_compared_merged_and_parted(staff: Client, jane: Patient, john: Patient) -> None:
    where = at("patient_merge", jane)
    assert "Roe, John" in staff.get(where, {"q": "roe"}).content.decode()
    side_by_side = staff.get(where, {"into": john.pk}).content.decode()
    assert "fovea-differs" in side_by_side
    page = staff.post(f"{where}?into={john.pk}", {"reason": "the same person"}, follow=True).content.decode()
    assert "Merged into this patient" in page
    assert Study.objects.filter(patient=john).count() == 2
    assert "Doe, Jane" not in staff.get(reverse("admin:archive_patient_changelist")).content.decode()
    staff.post(at("patient_corrections", john), {"correction": Correction.objects.get().pk})
    assert Study.objects.filter(patient=jane).count() == 1


def test_a_study_is_edited_and_that_undone(staff: Client, study: Study) -> None:
    where = at("study_edit", study)
    sent = filled(staff.get(where), study_description="Thorax", reason="wrong protocol")
    assert "Thorax" in staff.post(where, sent, follow=True).content.decode()
    listed = at("study_corrections", study)
    assert "<del>Test study</del>" in staff.get(listed).content.decode()
    staff.post(listed, {"correction": Correction.objects.get().pk})
    study.refresh_from_db()
    assert study.study_description == "Test study"


def test_a_study_is_moved_to_somebody_else_and_to_somebody_new(staff: Client, study: Study, john: Patient) -> None:
    where = at("study_move", study)
    assert "Roe, John" in staff.get(where, {"q": "P2"}).content.decode()
    page = staff.post(where, {"patient": john.pk, "reason": "wrong patient"}, follow=True).content.decode()
    assert "Roe, John" in page
    new = {"new": "1", "family_name": "Poe", "given_name": "Ann", "patient_id": "P7", "reason": "neither"}
    assert "Poe, Ann" in staff.post(where, new, follow=True).content.decode()
    again = staff.post(where, {**new, "patient_id": ""})
    assert "Patient ID: this is needed" in again.content.decode()


def test_labels_are_put_on_taken_off_and_filtered_by(staff: Client, study: Study) -> None:
    where = at("study_labels", study)
    assert "teaching" in staff.post(where, {"name": "teaching"}, follow=True).content.decode()
    changelist = reverse("admin:archive_study_changelist")
    assert "Test study" in staff.get(changelist, {"label": "teaching"}).content.decode()
    assert "Test study" not in staff.get(changelist, {"label": "other"}).content.decode()
    chosen = {"action": "label_selected", "_selected_action": [study.pk], "label": "follow-up"}
    staff.post(changelist, chosen)
    staff.post(where, {"name": "teaching", "remove": ""})
    assert [label.name for label in study.labels.all()] == ["follow-up"]


@pytest.mark.parametrize(
    ("page", "needed"),
    [
        ("patient_edit", Permission.EDIT),
        ("patient_merge", Permission.MERGE),
        ("study_edit", Permission.EDIT),
        ("study_move", Permission.MERGE),
    ],
)
def test_who_sees_the_pages(
    study: Study, practice: Practice, other_staff: Client, page: str, needed: Permission
) -> None:
    where = at(page, study if page.startswith("study") else study.patient)

    def ask(*permissions: Permission) -> int:
        user = User.objects.create_user(f"u{User.objects.count()}", practice=practice, is_staff=True)
        give(user, practice, *permissions)
        return client_of(user).get(where).status_code

    assert ask(Permission.VIEW, needed) == 200
    assert ask(*(set(Permission) - {needed})) == 403
    assert other_staff.get(where).status_code == 404
    assert Client().get(where).status_code == 302
