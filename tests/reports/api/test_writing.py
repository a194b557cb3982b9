"""Reports by the REST API: begun, saved, made preliminary, amended, discarded; and who may do so."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit.models import Event
from apps.reports import revisions
from apps.reports.documents import document_of
from apps.reports.models import Report, Signature, Status
from tests import dicoms
from tests.conftest import client_of, user_of
from tests.reports.drafts import made
from tests.reports.drafts.made import ADDRESS, begin, save, written
from tests.rights import give

pytestmark = pytest.mark.django_db

ARABIC = "\u202bمريم\u202c <script>alert(1)</script>"


def person(practice: Practice, name: str, *permissions: Permission) -> Client:
    user = User.objects.create_user(name, password="correct horse battery", practice=practice)
    give(user, practice, *permissions)
    return client_of(user)


@pytest.fixture
def report(client: Client, study: Study) -> Any:
    return begin(client, study)


def signed(report: Any) -> None:
    """As signing leaves it."""
    row = Report.objects.with_study().get(pk=report["id"])
    row.status, row.revision = Status.FINAL, row.revision + 1
    row.save()
    revisions.keep(row)
    document = document_of(row)
    Signature.objects.create(
        report=row, number=1, document=document.as_json(), digest=document.digest(), name="Ray^Xavier",
        signed_at=timezone.now(), verification="v",
    )  # fmt: skip


def test_a_report_begins_with_what_the_template_says(client: Client, study: Study):
    answer = client.post(ADDRESS, {"study": study.pk}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer["Location"].endswith(f"{ADDRESS}/{told['id']}")
    assert (told["status"], told["revision"], told["mayWrite"], told["maySign"]) == ("draft", 1, True, True)
    assert told["template"]["identifier"] == made.STRUCTURE.identifier
    text = told["content"]["entries"]["text"]
    assert (text["value"], text["source"]["kind"], text["isEdited"]) == ("Clear.", "template", False)
    assert told["missing"] == ["impression"]
    assert (told["patient"]["name"], told["patient"]["identifier"]) == ("Doe^Jane", "P1")
    assert told["examination"]["modalities"] == ["CT"]
    _, findings, impression = told["structure"]["sections"]
    assert (findings["role"], impression["role"]) == ("findings", "impressions")
    assert findings["items"][2]["field"]["unit"] == "mm"
    assert client.get(f"{ADDRESS}/{told['id']}").json() == told
    assert Event.objects.filter(action="edit", detail__contains="begun").exists()


def test_two_people_write_in_one_report(client: Client, practice: Practice, report: Any, study: Study):
    other = client_of(user_of(practice, "olga"))
    assert begin(other, study, template=made.STRUCTURE.identifier)["id"] == report["id"]
    assert Report.objects.count() == 1
    client.post(f"{ADDRESS}/{report['id']}/presence")
    told = other.post(f"{ADDRESS}/{report['id']}/presence").json()
    assert ([each["name"] for each in told["others"]], told["revision"]) == (["nora"], 1)
    saved = save(other, report, entries={"why": {"value": "Cough"}}).json()
    assert [each["name"] for each in saved["others"]] == ["nora"]
    client.delete(f"{ADDRESS}/{report['id']}/presence")
    assert other.get(f"{ADDRESS}/{report['id']}").json()["others"] == []


def test_what_is_written_is_kept(client: Client, report: Any):
    entries = {"text": {"value": ARABIC}, "size": {"value": "12.5"}, "sides": {"value": ["l"]}}
    saved = save(client, report, entries=entries).json()
    assert (saved["revision"], saved["missing"]) == (2, ["impression"])
    assert saved["entries"]["text"]["isEdited"] is True
    told = client.get(f"{ADDRESS}/{report['id']}").json()
    assert told["content"]["entries"]["text"]["value"] == ARABIC
    assert told["content"]["entries"]["text"]["source"]["filled"] == "Clear."
    assert told["content"]["entries"]["size"] == {
        "value": "12.5", "source": None, "isConfirmed": True, "isEdited": False,
    }  # fmt: skip
    again = save(client, saved | {"id": report["id"]}, entries={"size": None}).json()
    assert again["entries"] == {"size": None}


def test_what_somebody_else_has_saved_is_not_overwritten(client: Client, practice: Practice, report: Any):
    other = client_of(user_of(practice, "olga"))
    assert save(other, report, entries={"why": {"value": "Olga's"}}).status_code == 200
    answer = save(client, report, entries={"why": {"value": "Nora's"}})
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["revision"], problem["changedBy"]["name"]) == ("conflict", 2, "olga")
    assert problem["current"]["entries"]["why"]["value"] == "Olga's"
    assert written(report).content["entries"]["why"]["value"] == "Olga's"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"entries": {"size": {"value": "big"}}}, "entries.size"),
        ({"entries": {"other": {"value": "x"}}}, "entries.other"),
        ({"entries": {"why": {"value": "x" * 100_001}}}, "entries.why.value"),
        ({"entries": {"why": {"value": 5}}}, "entries.why.value"),
        ({"entries": {"why": {"value": "x", "source": {"kind": "phrase", "said": "p", "link": "//evil"}}}},
         "entries.why.source.link"),
        ({"measurements": [1]}, "measurements"),
        ({"keyImages": [{"studyInstanceUid": "1", "seriesInstanceUid": "2", "sopClassUid": "3",
                         "sopInstanceUid": "4"}]}, "keyImages.0"),
        ({"reader": 1_000_000}, "reader"),
    ],
)  # fmt: skip
def test_what_can_not_be_kept_is_refused_in_words(client: Client, report: Any, said: Any, field: str):
    answer = save(client, report, **said)
    assert answer.status_code == 400, answer.content
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert written(report).revision == 1


def test_a_report_of_two_hundred_pages_is_kept(client: Client, report: Any):
    page = "Nothing of note in this part either. " * 80
    entries = {key: {"value": page * 33} for key in ("text", "impression")}
    assert save(client, report, entries=entries).status_code == 200
    assert written(report).content["entries"]["impression"]["value"] == page * 33


def test_key_images_and_who_signs(client: Client, user: User, report: Any):
    image = {
        "studyInstanceUid": dicoms.STUDY_UID, "seriesInstanceUid": dicoms.uid(1, 1),
        "sopClassUid": "1.2.840.10008.5.1.4.1.1.2", "sopInstanceUid": dicoms.uid(1, 1, 1), "frame": 1, "center": 40.0,
        "width": 400.0, "caption": "The nodule", "hasAnnotations": False,
    }  # fmt: skip
    assert save(client, report, keyImages=[image], reader=user.pk).status_code == 200
    told = client.get(f"{ADDRESS}/{report['id']}").json()
    assert (told["content"]["keyImages"], told["reader"]["name"]) == ([image], "nora")
    assert save(client, told, keyImages=[{**image, "frame": 2}]).status_code == 400


def test_who_may_only_look_reads_no_draft(client: Client, practice: Practice, report: Any, study: Study):
    viewer = person(practice, "vera", Permission.VIEW)
    address = f"{ADDRESS}/{report['id']}"
    assert viewer.get(address).status_code == 404
    assert viewer.get(ADDRESS).json()["results"] == []
    assert viewer.post(ADDRESS, {"study": study.pk}, content_type="application/json").status_code == 403
    assert client.post(f"{address}/preliminary").json()["status"] == "preliminary"
    told = viewer.get(address).json()
    assert (told["mayWrite"], told["maySign"]) == (False, False)
    assert [each["id"] for each in viewer.get(ADDRESS, {"study": study.pk}).json()["results"]] == [report["id"]]
    assert save(viewer, told, entries={}).status_code == 403
    assert viewer.get(f"{address}/revisions").status_code == 403


def test_others_learn_of_nothing(stranger_client: Client, anonymous: Client, report: Any, study: Study):
    address = f"{ADDRESS}/{report['id']}"
    places = ["", "/revisions", "/revisions/1", "/differences", "/html", "/text"]
    assert {stranger_client.get(f"{address}{place}").status_code for place in places} == {404}
    assert {anonymous.get(f"{address}{place}").status_code for place in places} == {401}
    segments = f"/api/hl7/reports/{report['id']}"
    assert (stranger_client.get(segments).status_code, anonymous.get(segments).status_code) == (404, 401)
    for client, status in ((stranger_client, 404), (anonymous, 401)):
        assert save(client, report, entries={}).status_code == status
        assert client.delete(address).status_code == status
        for verb in ("preliminary", "presence"):
            assert client.post(f"{address}/{verb}").status_code == status
        given = {"reason": "x"}
        assert client.post(f"{address}/amend", given, content_type="application/json").status_code == status
        body = {"study": study.study_instance_uid}
        assert client.post(ADDRESS, body, content_type="application/json").status_code == status
    assert stranger_client.get(ADDRESS).json()["results"] == []
    assert written(report).revision == 1


def test_another_practices_template_is_none(client: Client, other_practice: Practice, study: Study):
    other = made.template(other_practice)
    answer = client.post(
        ADDRESS, {"study": study.pk, "template": str(other.template_id)}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "template")


def test_a_signed_report_is_amended_and_the_amendment_taken_back(client: Client, practice: Practice, report: Any):
    signed(report)
    address = f"{ADDRESS}/{report['id']}"
    assert save(client, report, 2, entries={"why": {"value": "x"}}).status_code == 409
    assert client.delete(address).status_code == 409
    assert client.post(f"{address}/preliminary").status_code == 409
    assert client.post(f"{address}/amend", {"reason": " "}, content_type="application/json").status_code == 400
    told = client.post(f"{address}/amend", {"reason": "Wrong side"}, content_type="application/json").json()
    assert (told["status"], told["reason"], told["mayWrite"]) == ("amending", "Wrong side", True)
    assert client.post(f"{address}/amend", {"reason": "Again"}, content_type="application/json").status_code == 409
    saved = save(client, told, entries={"why": {"value": "Secret"}}).json()
    found = client.get(f"{address}/differences").json()
    assert (found["from"], found["to"], [each["key"] for each in found["fields"]]) == (2, saved["revision"], ["why"])
    assert found["fields"][0]["html"] == "<ins>Secret</ins>"
    back = client.delete(address)
    assert (back.status_code, back.json()["status"]) == (200, "final")
    assert "why" not in written(report).content["entries"]


def test_a_draft_is_discarded(client: Client, report: Any):
    assert client.delete(f"{ADDRESS}/{report['id']}").status_code == 204
    assert not Report.objects.exists()
    assert Event.objects.filter(action="edit", detail__contains="discarded").exists()


def test_history_keeps_what_each_person_saved(client: Client, practice: Practice, report: Any):
    other = client_of(user_of(practice, "olga"))
    for number, who in enumerate((client, client, other, client), start=1):
        assert save(who, report, number, entries={"why": {"value": f"{number}"}}).status_code == 200
    address = f"{ADDRESS}/{report['id']}"
    rows = client.get(f"{address}/revisions").json()
    assert [(row["number"], row["changedBy"]["name"]) for row in rows] == [
        (5, "nora"), (4, "olga"), (3, "nora"), (1, "nora"),
    ]  # fmt: skip
    assert client.get(f"{address}/revisions/3").json()["content"]["entries"]["why"]["value"] == "2"
    assert client.get(f"{address}/revisions/2").status_code == 404
    (field,) = client.get(f"{address}/differences", {"from": 3, "to": 4}).json()["fields"]
    assert field["parts"] == [{"what": "deleted", "text": "2"}, {"what": "inserted", "text": "3"}]
    assert Event.objects.filter(action="edit", detail__contains="written").count() == 3


def test_a_report_reads_as_a_page_and_as_text(client: Client, report: Any):
    save(client, report, entries={"text": {"value": ARABIC}})
    page = client.get(f"{ADDRESS}/{report['id']}/html")
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script" not in page.content.decode()
    assert "&lt;script&gt;" in page.content.decode()
    text = client.get(f"{ADDRESS}/{report['id']}/text")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert "DRAFT" in text.content.decode()
    assert "FINDINGS\n" in text.content.decode()
    assert "\u202b" not in text.content.decode()
    segments = client.get(f"/api/hl7/reports/{report['id']}").content.decode().split("\r")
    assert [each[:3] for each in segments] == ["ORC", "OBR", "OBX", ""]


def test_a_study_with_a_report_stays(client: Client, report: Any):
    answer = client.delete(f"/dicom-web/studies/{dicoms.STUDY_UID}")
    assert answer.status_code == 409, answer.content
    assert Report.objects.exists()


def test_readers_read_what_was_signed_while_it_is_amended(client: Client, practice: Practice, report: Any):
    signed(report)
    address = f"{ADDRESS}/{report['id']}"
    told = client.post(f"{address}/amend", {"reason": "Wrong side"}, content_type="application/json").json()
    save(client, told, entries={"text": {"value": "Not yet said"}})
    viewer = person(practice, "vera", Permission.VIEW)
    assert viewer.get(address).json()["content"]["entries"]["text"]["value"] == "Clear."
    for place in ("html", "text"):
        assert "Not yet said" in client.get(f"{address}/{place}").content.decode()
        assert "Not yet said" not in viewer.get(f"{address}/{place}").content.decode()
