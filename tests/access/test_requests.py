"""Access requests: asking tells nothing, and an administrator decides."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Study
from apps.audit.models import Event
from tests.access.conftest import ask, metadata_status, new_study, new_user, seen
from tests.access.family import accepted
from tests.conftest import client_of

WHY = "Second opinion before the operation"
NO = "Ask their own doctor for it"


def request(client: Client, kind: str = "accession", value: str = "A1", **more: Any) -> Any:
    return ask(client, "access-requests", kind=kind, value=value, reason=WHY, **({"days": 7} | more))


def decide(client: Client, made: Any, step: str, **body: Any) -> int:
    return ask(client, f"access-requests/{made.json()['id']}/{step}", **body).status_code


@pytest.mark.parametrize(
    ("kind", "value", "opened"), [("accession", "A1", {"1"}), ("patient", "P1", {"1", "3"}), ("study", "", {"1"})]
)
def test_an_approved_request_opens_what_it_names(
    client: Client, doctor_client: Client, practice: Practice, study: Study, other_study: Study,
    kind: str, value: str, opened: set[str],
) -> None:  # fmt: skip
    made = request(doctor_client, kind, value or study.study_instance_uid)
    assert seen(doctor_client) == set()
    assert decide(client, made, "approve") == 200
    new_study(practice, 3, PatientID="P1")
    assert seen(doctor_client) == opened
    assert metadata_status(doctor_client, other_study) == 404


def test_access_ends_after_the_days(client: Client, doctor: User, doctor_client: Client, study: Study) -> None:
    assert decide(client, request(doctor_client), "approve", days=2) == 200
    (grant,) = Grant.objects.filter(user=doctor, origin="request")
    assert (grant.role.permissions, str(grant.granted_by)) == (["view"], "nora")
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        doctor_client.force_login(doctor)
        assert seen(doctor_client) == set()


def test_asking_tells_nothing_of_what_there_is(doctor_client: Client, study: Study) -> None:
    there, absent = request(doctor_client, value="A1"), request(doctor_client, value="A9")
    told = [{k: v for k, v in each.json().items() if k not in ("id", "value", "askedAt")} for each in (there, absent)]
    assert there.status_code == absent.status_code == 201
    assert told[0] == told[1]
    pages = [_asked_by_page(doctor_client, value) for value in ("A1", "A9")]
    assert pages[0] == pages[1]


def _asked_by_page(client: Client, value: str) -> list[str]:
    form = {"kind": "accession", "value": value, "reason": WHY, "days": "7"}
    answer = client.post("/access/request/", form, follow=True)
    assert answer.redirect_chain == [("/access/", 302)]
    return [str(message) for message in answer.context["messages"]]


def test_who_decides_sees_what_it_concerns(client: Client, doctor_client: Client, study: Study) -> None:
    made = request(doctor_client)
    (shown,) = client.get("/api/access-requests", {"state": "waiting"}).json()["results"]
    assert shown["id"] == made.json()["id"]
    assert [each["studyInstanceUid"] for each in shown["concerns"]] == [study.study_instance_uid]
    (own,) = doctor_client.get("/api/access-requests").json()["results"]
    assert own["concerns"] == []


def test_a_refusal_is_told_with_its_reason(client: Client, doctor_client: Client, study: Study) -> None:
    made = request(doctor_client)
    assert decide(client, made, "refuse") == 400
    assert decide(client, made, "refuse", reason=NO) == 200
    assert decide(client, made, "approve") == 409
    assert NO in doctor_client.get("/access/").content.decode()
    assert seen(doctor_client) == set()


def test_a_request_for_what_is_not_there_can_not_be_approved(client: Client, doctor_client: Client) -> None:
    made = request(doctor_client, value="A9")
    assert decide(client, made, "approve") == 409
    assert not Grant.objects.filter(origin="request").exists()


def test_both_are_on_record(client: Client, doctor_client: Client, study: Study) -> None:
    made = request(doctor_client, "patient", "P1")
    decide(client, made, "approve", answer="For a week")
    asked, decided = Event.objects.filter(action__in=("access-asked", "access-decided")).order_by("pk")
    assert (asked.actor, asked.reason) == ("dora", WHY)
    assert (decided.actor, decided.reason) == ("nora", "For a week")
    assert asked.patient == decided.patient != ""
    assert "P1" not in asked.detail + decided.detail


def test_another_practice_is_not_searched(
    stranger_client: Client, other_practice: Practice, doctor_client: Client, client: Client
) -> None:
    new_study(other_practice, 5)
    made = request(doctor_client, value="A5")
    assert decide(stranger_client, made, "approve") == 404
    assert decide(client, made, "approve") == 409


def test_only_administrators_decide(
    doctor_client: Client, clerk_client: Client, stranger_client: Client, anonymous: Client, study: Study
) -> None:
    made = request(doctor_client)
    for step in ("approve", "refuse"):
        answers = [decide(each, made, step, reason=NO) for each in (doctor_client, clerk_client, stranger_client)]
        assert answers == [403, 403, 404]
        assert decide(anonymous, made, step) == 401
    assert clerk_client.get("/api/access-requests").json()["count"] == 0


def test_nobody_decides_about_their_own(practice: Practice, study: Study) -> None:
    admin = client_of(new_user(practice, "adam", Permission.VIEW, Permission.ADMINISTER, scope=Scope.PRACTICE))
    assert decide(admin, request(admin), "approve") == 403


def test_relatives_and_outsiders_ask_nothing(clerk_client: Client, anonymous: Client, study: Study) -> None:
    browser, _ = accepted(clerk_client, study)
    assert request(browser).status_code == 403
    assert browser.get("/access/request/").status_code == 302
    assert request(anonymous).status_code == 401


def test_requests_are_bounded(doctor_client: Client) -> None:
    assert [request(doctor_client).status_code for _ in range(11)] == [201] * 10 + [409]
    bad: list[dict[str, Any]] = [{"days": 0}, {"days": 400}, {"kind": "name"}, {"value": " "}]
    assert {request(doctor_client, **each).status_code for each in bad} == {400}
    assert ask(doctor_client, "access-requests", kind="study", value="1", reason="so", days=1).status_code == 400
