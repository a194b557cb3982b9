"""Emergency access: at once, for one patient, for hours, with an alert and a review."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.access import clock
from apps.access.models import Emergency
from apps.accounts.models import Grant, Practice, Token, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Patient, Study
from apps.audit.models import Event
from tests.access.conftest import ask, metadata_status, new_study, new_user, seen
from tests.access.family import accepted
from tests.conftest import client_of

WHY = "Unconscious after a fall"
FOUND = "Spoke with the doctor; it was one"
BY_ID = {"kind": "patient", "value": "P1", "birthDate": "1980-01-02"}


def declare(client: Client, **more: Any) -> Any:
    return ask(client, "emergencies", **({"reason": WHY} | (more or BY_ID)))


@pytest.mark.parametrize("named", [BY_ID, {"kind": "accession", "value": "A1"}, {"kind": "study", "value": "of it"}])
def test_an_emergency_opens_all_of_the_patient_and_nobody_else(
    doctor_client: Client, practice: Practice, study: Study, other_study: Study, named: dict[str, str]
) -> None:
    named = named | {"value": study.study_instance_uid} if named["value"] == "of it" else named
    assert metadata_status(doctor_client, study) == 404
    assert declare(doctor_client, **named).status_code == 201
    assert metadata_status(doctor_client, study) == 200
    new_study(practice, 3, PatientID="P1")
    assert seen(doctor_client) == {"1", "3"}
    assert metadata_status(doctor_client, other_study) == 404


def test_it_is_for_looking_alone(doctor_client: Client, doctor: User, study: Study) -> None:
    declare(doctor_client)
    assert doctor_client.get(f"/dicom-web/studies/{study.study_instance_uid}").status_code == 403
    (grant,) = Grant.objects.filter(user=doctor, origin="emergency")
    assert (grant.scope, grant.role.permissions) == (Scope.PATIENT, ["view"])


def test_it_ends_by_itself_and_that_is_on_record(doctor_client: Client, doctor: User, study: Study) -> None:
    declare(doctor_client)
    with time_machine.travel(timezone.now() + timedelta(hours=4, minutes=1)):
        doctor_client.force_login(doctor)
        assert seen(doctor_client) == set()
        clock.on_minute()
        clock.on_minute()
    ended = Event.objects.get(action=Event.Action.EMERGENCY_END)
    assert (ended.actor, ended.patient) == ("clock", Event.objects.get(action="emergency-start").patient)
    assert Emergency.objects.get().ended_by is None


def test_it_is_ended_by_hand(doctor_client: Client, study: Study) -> None:
    pk = declare(doctor_client).json()["id"]
    assert metadata_status(doctor_client, study) == 200
    assert doctor_client.post(f"/access/emergencies/{pk}/end/", follow=True).status_code == 200
    assert metadata_status(doctor_client, study) == 404
    assert ask(doctor_client, f"emergencies/{pk}/end").status_code == 409
    assert Event.objects.get(action=Event.Action.EMERGENCY_END).actor == "dora"


def test_an_administrator_ends_it(client: Client, doctor_client: Client, study: Study) -> None:
    pk = declare(doctor_client).json()["id"]
    assert ask(client, f"emergencies/{pk}/end").status_code == 200
    assert metadata_status(doctor_client, study) == 404


def test_it_is_an_alert_with_its_reason(doctor_client: Client, study: Study) -> None:
    declare(doctor_client)
    alert = Event.objects.get(action=Event.Action.EMERGENCY_START)
    assert (alert.actor, alert.reason, alert.outcome) == ("dora", WHY, 0)
    assert alert.patient


def test_an_administrator_reviews_it(client: Client, doctor_client: Client, study: Study) -> None:
    pk = declare(doctor_client).json()["id"]
    assert client.get("/api/emergencies", {"reviewed": "false"}).json()["count"] == 1
    assert ask(client, f"emergencies/{pk}/review", reason="ok").status_code == 400
    assert ask(client, f"emergencies/{pk}/review", reason=FOUND).status_code == 200
    assert ask(client, f"emergencies/{pk}/review", reason=FOUND).status_code == 409
    assert client.get("/api/emergencies", {"reviewed": "false"}).json()["count"] == 0
    assert Event.objects.filter(action="access-decided", reason=FOUND).count() == 1


def test_nobody_reviews_their_own(client: Client, study: Study) -> None:
    pk = declare(client).json()["id"]
    assert ask(client, f"emergencies/{pk}/review", reason=FOUND).status_code == 403


def test_others_neither_end_nor_review_it(
    doctor_client: Client, clerk_client: Client, stranger_client: Client, anonymous: Client, study: Study
) -> None:
    pk = declare(doctor_client).json()["id"]
    ends = [ask(each, f"emergencies/{pk}/end").status_code for each in (clerk_client, stranger_client, anonymous)]
    assert ends == [404, 404, 401]
    reviewers = (doctor_client, clerk_client, stranger_client, anonymous)
    reviews = [ask(each, f"emergencies/{pk}/review", reason=FOUND).status_code for each in reviewers]
    assert reviews == [403, 403, 404, 401]
    assert clerk_client.get("/api/emergencies").json()["count"] == 0


def test_it_never_reaches_another_practice(
    doctor_client: Client, stranger_client: Client, other_practice: Practice, study: Study
) -> None:
    new_study(other_practice, 5)
    born = {"birthDate": "1980-01-02"}
    assert declare(doctor_client, kind="patient", value="P5", **born).status_code == 404
    assert declare(stranger_client).status_code == 404


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ({"kind": "patient", "value": "P1", "birthDate": "1980-01-03"}, 404),
        ({"kind": "patient", "value": "P1"}, 400),
        ({"kind": "accession", "value": "A9"}, 404),
        (BY_ID | {"reason": "so"}, 400),
    ],
)
def test_who_does_not_know_the_patient_gets_nothing(
    doctor_client: Client, study: Study, named: dict[str, str], status: int
) -> None:
    assert declare(doctor_client, **named).status_code == status
    assert not Emergency.objects.exists()
    assert not Grant.objects.filter(origin="emergency").exists()


def test_a_number_of_several_patients_opens_none(doctor_client: Client, practice: Practice, study: Study) -> None:
    new_study(practice, 3, AccessionNumber="A1")
    assert declare(doctor_client, kind="accession", value="A1").status_code == 409


def test_attempts_are_few_and_on_record(doctor_client: Client, doctor: User, study: Study) -> None:
    wrong = {"kind": "accession", "value": "A9"}
    assert [declare(doctor_client, **wrong).status_code for _ in range(10)] == [404] * 10
    assert declare(doctor_client).status_code == 429
    assert Event.objects.filter(action="emergency-start", outcome=4).count() == 10
    assert Event.objects.filter(action="emergency-start", outcome=8).count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        doctor_client.force_login(doctor)
        assert declare(doctor_client).status_code == 201


def test_declaring_it_again_is_the_same_emergency(doctor_client: Client, study: Study) -> None:
    assert declare(doctor_client).json()["id"] == declare(doctor_client).json()["id"]
    assert Event.objects.filter(action=Event.Action.EMERGENCY_START).count() == 1


def test_relatives_tokens_and_outsiders_declare_none(
    clerk_client: Client, anonymous: Client, doctor: User, study: Study, other_study: Study
) -> None:
    browser, _ = accepted(clerk_client, study)
    by_id = BY_ID | {"value": "P2"}
    assert declare(browser, **by_id).status_code == 403
    assert declare(anonymous).status_code == 401
    _, secret = Token.issue(doctor, "PMS")
    bearer = {"authorization": f"Bearer {secret}"}
    body = {**BY_ID, "reason": WHY}
    answer = anonymous.post("/api/emergencies", body, content_type="application/json", headers=bearer)
    assert answer.status_code == 403
    assert not Emergency.objects.exists()


def test_who_may_look_at_nothing_declares_none(practice: Practice, study: Study) -> None:
    auditor = client_of(new_user(practice, "otto", Permission.AUDIT))
    assert declare(auditor).status_code == 403


def test_a_site_may_switch_it_off(doctor_client: Client, study: Study, settings: Settings) -> None:
    settings.EMERGENCY_HOURS = 0
    assert declare(doctor_client).status_code == 403
    assert "no emergency access" in doctor_client.get("/access/emergency/").content.decode()
    assert "Emergency access" not in doctor_client.get("/access/").content.decode()


def test_it_is_declared_by_the_page(doctor_client: Client, study: Study) -> None:
    form = {"kind": "patient", "value": "P1", "birth_date": "1980-01-02", "reason": WHY}
    page = doctor_client.post("/access/emergency/", form, follow=True).content.decode()
    assert "End the emergency" in page
    assert metadata_status(doctor_client, study) == 200


def test_one_who_was_merged_is_found_by_both_numbers(
    doctor_client: Client, practice: Practice, study: Study, other_study: Study
) -> None:
    Patient.objects.filter(pk=study.patient_id).update(root=other_study.patient_id, merged_into=other_study.patient_id)
    Study.objects.filter(pk=study.pk).update(patient=other_study.patient_id)
    assert declare(doctor_client).status_code == 201
    assert seen(doctor_client) == {"1", "2"}
