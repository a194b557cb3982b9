"""Report templates by REST: seen by who writes, decided on by who administers, closed to others."""

from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.reports.models import ReportTemplate
from apps.reports.mrrt import limits
from tests.conftest import client_of, user_of
from tests.reports.templates.sources import source
from tests.rights import give

pytestmark = pytest.mark.django_db
ADDRESS = "/api/report-templates"
JSON = "application/json"
FOREIGN = source().replace("</head>", '<script>document.title = "x"</script></head>').encode() + b"\n<!-- theirs -->"


def add(client: Client, practice: Practice, text: str | None = None) -> Any:
    said = {"practice": practice.pk, "source": source() if text is None else text}
    return client.post(ADDRESS, said, content_type=JSON)


def add_file(client: Client, practice: Practice, content: bytes) -> Any:
    file = SimpleUploadedFile("theirs.html", content, "text/html")
    return client.post(f"{ADDRESS}/import", {"practice": practice.pk, "file": file})


def test_a_template_is_taken_in_and_read(client: Client, practice: Practice) -> None:
    answer = add(client, practice)
    assert answer.status_code == 201
    told = client.get(answer["Location"]).json()
    assert (told["identifier"], told["language"], told["modalities"]) == ("our.chest", "en", ["CT"])
    assert [each["number"] for each in told["versions"]] == [1]
    assert told["versions"][0]["digest"] == sha256(source().encode()).hexdigest()
    assert told["versions"][0]["madeBy"] == "nora"


def test_lists_are_by_language_modality_and_practice(client: Client, practice: Practice) -> None:
    add(client, practice)
    found = client.get(ADDRESS, {"language": "en", "modality": "CT"}).json()
    rows = found["results"] if isinstance(found, dict) else found
    assert {each["identifier"] for each in rows} == {"our.chest", "fovea.ct.en", "fovea.cardiac-ct.en", "fovea.cbct.en"}
    assert client.get(ADDRESS, {"modality": "ct"}).status_code == 400


def test_a_foreign_file_comes_back_byte_by_byte_and_inert(client: Client, practice: Practice) -> None:
    answer = add_file(client, practice, FOREIGN)
    assert answer.status_code == 201
    file = client.get(f"{ADDRESS}/{answer.json()['id']}/source")
    assert file.content == FOREIGN
    assert file["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file["Content-Security-Policy"]
    assert "script-src" not in file["Content-Security-Policy"]
    assert "default-src 'none'" in file["Content-Security-Policy"]


def test_versions_have_their_sources(client: Client, practice: Practice) -> None:
    add(client, practice)
    pk = add(client, practice, source(title="Chest")).json()["id"]
    assert client.get(f"{ADDRESS}/{pk}/source", {"version": 1}).content.decode() == source()
    assert client.get(f"{ADDRESS}/{pk}/source").content.decode() == source(title="Chest")
    assert client.get(f"{ADDRESS}/{pk}/source", {"version": 3}).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"x" * (limits.SOURCE_BYTES + 1), b"<p>nothing</p>", b""],
    ids=["bytes", "large", "bare", "empty"],
)
def test_what_is_no_template_is_refused_in_words(client: Client, practice: Practice, content: bytes) -> None:
    answer = add_file(client, practice, content)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not ReportTemplate.objects.filter(practice=practice).exists()


def test_a_source_is_tried_out(client: Client) -> None:
    wrong = client.post(f"{ADDRESS}/preview", {"source": source(language="tlh")}, content_type=JSON).json()
    assert wrong["html"] == ""
    assert len(wrong["problems"]) == 1
    right = client.post(f"{ADDRESS}/preview", {"source": FOREIGN.decode()}, content_type=JSON).json()
    assert "CT of the chest" in right["html"]
    assert "<script" not in right["html"]
    assert right["problems"] == []
    assert [each["line"] for each in right["leftOut"]] == [10]
    assert not ReportTemplate.objects.filter(identifier="our.chest").exists()


def test_one_is_retired_and_used_again(client: Client, practice: Practice) -> None:
    pk = add(client, practice).json()["id"]
    for is_retired in (True, False):
        answer = client.patch(f"{ADDRESS}/{pk}", {"isRetired": is_retired}, content_type=JSON)
        assert answer.json()["isRetired"] is is_retired


def test_the_products_stay_as_they_are(client: Client) -> None:
    pk = ReportTemplate.objects.get(identifier="fovea.ct.en").pk
    assert client.get(f"{ADDRESS}/{pk}").status_code == 200
    assert client.patch(f"{ADDRESS}/{pk}", {"isRetired": True}, content_type=JSON).status_code == 404


def test_another_practices_are_not_there(client: Client, practice: Practice, stranger_client: Client) -> None:
    pk = add(client, practice).json()["id"]
    assert stranger_client.get(f"{ADDRESS}/{pk}").status_code == 404
    assert stranger_client.get(f"{ADDRESS}/{pk}/source").status_code == 404
    assert stranger_client.patch(f"{ADDRESS}/{pk}", {"isRetired": True}, content_type=JSON).status_code == 404
    assert add(stranger_client, practice).status_code == 400
    assert "our.chest" not in stranger_client.get(ADDRESS).content.decode()


def test_who_only_writes_decides_nothing(practice: Practice, other_practice: Practice) -> None:
    user = user_of(other_practice, "rita")
    user.grants.all().delete()
    give(user, practice, Permission.REPORT)
    client = client_of(user)
    assert client.get(ADDRESS).status_code == 200
    assert add(client, practice).status_code == 403
    assert client.post(f"{ADDRESS}/preview", {"source": source()}, content_type=JSON).status_code == 403


def test_anonymous_callers_are_asked_to_sign_in(anonymous: Client, practice: Practice) -> None:
    pk = ReportTemplate.objects.get(identifier="fovea.ct.en").pk
    for path in (ADDRESS, f"{ADDRESS}/{pk}", f"{ADDRESS}/{pk}/source"):
        assert anonymous.get(path).status_code == 401
    assert add(anonymous, practice).status_code == 401
    assert add_file(anonymous, practice, FOREIGN).status_code == 401
    assert anonymous.post(f"{ADDRESS}/preview", {"source": source()}, content_type=JSON).status_code == 401
