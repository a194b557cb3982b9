"""Receiving one instance from whoever has a token: stored in their practice, for the lead that they name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Instance
from apps.practice.models import Lead
from tests import dicoms
from tests.conftest import client_of
from tests.practice.orthancs.calling import RECEIVE, notice
from tests.rights import give

DICOM = "application/dicom"


@pytest.fixture
def lead(practice: Practice) -> Lead:
    return Lead.objects.create(practice=practice, family_name="Doe", given_name="Ann")


def test_an_object_is_stored_and_told_by_its_uids(client: Client, practice: Practice) -> None:
    answer = client.post(RECEIVE, dicoms.ct_slice(), content_type=DICOM)
    told = answer.json()
    stored = Instance.objects.get(series__study__practice=practice)
    assert (answer.status_code, told["state"], told["sopInstanceUid"]) == (201, "stored", stored.sop_instance_uid)
    again = client.post(RECEIVE, dicoms.ct_slice(), content_type=DICOM)
    assert (again.status_code, again.json()["state"], Instance.objects.count()) == (200, "known", 1)


@pytest.mark.parametrize("in_form", [False, True])
def test_it_gets_the_lead_that_is_named(client: Client, lead: Lead, in_form: bool) -> None:
    data = dicoms.ct_slice(PatientName="Doe^Ann")
    if in_form:
        form = {"leadId": str(lead.pk), "file": SimpleUploadedFile("a.dcm", data, DICOM)}
        answer = client.post(RECEIVE, form)
    else:
        answer = client.post(f"{RECEIVE}?leadId={lead.pk}", data, content_type=DICOM)
    assert answer.status_code == 201, answer.content
    assert Instance.objects.get().series.study.match.lead == lead


@pytest.mark.parametrize("given", ["999999", "-1", "x", "9" * 30])
def test_a_lead_that_there_is_not_stores_nothing(client: Client, given: str) -> None:
    answer = client.post(f"{RECEIVE}?leadId={given}", dicoms.ct_slice(), content_type=DICOM)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "leadId")
    assert not Instance.objects.exists()


def test_a_lead_of_another_practice_is_none(client: Client, other_practice: Practice) -> None:
    theirs = Lead.objects.create(practice=other_practice, family_name="Doe", given_name="Ann")
    answer = client.post(f"{RECEIVE}?leadId={theirs.pk}", dicoms.ct_slice(), content_type=DICOM)
    assert answer.status_code == 400
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"no DICOM at all", DICOM, 400),
        (dicoms.ct_slice()[:400], DICOM, 400),
        (notice(), "application/json", 415),
        (b"x", "text/plain", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 400),
    ],
)
def test_what_is_no_object_is_refused(client: Client, body: bytes, kind: str, status: int) -> None:
    assert client.post(RECEIVE, body, content_type=kind).status_code == status
    assert not Instance.objects.exists()


def test_it_takes_the_right_to_upload(practice: Practice, anonymous: Client) -> None:
    vera = User.objects.create_user("vera", practice=practice)
    give(vera, practice, Permission.VIEW)
    assert client_of(vera).post(RECEIVE, dicoms.ct_slice(), content_type=DICOM).status_code == 403
    assert anonymous.post(RECEIVE, dicoms.ct_slice(), content_type=DICOM).status_code == 401
    assert not Instance.objects.exists()


def test_it_goes_into_the_callers_own_practice(stranger_client: Client, other_practice: Practice) -> None:
    stranger_client.post(RECEIVE, dicoms.ct_slice(), content_type=DICOM)
    assert Instance.objects.get().series.study.practice == other_practice
