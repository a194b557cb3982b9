"""Signing by REST: who may, what is answered, and the PDF."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.lifecycle import delete_instance
from apps.audit import access
from apps.reports import previewing, states, waiting
from apps.reports.models import Report, Signature
from tests.conftest import PASSWORD, client_of
from tests.rights import give

pytestmark = pytest.mark.django_db
Stored = Callable[..., Signature]


def address(report: Report, what: str) -> str:
    return f"/api/reports/{report.pk}/{what}"


def sign(client: Client, report: Report, **said: Any) -> Any:
    body = {"revision": report.revision, "password": PASSWORD, **said}
    return client.post(address(report, "sign"), body, content_type="application/json")


def reader_of(practice: Practice) -> Client:
    reader = User.objects.create_user("vera", password=PASSWORD)
    give(reader, practice, Permission.VIEW)
    return client_of(reader)


def test_signing(client: Client, report: Report, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://fovea.example.org"
    answer = sign(client, report)
    row = Signature.objects.get()
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["number"], told["name"], told["digest"], told["isStored"]) == (1, "nora", row.digest, False)
    assert told["verificationUrl"] == f"https://fovea.example.org/reports/verify/{row.verification}"
    assert client.get(address(report, "signatures")).json() == [told]


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"password": "wrong"}, 400, "password"),
        ({"password": ""}, 400, "password"),
        ({"password": "x" * 200}, 400, "password"),
        ({"revision": 0}, 400, "revision"),
        ({"revision": 7}, 409, None),
    ],
)
def test_what_is_refused(client: Client, report: Report, said: Any, status: int, field: str | None) -> None:
    answer = sign(client, report, **said)
    assert answer.status_code == status
    assert field is None or field in str(answer.json()["errors"])
    assert not Signature.objects.exists()


def test_without_a_revision_it_is_signed_as_it_is(client: Client, report: Report) -> None:
    answer = client.post(address(report, "sign"), {"password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 201


def test_the_second_of_two_is_told(client: Client, colleague: User, report: Report) -> None:
    assert sign(client, report).status_code == 201
    answer = sign(client_of(colleague), report)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("what", ["sign", "signatures", "pdf"])
def test_others_find_nothing(
    stranger_client: Client, anonymous: Client, report: Report, practice: Practice, what: str, stored: Stored
) -> None:
    def ask(client: Client) -> int:
        asked = sign(client, report) if what == "sign" else client.get(address(report, what))
        return int(asked.status_code)

    reader = reader_of(practice)
    assert [ask(each) for each in (stranger_client, reader, anonymous)] == [404, 403 if what == "sign" else 404, 401]
    stored()
    assert [ask(each) for each in (stranger_client, reader, anonymous)] == [404, 403 if what == "sign" else 200, 401]


class TestPdf:
    def test_as_it_was_signed(self, client: Client, report: Report, user: User, stored: Stored) -> None:
        first = stored()
        answer = client.get(address(report, "pdf"))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.endswith(b"% sealed\n")
        assert answer["Content-Disposition"] == f'inline; filename="report-{report.pk}-1.pdf"'
        states.amend(Principal.of(user), report.pk, "Left was right")
        # What was signed last is valid until the amendment is.
        assert client.get(address(report, "pdf")).content == answer.content
        second = stored()
        assert second.number == first.number + 1
        assert client.get(address(report, "pdf"))["Content-Disposition"].endswith('-2.pdf"')
        assert client.get(address(report, "pdf"), {"number": 1}).content == answer.content
        assert client.get(address(report, "pdf"), {"number": 3}).status_code == 404
        assert client.get(address(report, "pdf"), {"signature": 1}).status_code == 400

    def test_that_it_was_read_is_on_record(self, client: Client, report: Report, stored: Stored) -> None:
        stored()
        access._tallies.clear()
        client.get(address(report, "pdf"))
        (facts,) = access._tallies
        assert "a report" in facts

    def test_one_that_is_being_made_is_asked_for_again(
        self, client: Client, report: Report, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.0)
        sign(client, report)
        assert client.get(address(report, "pdf")).status_code == 503

    def test_one_that_was_deleted_is_gone(self, client: Client, user: User, report: Report, stored: Stored) -> None:
        row = stored()
        study = report.study.study_instance_uid
        delete_instance(Principal.of(user), study, row.pdf_series_uid, row.pdf_instance_uid)
        assert client.get(address(report, "pdf")).status_code == 404

    def test_a_draft_is_a_preview_for_its_writers(
        self, client: Client, report: Report, user: User, practice: Practice, stored: Stored,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(previewing, "preview", lambda report: f"draft {report.status}".encode())
        assert client.get(address(report, "pdf")).content == b"draft draft"
        stored()
        states.amend(Principal.of(user), report.pk, "Left was right")
        assert client.get(address(report, "pdf"), {"isDraft": "true"}).content == b"draft amending"
        # Who doesn't write it reads what is valid.
        assert reader_of(practice).get(address(report, "pdf"), {"isDraft": "true"}).content.endswith(b"% sealed\n")
