"""Assignments by Referring Physician's Name, made when a study has settled."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.access import physicians
from apps.access.models import PhysicianName
from apps.accounts.models import Practice, User
from apps.archive.models import Assignment, Study
from apps.jobs import arrivals
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.tasks import study_stable
from tests.access.conftest import ask, metadata_status, new_study


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    arrivals.forget_all()


def name(client: Client, username: str = "dora", text: str = "Müller^Dora^^Dr") -> int:
    return ask(client, "physician-names", username=username, name=text).status_code


def settle() -> None:
    """Let time pass, and the job of each study that came be done."""
    Study.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    for job in Job.objects.filter(kind=arrivals.KIND):
        study_stable(JobHandle(job.pk, 1), **job.parameters)


@pytest.mark.parametrize("written", ["Müller^Dora^^Dr", "MULLER^DORA^^DR", "muller ^ dora^^dr^", "Müller^Dora^^Dr=x^y"])
def test_a_study_that_refers_to_a_user_assigns_its_patient(
    client: Client, doctor: User, doctor_client: Client, practice: Practice, written: str
) -> None:
    assert name(client) == 201
    study = new_study(practice, 1, ReferringPhysicianName=written, SpecificCharacterSet="ISO_IR 192")
    settle()
    row = Assignment.objects.get()
    assert (row.user, row.patient, row.origin, row.assigned_by) == (doctor, study.patient, "physician", None)
    assert metadata_status(doctor_client, study) == 200


@pytest.mark.parametrize("written", ["Muller^Dorothea", "", None])
def test_other_names_assign_nobody(client: Client, doctor: User, practice: Practice, written: str | None) -> None:
    name(client)
    new_study(practice, 1, ReferringPhysicianName=written)
    settle()
    assert not Assignment.objects.exists()


def test_a_name_counts_in_its_practice_alone(client: Client, doctor: User, other_practice: Practice) -> None:
    name(client)
    new_study(other_practice, 1, ReferringPhysicianName="Müller^Dora^^Dr", SpecificCharacterSet="ISO_IR 192")
    settle()
    assert not Assignment.objects.exists()


def test_who_has_left_is_not_assigned(client: Client, doctor: User, practice: Practice) -> None:
    name(client)
    doctor.grants.update(valid_until=timezone.now())
    new_study(practice, 1, ReferringPhysicianName="Muller^Dora^^Dr")
    settle()
    assert not Assignment.objects.exists()


def test_doing_it_again_changes_nothing(client: Client, doctor: User, practice: Practice) -> None:
    name(client)
    study = new_study(practice, 1, ReferringPhysicianName="Muller^Dora^^Dr")
    for _ in range(2):
        physicians.on_settled(study=study)
    assert Assignment.objects.count() == 1


def test_an_ended_assignment_comes_back_with_a_newer_study_alone(
    client: Client, doctor: User, practice: Practice
) -> None:
    name(client)
    study = new_study(practice, 1, ReferringPhysicianName="Muller^Dora^^Dr")
    physicians.on_settled(study=study)
    ask(client, f"assignments/{Assignment.objects.get().pk}/end")
    physicians.on_settled(study=study)
    assert not Assignment.objects.filter(until=None).exists()
    physicians.on_settled(study=new_study(practice, 2, PatientID="P1", ReferringPhysicianName="Muller^Dora^^Dr"))
    assert Assignment.objects.filter(until=None).count() == 1


def test_a_study_that_refers_to_nobody_costs_no_query(
    practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    study = new_study(practice, 1, ReferringPhysicianName="")
    with django_assert_num_queries(0):
        physicians.on_settled(study=study)


def test_names_are_given_by_administrators_alone(
    doctor_client: Client, clerk_client: Client, stranger_client: Client, anonymous: Client, doctor: User
) -> None:
    answers = [name(each) for each in (doctor_client, clerk_client, stranger_client, anonymous)]
    assert answers == [403, 403, 404, 401]


def test_a_name_is_given_once_and_must_be_one(client: Client, doctor: User) -> None:
    assert [name(client), name(client, text="muller^dora^^dr"), name(client, text="^^")] == [201, 409, 400]


def test_a_name_is_taken_away(client: Client, stranger_client: Client, doctor: User, practice: Practice) -> None:
    name(client)
    address = f"/api/physician-names/{PhysicianName.objects.get().pk}"
    assert stranger_client.delete(address).status_code == 404
    assert client.delete(address).status_code == 204
    new_study(practice, 1, ReferringPhysicianName="Muller^Dora^^Dr")
    settle()
    assert not Assignment.objects.exists()
