"""PATCH and DELETE of X-rays, and rows for what arrives by other doors."""

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Instance, Study
from apps.audit.models import Event
from apps.practice.models import XRay
from apps.practice.xrays import rows
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.practice.xrays.images import XRAYS, a_lead, fields_of, jpeg, upload
from tests.rights import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(client: Client, practice: Practice) -> str:
    """The address of an X-ray that was uploaded."""
    return f"{XRAYS}/{upload(client, jpeg(), leadId=a_lead(practice).pk, xrayType='BITEWING').json()['id']}"


def patch(client: Client, address: str, **facts: object) -> tuple[int, dict[str, object]]:
    response = client.patch(address, facts, content_type="application/json")
    return response.status_code, response.json()


def test_what_is_said_can_be_changed(client: Client, found: str) -> None:
    code, changed = patch(client, found, xrayType="PERIAPICAL", notes="New", teeth="11", dateTaken="2020-01-02")
    assert code == 200
    assert (changed["xrayType"], changed["notes"], changed["teeth"]) == ("PERIAPICAL", "New", "11")
    event = Event.objects.filter(action=Event.Action.EDIT).latest("pk")
    assert "New" not in event.detail


def test_it_can_be_given_to_another_lead(client: Client, found: str, practice: Practice) -> None:
    other = a_lead(practice, external_id="2")
    code, changed = patch(client, found, leadId=other.pk)
    assert (code, changed["lead"]["id"], changed["match"]["how"]) == (200, other.pk, "person")  # type: ignore[index]


def test_others_of_its_study_go_along_only_if_asked(client: Client, practice: Practice) -> None:
    lead, other = a_lead(practice), a_lead(practice, external_id="2")
    ids = [upload(client, jpeg(n), leadId=lead.pk, dateTaken="2024-01-01").json()["id"] for n in (1, 2)]
    assert patch(client, f"{XRAYS}/{ids[0]}", leadId=other.pk)[0] == 409
    assert patch(client, f"{XRAYS}/{ids[0]}", leadId=other.pk, wholeStudy=True)[0] == 200
    assert client.get(f"{XRAYS}/{ids[1]}").json()["lead"]["id"] == other.pk


@pytest.mark.parametrize(
    ("field", "value"), [("xrayType", "X"), ("teeth", "99"), ("leadId", 987654321), ("status", "matched"), ("id", 7)]
)
def test_a_wrong_change_is_named(client: Client, found: str, field: str, value: object) -> None:
    response = client.patch(found, {"notes": "Not kept", field: value}, content_type="application/json")
    assert (response.status_code, fields_of(response)) == (400, {field})
    assert client.get(found).json()["notes"] == ""


def test_it_can_be_deleted(client: Client, found: str) -> None:
    assert client.delete(found).status_code == 204
    assert client.get(found).status_code == 404
    assert not XRay.objects.exists()
    assert not Instance.objects.exists()


def test_others_may_not(stranger_client: Client, anonymous: Client, practice: Practice, found: str) -> None:
    reader = User.objects.create_user("ruth", practice=practice)
    give(reader, practice, Permission.VIEW)
    for client, code in ((client_of(reader), 403), (stranger_client, 404), (anonymous, 401)):
        assert patch(client, found, notes="Mine")[0] == code
        assert client.delete(found).status_code == (403 if client is stranger_client and code == 403 else code)
    assert XRay.objects.get().notes == ""


def test_what_arrives_by_another_door_has_rows(practice: Practice) -> None:
    keep(practice, *dicoms.ct_series(3, Manufacturer="Planmeca"))
    study = Study.objects.get()
    rows.keep(study.pk)
    rows.keep(study.pk)
    volume = XRay.objects.get()
    assert (volume.kind, volume.instance, volume.modality) == ("CBCT", None, "CT")


def test_a_deleted_study_takes_its_rows_along(client: Client, practice: Practice) -> None:
    keep(practice, dicoms.secondary_capture(Modality="PX"))
    study = Study.objects.get()
    assert rows.keep(study.pk) == 1
    assert client.delete(f"/dicom-web/studies/{study.study_instance_uid}").status_code < 300
    assert not XRay.objects.exists()
    assert not Study.objects.exists()
