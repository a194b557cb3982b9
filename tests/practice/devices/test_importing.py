"""POST /api/dental/dicom/import: another archive's studies fetched for a lead, and linked where they are the lead's."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.core.errors import NotFound
from apps.jobs.handle import Cancelled
from apps.jobs.models import Job
from apps.practice.linking import verbs
from apps.practice.models import How, Lead, Match, MatchState
from apps.remotes.models import Remote
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.practice.appointments.booked import lead_of, secretary
from tests.practice.devices.conftest import JANE, JOHN, slice_of
from tests.remotes.jobs import do
from tests.rights import give

IMPORT, JSON = "/api/dental/dicom/import", "application/json"


def post(client: Client, **body: Any) -> Any:
    return client.post(IMPORT, body, content_type=JSON)


def asked(client: Client, remote: Remote, lead: Lead, *studies: str) -> Job:
    answer = post(client, remote=remote.pk, leadId=lead.pk, studies=list(studies))
    assert answer.status_code == 202, answer.json()
    return Job.objects.get(pk=answer.json()["id"])


def match_of(study_uid: str) -> Match:
    return Match.objects.get(study__study_instance_uid=study_uid)


def test_what_is_the_lead_s_is_linked_and_what_is_not_goes_to_review(
    client: Client, remote: Remote, lead: Lead
) -> None:
    job = asked(client, remote, lead, JANE, JOHN)
    assert job.parameters == {"remote": remote.pk, "lead": lead.pk, "studies": [JANE, JOHN]}
    told: Any = do(job)
    assert (told["fetched"], told["linked"], told["review"], told["kept"]) == (2, 1, [JOHN], [])
    jane, john = match_of(JANE), match_of(JOHN)
    assert (jane.state, jane.lead, jane.how) == (MatchState.LINKED, lead, How.DECLARED)
    assert (john.state, john.lead) == (MatchState.REVIEW, None)
    assert do(job) == told | {"fetched": 0, "known": 2}


def test_who_may_only_fetch_has_it_linked_all_the_same(practice: Practice, remote: Remote, lead: Lead) -> None:
    fetcher = User.objects.create_user("fay", practice=practice)
    give(fetcher, practice, Permission.VIEW, Permission.FETCH)
    told: Any = do(asked(client_of(fetcher), remote, lead, JANE))
    assert told["linked"] == 1
    decision = match_of(JANE).decisions.get()
    assert (decision.by, decision.reason) == ("import", "Imported for this lead from Old archive.")


def test_what_a_person_has_decided_stays(client: Client, remote: Remote, lead: Lead, user: User) -> None:
    keep(remote.practice, slice_of(JANE, PatientName="Doe^Jane", PatientID="X-1", StudyDate="20240301"))
    other = lead_of(remote.practice, given_name="Joan")
    verbs.link(secretary(remote.practice), Study.objects.get(), other)
    told: Any = do(asked(client, remote, lead, JANE))
    assert (told["linked"], told["kept"]) == (0, [JANE])
    assert match_of(JANE).lead == other


def test_what_was_fetched_stays_when_it_is_cancelled(client: Client, remote: Remote, lead: Lead) -> None:
    job = asked(client, remote, lead, JANE)
    with pytest.raises(Cancelled):
        do(job, cancelled_after=1)
    assert Study.objects.exists()
    told: Any = do(job)
    assert (told["fetched"], told["linked"]) == (0, 1)


def test_a_lead_that_is_gone_has_nothing_imported(client: Client, remote: Remote, lead: Lead) -> None:
    job = asked(client, remote, lead, JANE)
    Lead.objects.filter(pk=lead.pk).update(deleted_at=job.created_at)
    with pytest.raises(NotFound, match="not there any more"):
        do(job)
    assert not Study.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"leadId": None}, "leadId"),
        ({"leadId": 999_999_999}, "leadId"),
        ({"studies": []}, "studies"),
        ({"remote": "Nobody"}, "remote"),
    ],
)
def test_what_is_wrong_is_said(client: Client, nowhere: Remote, lead: Lead, body: dict[str, Any], field: str) -> None:
    answer = post(client, **({"remote": nowhere.pk, "leadId": lead.pk, "studies": [JANE]} | body))
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])
    assert post(client, remote=nowhere.pk, leadId=lead.pk, studies=["x"]).status_code == 400
    assert post(client, remote=nowhere.pk, studies=[JANE]).json()["errors"][0]["field"] == "leadId"


def test_it_is_for_who_may_fetch(
    user: User, client: Client, stranger_client: Client, anonymous: Client, nowhere: Remote, lead: Lead
) -> None:
    body = {"remote": nowhere.pk, "leadId": lead.pk, "studies": [JANE]}
    assert [post(each, **body).status_code for each in (stranger_client, anonymous)] == [400, 401]
    Grant.objects.filter(user=user).delete()
    give(user, nowhere.practice, Permission.VIEW, Permission.UPLOAD)
    assert post(client, **body).status_code == 403
    assert not Job.objects.exists()
