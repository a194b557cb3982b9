"""What people say of what a machine has found: unverified until somebody stands for it."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pydicom import dcmread
from pydicom.dataset import Dataset
from rest_framework import serializers

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis import asking, judging, kinds
from apps.analysis.kinds import Inputs, Kind, Result, Run, Table
from apps.analysis.models import Analysis
from apps.analysis.uids import uid
from apps.analysis.verifying import unverified
from apps.archive import lifecycle, retrieve
from apps.archive.models import Instance, Study
from apps.audit.models import Event
from apps.core.errors import Conflict
from apps.jobs.models import Job
from apps.saying import say
from tests.analysis.conftest import worked
from tests.conftest import client_of
from tests.dicoms import ct_slice
from tests.documents import number, report
from tests.rights import give

pytestmark = pytest.mark.django_db
JSON = "application/json"
NAME = "finder"


class NothingAsked(serializers.Serializer[Any]):
    """It needs to be told nothing."""


def find(run: Run) -> Result:
    """A picture, and a report of it."""
    series, sop = uid(run.seed, "reports"), uid(run.seed, "report")
    found = report(
        number("Volume", "3", "ml"), SeriesInstanceUID=series, SOPInstanceUID=sop, VerificationFlag="UNVERIFIED",
        SeriesDescription=unverified("Volumes"),
        PreliminaryFlag="PRELIMINARY", ReferencedPerformedProcedureStepSequence=[], PerformedProcedureCodeSequence=[],
    )  # fmt: skip
    picture = ct_slice(SeriesInstanceUID=uid(run.seed, "pictures"), SOPInstanceUID=uid(run.seed, "picture"))
    paths = []
    for name, file in (("report", found), ("picture", picture)):
        paths.append(run.folder / f"{name}.dcm")
        paths[-1].write_bytes(file)
    return Result(tuple(paths), {"volume": 3})


def tables(summary: dict[str, Any]) -> list[Table]:
    return [Table("What was found", ("What", "How much"), (("Volume", f"{summary['volume']} mL"),))]


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register(
        Kind(
            NAME, say("Finder"), NothingAsked, lambda study, asked: Inputs((), "0" * 64), find,
            is_finding=True, is_long=True, tables=tables,
        )
    )  # fmt: skip


@pytest.fixture
def row(who: Principal, study: Study, finder: None) -> Analysis:
    """One that has found something."""
    asked = asking.ask(who, study.study_instance_uid, NAME, {})
    return worked(asked.analysis)


def reports_of(row: Analysis) -> list[Dataset]:
    row.refresh_from_db()
    found = Instance.objects.filter(series__series_instance_uid__in=row.series_instance_uids, series__modality="SR")
    stored = [retrieve.by_key(pk) for pk in found.values_list("pk", flat=True)]
    return [dcmread(BytesIO(retrieve.read_file(each))) for each in stored if each]


def post(client: Client, row: Analysis, what: str, **body: Any) -> Any:
    return client.post(f"/api/analyses/{row.pk}/{what}", body, content_type=JSON)


def test_what_a_machine_finds_is_unverified(row: Analysis, client: Client) -> None:
    told = client.get(f"/api/analyses/{row.pk}").json()
    assert (told["state"], told["verdict"], told["judgedBy"], told["judgedAt"]) == ("done", "unverified", None, None)
    [found] = reports_of(row)
    assert found.VerificationFlag == "UNVERIFIED"
    assert Job.objects.get(pk=row.job_id).kind == asking.LONG_JOB


def test_accepted_its_report_is_a_verified_one_that_follows(row: Analysis, client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(first_name="Nora", last_name="Novak")
    [before] = reports_of(row)
    answer = post(client, row, "accept", remark="Agrees with the CT.")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["verdict"], told["judgedBy"], told["remark"]) == ("accepted", "nora", "Agrees with the CT.")
    [after] = reports_of(row)
    assert (after.VerificationFlag, after.PreliminaryFlag, after.CompletionFlag) == ("VERIFIED", "FINAL", "COMPLETE")
    [observer] = after.VerifyingObserverSequence
    assert (before.SeriesDescription, after.SeriesDescription) == ("Volumes (unverified)", "Volumes")
    assert observer.VerifyingObserverName == "Novak^Nora"
    assert observer.VerifyingOrganization == row.study.practice.name
    assert str(observer.VerificationDateTime)[-5] in "+-"
    assert observer.VerifyingObserverIdentificationCodeSequence == []
    assert after.SOPInstanceUID == after.file_meta.MediaStorageSOPInstanceUID != before.SOPInstanceUID
    [predecessor] = after.PredecessorDocumentsSequence
    [series] = predecessor.ReferencedSeriesSequence
    [document] = series.ReferencedSOPSequence
    assert document.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert after.ContentSequence == before.ContentSequence
    assert Event.objects.filter(action=Event.Action.EDIT, detail__contains="accepted", source="API").count() == 1
    assert asking.ask(Principal.of(user), row.study.study_instance_uid, NAME, {}).is_started is False


def test_rejected_everything_stays(row: Analysis, client: Client) -> None:
    [before] = reports_of(row)
    assert post(client, row, "reject").json()["verdict"] == "rejected"
    [after] = reports_of(row)
    assert after.SOPInstanceUID == before.SOPInstanceUID
    assert [each["id"] for each in client.get("/api/analyses?verdict=rejected").json()["results"]] == [row.pk]
    assert client.get("/api/analyses?verdict=accepted").json()["results"] == []


def test_it_is_judged_once_and_anew_after_another_run(row: Analysis, client: Client, who: Principal) -> None:
    post(client, row, "accept")
    assert post(client, row, "reject").status_code == 409
    worked(asking.rerun(who, row).analysis)
    [again] = reports_of(row)
    assert again.VerificationFlag == "UNVERIFIED"
    assert client.get(f"/api/analyses/{row.pk}").json()["verdict"] == "unverified"
    assert post(client, row, "accept").status_code == 200


def test_while_it_is_at_work_nobody_judges_it(row: Analysis, client: Client, who: Principal) -> None:
    asking.rerun(who, row)
    assert post(client, row, "accept").status_code == 409


def test_what_breaks_off_in_between_is_done_by_the_next(
    row: Analysis, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(lifecycle, "delete_instance", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            judging.accept(who, Analysis.objects.with_study().get(pk=row.pk))
    assert len(reports_of(row)) == 2
    judging.accept(who, Analysis.objects.with_study().get(pk=row.pk))
    [after] = reports_of(row)
    assert after.VerificationFlag == "VERIFIED"


def test_nobody_rejects_what_is_being_verified(row: Analysis, who: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[type[Exception]] = []
    verify = judging._verify

    def meanwhile(*args: Any) -> None:
        with pytest.raises(Conflict) as caught:
            judging.reject(who, Analysis.objects.with_study().get(pk=row.pk))
        refused.append(caught.type)
        verify(*args)

    monkeypatch.setattr(judging, "_verify", meanwhile)
    judging.accept(who, Analysis.objects.with_study().get(pk=row.pk))
    row.refresh_from_db()
    assert (refused, row.verdict) == ([Conflict], "accepted")


def test_what_could_not_be_verified_is_judged_again(
    row: Analysis, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "verified", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        judging.accept(who, Analysis.objects.with_study().get(pk=row.pk), remark="Seen.")
    row.refresh_from_db()
    assert (row.verdict, row.judged_by, row.judged_at, row.remark) == ("unverified", None, None, "")
    told = Event.objects.filter(action=Event.Action.EDIT).order_by("pk").values_list("detail", flat=True)
    assert [detail.split()[-1] for detail in told] == ["accepted", "unverified"]


def test_what_changed_meanwhile_is_not_judged(row: Analysis, who: Principal) -> None:
    seen = Analysis.objects.with_study().get(pk=row.pk)
    Analysis.objects.filter(pk=row.pk).update(run=row.run + 1)
    with pytest.raises(Conflict):
        judging.reject(who, seen)


def test_a_person_who_writes_no_reports_stands_for_none(row: Analysis, practice: Practice) -> None:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW, Permission.ANALYSE)
    assert post(client_of(user), row, "accept").status_code == 403
    row.refresh_from_db()
    assert row.verdict == "unverified"


def test_another_practice_and_nobody(row: Analysis, stranger_client: Client, anonymous: Client) -> None:
    for what in ("accept", "reject"):
        assert post(stranger_client, row, what).status_code == 404
        assert post(anonymous, row, what).status_code == 401


def test_the_page_tells_what_was_found_and_asks_for_a_verdict(row: Analysis, user: User) -> None:
    user.is_staff = True
    user.save()
    admin = client_of(user)
    page = reverse("admin:analysis_analysis_change", args=[row.pk])
    shown = admin.get(page).content.decode()
    assert "What was found" in shown
    assert "3 mL" in shown
    accept = reverse("admin:analysis_analysis_accept", args=[row.pk])
    assert accept in shown
    admin.post(accept, {"remark": "Seen."})
    shown = admin.get(page).content.decode()
    assert accept not in shown
    assert "Seen." in shown
    listed = admin.get(reverse("admin:analysis_analysis_changelist"), {"verdict": "accepted"}).content.decode()
    assert "Accepted" in listed


def test_the_buttons_are_refused_to_others(row: Analysis, stranger: User, anonymous: Client) -> None:
    stranger.is_staff = True
    stranger.save()
    for name in ("accept", "reject"):
        address = reverse(f"admin:analysis_analysis_{name}", args=[row.pk])
        assert client_of(stranger).post(address).status_code == 404
        assert anonymous.post(address).status_code == 302
    row.refresh_from_db()
    assert row.verdict == "unverified"


def test_what_is_no_finding_has_no_verdict(client: Client, study: Study, copies: Any) -> None:
    answer = client.post(f"/api/studies/{study.study_instance_uid}/analyses", {"kind": "copies"}, content_type=JSON)
    row = worked(Analysis.objects.get(pk=answer.json()["id"]))
    assert row.verdict == ""
    assert post(client, row, "accept").status_code == 409


def test_a_long_description_still_says_that_it_is_unverified() -> None:
    assert unverified("x" * 64) == f"{'x' * 51} (unverified)"
