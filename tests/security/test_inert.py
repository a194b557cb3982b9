"""What strangers write into a header, an address or a name is text wherever the server repeats it."""

import logging
import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.archive.models import Patient, Study
from apps.archive.store import Origin, store_one
from apps.core import logs
from apps.dicom.reader import read
from apps.dicom.sr_html import report_page
from apps.dicom.sr_text import report_text
from tests import dicoms, documents
from tests.conftest import client_of
from tests.security.asking import ask

pytestmark = pytest.mark.django_db

OVERRIDE = "\u202e"
TEXTS = {
    "markup": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "formula": "=cmd|'/C calc'!A0",
    "override": f"{OVERRIDE}enaJ",
    "template": "{{7*7}}{% debug %}",
    "long": "x" * 5000,
}
# None of it may appear as it came, where it would be more than text.
ALIVE = re.compile(r"<script>alert|<img src=x|\u202e|>49<")


@pytest.fixture
def boss(user: User) -> Client:
    user.is_staff = user.is_superuser = True
    user.save()
    return client_of(user)


@pytest.mark.parametrize("kind", TEXTS)
def test_names_in_the_admin(boss: Client, practice: Practice, kind: str) -> None:
    text = TEXTS[kind]
    stored = dicoms.ct_slice(
        SpecificCharacterSet="ISO_IR 192", PatientName=text, StudyDescription=text[:64].strip(OVERRIDE)
    )
    store_one([stored], Origin("test", practice.pk, "tests"))
    study, patient = Study.objects.get(), Patient.objects.get()
    for page in (
        reverse("admin:archive_study_changelist"),
        reverse("admin:archive_study_change", args=[study.pk]),
        reverse("admin:archive_patient_changelist"),
        reverse("admin:archive_patient_change", args=[patient.pk]),
        reverse("admin:index"),
    ):
        answer = boss.get(page)
        assert answer.status_code == 200
        assert not ALIVE.search(answer.content.decode())


@pytest.mark.parametrize("kind", TEXTS)
def test_names_in_reports(kind: str) -> None:
    text = TEXTS[kind]
    item = documents.item("TEXT", "Finding", TextValue=text.strip(OVERRIDE))
    header = read(documents.report(item, title="Findings", SpecificCharacterSet="ISO_IR 192", PatientName=text))
    assert not ALIVE.search(report_page(header.attributes, lambda _: None))
    assert OVERRIDE not in report_text(header.attributes)


@pytest.mark.parametrize("path", ["/dicom-web/<script>alert(1)</script>", "/<script>alert(1)</script>", "/api/<b>"])
@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_addresses_in_errors(path: str, accept: str) -> None:
    told = ask(path, HTTP_ACCEPT=accept)
    assert told.status in {401, 404}
    assert b"<script>alert" not in told.body
    assert told.fields["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("address", "environ"),
    [
        ("/dicom-web/studies?PatientName=<script>alert(1)</script>&includefield=<b>", {}),
        ("/dicom-web/studies", {"HTTP_ACCEPT": "<script>alert(1)</script>"}),
        ("/dicom-web/studies", {"HTTP_HOST": "<script>alert(1)</script>"}),
        ("/dicom-web/studies/1.2.3/rendered?viewport=<script>alert(1)</script>", {}),
        ("/wado?requestType=<script>alert(1)</script>", {}),
    ],
)
def test_values_in_errors(client: Client, address: str, environ: dict[str, str]) -> None:
    answer = client.get(address, **environ)
    assert b"<script>alert" not in answer.content


def test_file_names_cannot_end_their_field(client: Client, practice: Practice) -> None:
    description = 'x"; filename="evil.exe\r\nSet-Cookie: a=b'
    stored = dicoms.ct_slice(StudyDescription=description, SeriesDescription="../../etc/passwd")
    store_one([stored], Origin("test", practice.pk, "tests"))
    answer = client.get(f"/dicom-web/studies/{dicoms.STUDY_UID}", headers={"accept": "application/zip"})
    assert re.fullmatch(r'attachment; filename="[\w.-]+"', answer["Content-Disposition"])
    assert b".." not in b"".join(answer.streaming_content)[:200]


@pytest.mark.parametrize(
    "text", ["a\nINFO forged", "a\r\nINFO forged", "\x1b[2Jcleared", f"{OVERRIDE}turned", "a\x00b", "a\u2028b"]
)
def test_values_in_the_log_stay_on_their_line(text: str) -> None:
    record = logging.LogRecord("fovea.test", logging.INFO, "", 0, text, (), None)
    record.facts = {"user": text}
    line = logs.Text().format(record)
    assert line.isprintable()
    assert len(line.splitlines()) == 1
