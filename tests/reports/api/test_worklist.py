"""What is to be reported: which studies wait, in which order, and how long others took."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.reports.models import Report, Status, TemplateVersion
from apps.reports.turnaround import figures
from apps.worklist.models import Priority, ScheduledStep
from tests import dicoms, documents
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.reports.drafts.made import begin
from tests.rights import give

pytestmark = pytest.mark.django_db
ADDRESS = "/api/report-worklist"


def studies(practice: Practice, count: int) -> list[Study]:
    """So many CTs, the first of which came first; nothing has come of them for a while."""
    for number in range(count):
        keep(practice, dicoms.ct_slice(StudyInstanceUID=uid(number), SeriesInstanceUID=dicoms.uid(9, number, 1),
                                       SOPInstanceUID=dicoms.uid(9, number, 1, 1)))  # fmt: skip
    now = timezone.now()
    for number in range(count):
        came = now - timedelta(hours=10 - number)
        Study.objects.filter(study_instance_uid=uid(number)).update(received_at=came, updated_at=came)
    return [Study.objects.get(study_instance_uid=uid(number)) for number in range(count)]


def uid(number: int) -> str:
    return dicoms.uid(9, number)


def planned(study: Study, priority: Priority) -> None:
    """The study came of a step of this priority."""
    ScheduledStep.objects.create(
        practice=study.practice, study=study, priority=priority, modality="CT", step_id=f"S{study.pk}",
        start_date="2026-03-01", item=b"",
        patient_name="Doe^Jane", patient_id="P1",
    )  # fmt: skip


def waiting(client: Client, **filters: str) -> list[str]:
    answer = client.get(ADDRESS, filters)
    assert answer.status_code == 200, answer.content
    return [each["studyInstanceUid"] for each in answer.json()["results"]]


def test_stat_comes_first_and_then_what_is_due(client: Client, practice: Practice):
    made = studies(practice, 4)
    planned(made[3], Priority.STAT)
    planned(made[1], Priority.HIGH)
    planned(made[0], Priority.LOW)
    assert waiting(client) == [uid(3), uid(1), uid(2), uid(0)]
    assert waiting(client, filter="stat") == [uid(3)]
    assert waiting(client, filter="overdue") == [uid(3), uid(1)]
    first = client.get(ADDRESS).json()["results"][0]
    assert (first["priority"], first["isOverdue"], first["report"], first["modalities"]) == ("stat", True, None, ["CT"])
    assert first["writeUrl"].endswith(f"?study={uid(3)}")


def test_lists_go_by_who_writes(client: Client, practice: Practice, user: User, version: TemplateVersion):
    made = studies(practice, 3)
    report = begin(client, made[1])
    assert waiting(client, filter="unread") == [uid(0), uid(2)]
    assert waiting(client, filter="mine") == [uid(1)]
    assert waiting(client, filter="preliminary") == []
    other = User.objects.create_user("olga", practice=practice)
    Report.objects.filter(pk=report["id"]).update(reader=other, status=Status.PRELIMINARY)
    assert waiting(client, filter="mine") == []
    assert waiting(client, filter="preliminary") == [uid(1)]
    (told,) = client.get(ADDRESS, {"filter": "preliminary"}).json()["results"]
    assert (told["report"]["reader"]["name"], told["writeUrl"]) == ("olga", f"/reports/{report['id']}/")


def test_what_needs_no_report_does_not_wait(client: Client, practice: Practice, version: TemplateVersion):
    made = studies(practice, 4)
    now = timezone.now()
    signed = begin(client, made[0])
    Report.objects.filter(pk=signed["id"]).update(status=Status.FINAL)
    Study.objects.filter(pk=made[1].pk).update(updated_at=now)
    Study.objects.filter(pk=made[2].pk).update(received_at=now - timedelta(days=40))
    keep(practice, documents.report(StudyInstanceUID=dicoms.uid(8, 1), SeriesInstanceUID=dicoms.uid(8, 1, 1)))
    Study.objects.filter(study_instance_uid=dicoms.uid(8, 1)).update(updated_at=now - timedelta(hours=1))
    assert waiting(client) == [uid(3)]
    Report.objects.filter(pk=signed["id"]).update(status=Status.AMENDING)
    assert waiting(client) == [uid(0), uid(3)]


def test_few_queries_whatever_the_length(
    client: Client, practice: Practice, version: TemplateVersion, django_assert_max_num_queries: Any
):
    for study in studies(practice, 6)[:4]:
        begin(client, study)
    with django_assert_max_num_queries(12):
        assert len(waiting(client)) == 6


def test_others_learn_of_nothing(stranger_client: Client, anonymous: Client, practice: Practice):
    studies(practice, 1)
    viewer = User.objects.create_user("vera", password="correct horse battery", practice=practice)
    give(viewer, practice, Permission.VIEW)
    assert waiting(stranger_client) == []
    assert client_of(viewer).get(ADDRESS).status_code == 403
    assert anonymous.get(ADDRESS).status_code == 401
    assert anonymous.get("/api/report-turnaround").status_code == 401


def test_turnaround_is_told_by_modality_and_month(client: Client, stranger_client: Client, practice: Practice,
                                                  version: TemplateVersion):  # fmt: skip
    study = studies(practice, 1)[0]
    report = begin(client, study)
    Report.objects.filter(pk=report["id"]).update(status=Status.FINAL, signed_at=study.received_at + timedelta(hours=3))
    (told,) = client.get("/api/report-turnaround").json()
    assert (told["modality"], told["count"], told["medianHours"], told["hoursOfNineTenths"]) == ("CT", 1, 3.0, 3.0)
    assert stranger_client.get("/api/report-turnaround").json() == []


def test_half_and_nine_tenths():
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [(begin, begin + timedelta(hours=hours), "\\CT\\SR\\") for hours in range(1, 11)]
    rows.append((begin, begin + timedelta(days=40), "\\MR\\CT\\"))
    found = [(each.month.month, each.modality, each.count, each.median_hours, each.hours_of_nine_tenths)
             for each in figures(rows)]  # fmt: skip
    assert found == [(4, "CT", 1, 960.0, 960.0), (4, "MR", 1, 960.0, 960.0), (3, "CT", 10, 5.0, 9.0)]
