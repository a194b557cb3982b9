"""Analyses by REST: what is answered, and to whom."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.analysis.models import Analysis
from apps.archive.models import Series, Study
from apps.core.errors import Conflict
from apps.jobs.models import Job
from tests.analysis.conftest import NAME, Copies, store, worked
from tests.conftest import client_of
from tests.dicoms import SERIES_UID, STUDY_UID, ct_slice
from tests.rights import give

pytestmark = pytest.mark.django_db
JSON = "application/json"
OF_STUDY = f"/api/studies/{STUDY_UID}/analyses"


def post(client: Client, address: str = OF_STUDY, **body: Any) -> Any:
    return client.post(address, body, content_type=JSON)


def ask(client: Client, **parameters: Any) -> Any:
    return post(client, kind=NAME, parameters=parameters)


@pytest.fixture
def row(client: Client, study: Study, copies: Copies) -> Analysis:
    """One that is done."""
    copies.flags = ("gap",)
    return worked(Analysis.objects.get(pk=ask(client).json()["id"]))


@pytest.fixture
def viewer(practice: Practice) -> Client:
    """Somebody who may look, and nothing else."""
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    return client_of(user)


def test_asked_for_it_is_accepted_and_can_be_watched(client: Client, study: Study, copies: Copies) -> None:
    answer = ask(client, howMany=3)
    told = answer.json()
    assert answer.status_code == 202
    assert answer["Location"].endswith(f"/api/analyses/{told['id']}")
    assert told["isStarted"] is True
    shown = client.get(f"/api/analyses/{told['id']}").json()
    assert (shown["kind"], shown["title"], shown["state"]) == (NAME, "Copies", "queued")
    assert shown["studyInstanceUid"] == STUDY_UID
    assert shown["parameters"]["howMany"] == 3
    assert shown["progress"] == {"done": 0, "total": None, "percent": None, "text": ""}
    assert (shown["viewerUrl"], shown["inputs"], shown["error"], shown["requestedBy"]) == (None, None, "", "nora")


def test_its_result_is_told_of(client: Client, row: Analysis) -> None:
    shown = client.get(f"/api/analyses/{row.pk}").json()
    [series] = shown["seriesInstanceUids"]
    assert (shown["state"], shown["run"], shown["instanceCount"]) == ("done", 1, 2)
    assert f"StudyInstanceUIDs={STUDY_UID}&initialSeriesInstanceUID={series}" in shown["viewerUrl"]
    assert shown["inputs"]["seriesInstanceUids"] == [SERIES_UID]
    assert shown["flags"] == [{"flag": "gap", "text": "Something about gap."}]
    assert (shown["isQuantifiable"], shown["codeVersion"], shown["summary"]) == (False, 3, {"look": "plain"})
    dicomweb = client.get(f"/dicom-web/studies/{STUDY_UID}/series/{series}/metadata")
    assert len(dicomweb.json()) == 2


def test_what_is_there_is_told_without_a_run(client: Client, row: Analysis) -> None:
    again = ask(client)
    assert (again.status_code, again.json()["id"], again.json()["isStarted"]) == (200, row.pk, False)
    assert again["Location"].endswith(f"/api/analyses/{row.pk}")
    wanted = post(client, kind=NAME, again=True)
    assert (wanted.status_code, wanted.json()["isStarted"], wanted.json()["state"]) == (202, True, "queued")
    assert wanted.json()["seriesInstanceUids"] == row.series_instance_uids


def test_a_rerun_and_its_end(client: Client, row: Analysis) -> None:
    begun = post(client, f"/api/analyses/{row.pk}/rerun")
    assert (begun.status_code, begun.json()["isStarted"]) == (202, True)
    assert post(client, f"/api/analyses/{row.pk}/rerun").status_code == 200
    assert client.delete(f"/api/analyses/{row.pk}").status_code == 409
    assert post(client, f"/api/analyses/{row.pk}/cancel").json()["state"] == "cancelled"
    assert post(client, f"/api/analyses/{row.pk}/cancel").status_code == 409
    assert client.get(f"/api/analyses/{row.pk}").json()["instanceCount"] == 2
    assert client.delete(f"/api/analyses/{row.pk}").status_code == 204
    assert client.get(f"/api/analyses/{row.pk}").status_code == 404


def test_it_is_told_when_the_images_have_changed_since(client: Client, practice: Practice, row: Analysis) -> None:
    def is_outdated() -> bool:
        told = client.get(f"/api/analyses/{row.pk}").json()["isOutdated"]
        assert isinstance(told, bool)
        return told

    assert not is_outdated()
    store(practice, [ct_slice(InstanceNumber=9)])
    assert is_outdated()
    Series.objects.get(series_instance_uid=SERIES_UID).delete()
    assert not is_outdated()


def test_why_it_failed_stays_when_its_job_is_gone(client: Client, study: Study, copies: Copies) -> None:
    copies.error = Conflict("These images show nothing.")
    row = worked(Analysis.objects.get(pk=ask(client).json()["id"]))
    Job.objects.all().delete()
    shown = client.get(f"/api/analyses/{row.pk}").json()
    assert (shown["state"], shown["error"], shown["jobId"]) == ("failed", "These images show nothing.", None)


def test_wrong_parameters_are_named_and_a_body_that_is_none(client: Client, study: Study, copies: Copies) -> None:
    wrong = ask(client, howMany=99)
    assert wrong.status_code == 400
    assert [each["field"] for each in wrong.json()["errors"]] == ["parameters.howMany"]
    assert post(client, kind="pictures").json()["errors"][0]["field"] == "kind"
    for body in ({}, {"kind": NAME, "parameters": [1]}, {"kind": "x" * 41}):
        assert client.post(OF_STUDY, body, content_type=JSON).status_code == 400
    assert not Analysis.objects.exists()


def test_lists_are_of_what_one_sees_and_filtered(client: Client, row: Analysis) -> None:
    other = ask(client, howMany=1).json()["id"]

    def found(query: str) -> list[int]:
        answer = client.get(f"/api/analyses?{query}")
        assert answer.status_code == 200, answer.content
        return [each["id"] for each in answer.json()["results"]]

    assert found("") == [other, row.pk]
    assert found("state=done") == [row.pk]
    assert found("state=queued&kind=copies") == [other]
    assert found("kind=pictures") == []
    assert found("isQuantifiable=false") == [row.pk]
    assert found(f"practice={row.study.practice_id + 1}") == []
    assert client.get("/api/analyses?colour=red").status_code == 400
    listed = client.get(OF_STUDY).json()["results"]
    assert [each["id"] for each in listed] == [other, row.pk]


def test_the_kinds_with_their_schema(client: Client, copies: Copies) -> None:
    [kind] = client.get("/api/analyses/kinds").json()
    assert (kind["name"], kind["title"], kind["codeVersion"]) == (NAME, "Copies", 3)
    schema = kind["parameters"]
    assert schema["type"] == "object"
    assert schema["required"] == []
    of = schema["properties"]
    assert of["howMany"] == {"title": "How many", "type": "integer", "minimum": 0, "maximum": 20, "default": 2}
    assert of["brightness"]["type"] == "number"
    assert of["look"]["oneOf"] == [{"const": "plain", "title": "Plain"}, {"const": "bold", "title": "Bold"}]
    assert of["isMarked"]["type"] == "boolean"
    assert of["series"] == {"title": "Series", "type": "string", "maxLength": 64, "default": SERIES_UID}
    assert of["arch"]["type"] == "array"
    assert of["arch"]["items"] == {"type": "number"}
    assert of["arch"]["maxItems"] == 4


def test_who_may_only_look_sees_and_asks_for_nothing(viewer: Client, row: Analysis) -> None:
    assert viewer.get(f"/api/analyses/{row.pk}").status_code == 200
    assert len(viewer.get(OF_STUDY).json()["results"]) == 1
    assert ask(viewer, howMany=1).status_code == 403
    for answer in (
        post(viewer, f"/api/analyses/{row.pk}/rerun"),
        post(viewer, f"/api/analyses/{row.pk}/cancel"),
        viewer.delete(f"/api/analyses/{row.pk}"),
    ):
        assert answer.status_code == 403
    assert Analysis.objects.count() == 1


def test_another_practice_learns_nothing_of_it(stranger_client: Client, row: Analysis) -> None:
    assert stranger_client.get("/api/analyses").json()["results"] == []
    for answer in (
        stranger_client.get(OF_STUDY),
        ask(stranger_client),
        stranger_client.get(f"/api/analyses/{row.pk}"),
        stranger_client.delete(f"/api/analyses/{row.pk}"),
        post(stranger_client, f"/api/analyses/{row.pk}/rerun"),
        post(stranger_client, f"/api/analyses/{row.pk}/cancel"),
    ):
        assert answer.status_code == 404
        assert STUDY_UID.encode() not in answer.content.replace(OF_STUDY.encode(), b"")


def test_nobody_is_told_to_sign_in(anonymous: Client, row: Analysis) -> None:
    for address in ("/api/analyses", "/api/analyses/kinds", OF_STUDY, f"/api/analyses/{row.pk}"):
        assert anonymous.get(address).status_code == 401
    for address in (OF_STUDY, f"/api/analyses/{row.pk}/rerun", f"/api/analyses/{row.pk}/cancel"):
        assert post(anonymous, address).status_code == 401
    assert anonymous.delete(f"/api/analyses/{row.pk}").status_code == 401
