"""The page that anybody may open who holds the paper: who signed what when, and nothing of the patient."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.core import rates
from apps.reports import outputs, states, verifying
from apps.reports.models import Report, Signatory, Signature

pytestmark = pytest.mark.django_db
Stored = Callable[..., Signature]


@pytest.fixture(autouse=True)
def nobody_has_looked() -> None:
    rates.forget_all()


def page(row: Signature) -> str:
    return reverse("report-verify", args=[row.verification])


def compared(client: Client, row: Signature, data: bytes) -> str:
    file = SimpleUploadedFile("report.pdf", data, "application/pdf")
    answer = client.post(page(row), {"file": file})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_names_who_signed_and_no_patient(anonymous: Client, user: User, stored: Stored) -> None:
    Signatory.objects.create(user=user, credentials="MD <b>radiologist</b>")
    row = stored()
    answer = anonymous.get(page(row))
    shown = answer.content.decode()
    assert answer.status_code == 200
    for word in ("North", "nora", "MD &lt;b&gt;radiologist", row.digest, row.pdf_digest, "is the last word"):
        assert word in shown
    for word in ("Doe", "Jane", "chest", "P1", row.report.study.study_instance_uid):
        assert word not in shown
    assert answer["Cache-Control"] == "private, no-store"
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex", "same-origin")


def test_it_says_that_there_is_a_newer_one(anonymous: Client, user: User, report: Report, stored: Stored) -> None:
    first = stored()
    states.amend(Principal.of(user), report.pk, "Jane has two")
    second = stored()
    assert "has been amended since" in anonymous.get(page(first)).content.decode()
    shown = anonymous.get(page(second)).content.decode()
    assert "is the last word" in shown
    assert "Jane" not in shown


def test_it_says_where_what_is_stored_is_not_what_was_signed(anonymous: Client, stored: Stored) -> None:
    row = stored()
    row.document["passages"] = []
    Signature._base_manager.filter(pk=row.pk).update(document=row.document)
    assert "is not what was signed" in anonymous.get(page(row)).content.decode()
    Signature._base_manager.filter(pk=row.pk).update(document={})
    assert not verifying.verified(verifying.find(row.verification)).is_intact


def test_a_file_is_compared(anonymous: Client, stored: Stored) -> None:
    row = stored()
    pdf = outputs.stored_pdf(row) or b""
    assert "not a byte is another" in compared(anonymous, row, pdf)
    # As other software takes it out of the DICOM object, with the byte that pads it.
    assert "not a byte is another" in compared(anonymous, row, pdf + b"\0")
    for other in (pdf + b"\0\0", pdf[:-1], pdf.replace(b"sealed", b"seeled"), b"\0"):
        assert "is not the PDF that was signed" in compared(anonymous, row, other)
    answer = anonymous.post(page(row))
    assert answer.status_code == 400
    assert "Choose the PDF" in answer.content.decode()


def test_the_padding_is_found_across_pieces(stored: Stored) -> None:
    row = stored()
    pdf = outputs.stored_pdf(row) or b""
    assert verifying.is_the_file(row, [pdf[:10], pdf[10:], b"\0"])
    assert verifying.is_the_file(row, [pdf])
    assert not verifying.is_the_file(Signature(), [b""])


def test_one_that_is_being_made_says_so(anonymous: Client, sign: Callable[[], Signature]) -> None:
    assert "is being made" in anonymous.get(page(sign())).content.decode()


def test_other_addresses_lead_nowhere(anonymous: Client, stored: Stored) -> None:
    stored()
    answer = anonymous.get(reverse("report-verify", args=["x" * 43]))
    assert answer.status_code == 404
    assert "leads to no report" in answer.content.decode()


def test_whoever_looks_too_often_waits(anonymous: Client, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "MOST_A_MINUTE", 2)
    row = stored()
    assert [anonymous.get(page(row)).status_code for _ in range(3)] == [200, 200, 429]
