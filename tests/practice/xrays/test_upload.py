"""POST /api/dental/xrays: what is stored, and who may."""

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Instance
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.practice.models import XRay
from apps.practice.xrays import declaring, tasks
from tests import dicoms
from tests.conftest import client_of
from tests.practice.xrays.images import XRAYS, a_lead, colours, encoded, jpeg, shades, upload
from tests.rights import give

pytestmark = pytest.mark.django_db


def test_a_picture_becomes_an_x_ray_of_its_lead(client: Client, practice: Practice) -> None:
    lead = a_lead(practice, external_id="K-7")
    response = upload(
        client, jpeg(), leadId=lead.pk, xrayType="BITEWING", dateTaken="2024-05-06T09:30:00+02:00", teeth="16, 46",
        notes="Left of the crown", userId="dr-7",
    )  # fmt: skip
    assert response.status_code == 201, response.content
    found = response.json()
    assert response["Location"].endswith(f"{XRAYS}/{found['id']}")
    assert (found["xrayType"], found["modality"], found["status"]) == ("BITEWING", "IO", "matched")
    assert found["dateTaken"] == "2024-05-06T07:30:00Z"
    assert {**found["match"], "probability": None} == {
        "state": "linked", "leadId": lead.pk, "how": "declared", "probability": None
    }  # fmt: skip
    assert found["lead"]["externalId"] == "K-7"
    assert (found["teeth"], found["notes"], found["userId"]) == ("16, 46", "Left of the crown", "dr-7")
    assert found["patientId"] == "K-7"


def test_its_addresses_show_it(client: Client, practice: Practice) -> None:
    found = upload(client, jpeg(), leadId=a_lead(practice).pk, xrayType="PANORAMIC").json()
    for name in ("thumbnailUrl", "renderedUrl"):
        picture = client.get(found[name].replace("http://testserver", ""))
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg"), name
    file = client.get(found["dicomUrl"].replace("http://testserver", ""))
    assert b"".join(file.streaming_content if file.streaming else [file.content])[128:132] == b"DICM"


def test_a_baseline_jpeg_stays_as_it_is(client: Client, practice: Practice) -> None:
    data = jpeg()
    found = upload(client, data, leadId=a_lead(practice).pk, xrayType="PERIAPICAL").json()
    instance = Instance.objects.get(sop_instance_uid=found["sopInstanceUid"])
    assert instance.transfer_syntax_uid == "1.2.840.10008.1.2.4.50"
    file = client.get(found["dicomUrl"].replace("http://testserver", ""))
    assert data in b"".join(file.streaming_content if file.streaming else [file.content])


@pytest.mark.parametrize(
    ("data", "kind", "sop_class"),
    [
        (encoded(shades(), "PNG"), "PANORAMIC", "1.2.840.10008.5.1.4.1.1.1.1"),
        (encoded(shades().astype("u2") * 257, "PNG"), "PERIAPICAL", "1.2.840.10008.5.1.4.1.1.1.3"),
        (encoded(colours(), "JPEG"), "PHOTO", "1.2.840.10008.5.1.4.1.1.77.1.4"),
        (encoded(colours(), "PNG"), "PANORAMIC", "1.2.840.10008.5.1.4.1.1.7"),
        (encoded(shades(), "TIFF"), "CBCT", "1.2.840.10008.5.1.4.1.1.7"),
    ],
)
def test_each_kind_has_its_class(client: Client, practice: Practice, data: bytes, kind: str, sop_class: str) -> None:
    found = upload(client, data, leadId=a_lead(practice).pk, xrayType=kind).json()
    assert Instance.objects.get(sop_instance_uid=found["sopInstanceUid"]).sop_class_uid == sop_class


def test_the_same_again_is_the_same(client: Client, practice: Practice) -> None:
    lead = a_lead(practice)
    first = upload(client, jpeg(), leadId=lead.pk, xrayType="PANORAMIC")
    again = upload(client, jpeg(), leadId=lead.pk, xrayType="PHOTO", notes="Once more")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Instance.objects.count() == XRay.objects.count() == 1


def test_a_dicom_file_is_stored_as_it_came(client: Client, practice: Practice) -> None:
    data = dicoms.secondary_capture(Modality="PX", SeriesDescription="")
    found = upload(client, data, "a.jpg", leadId=a_lead(practice).pk, notes="By hand").json()
    assert (found["xrayType"], found["notes"]) == ("PANORAMIC", "By hand")
    file = client.get(found["dicomUrl"].replace("http://testserver", ""))
    assert b"".join(file.streaming_content if file.streaming else [file.content])[128:] == data[128:]
    assert upload(client, data, leadId=a_lead(practice, external_id="2").pk).status_code == 200


def test_a_dicom_file_needs_no_lead(client: Client, practice: Practice) -> None:
    found = upload(client, dicoms.secondary_capture()).json()
    assert found["match"]["leadId"] is None
    assert found["status"] == "received"


def test_who_declares_another_name_makes_people_look(client: Client, practice: Practice) -> None:
    lead = a_lead(practice)
    data = dicoms.secondary_capture(PatientName="Baumann^Kurt", PatientBirthDate="19500101", PatientSex="M")
    told = upload(client, data, leadId=lead.pk).json()
    assert (told["status"], told["lead"]) == ("received", None)
    do_jobs()
    found = client.get(f"{XRAYS}/{told['id']}").json()
    assert (found["status"], found["lead"]) == ("needsReview", None)


def test_a_dicom_file_gets_the_lead_that_was_declared(client: Client, practice: Practice) -> None:
    lead = a_lead(practice)
    data = dicoms.secondary_capture(PatientName="Rossi^Elise", PatientBirthDate="19840302", PatientSex="F")
    told = upload(client, data, leadId=lead.pk).json()
    do_jobs()
    found = client.get(f"{XRAYS}/{told['id']}").json()
    assert (found["status"], found["match"]["how"], found["lead"]["id"]) == ("matched", "declared", lead.pk)


def do_jobs() -> None:
    for job in Job.objects.filter(kind=declaring.LINK):
        tasks.link(JobHandle(job.pk, 1), **job.parameters)


def test_pictures_of_a_day_are_one_study(client: Client, practice: Practice) -> None:
    lead = a_lead(practice)
    taken = [
        upload(client, jpeg(seed), leadId=lead.pk, xrayType=kind, dateTaken="2024-05-06").json()
        for seed, kind in enumerate(("BITEWING", "BITEWING", "PHOTO"))
    ]
    assert len({each["studyInstanceUid"] for each in taken}) == 1
    assert len({each["seriesInstanceUid"] for each in taken}) == 2
    numbers = Instance.objects.order_by("pk").values_list("series__series_number", "instance_number")
    assert list(numbers) == [(1, 1), (1, 2), (2, 1)]


def test_another_practice_has_its_own(client: Client, stranger_client: Client, practice: Practice,
                                      other_practice: Practice) -> None:  # fmt: skip
    mine = upload(client, jpeg(), leadId=a_lead(practice).pk).json()
    theirs = upload(stranger_client, jpeg(), leadId=a_lead(other_practice).pk).json()
    assert mine["sopInstanceUid"] != theirs["sopInstanceUid"]


def test_nobody_uploads_without_signing_in(anonymous: Client, practice: Practice) -> None:
    assert upload(anonymous, jpeg(), leadId=a_lead(practice).pk).status_code == 401
    assert not Instance.objects.exists()


def test_who_may_only_look_uploads_nothing(practice: Practice) -> None:
    reader = User.objects.create_user("ruth", practice=practice)
    give(reader, practice, Permission.VIEW)
    assert upload(client_of(reader), jpeg(), leadId=a_lead(practice).pk).status_code == 403
    assert not Instance.objects.exists()


def test_who_may_only_upload_is_told_of_what_they_bring(practice: Practice, client: Client) -> None:
    secretary = User.objects.create_user("sue", practice=practice)
    give(secretary, practice, Permission.UPLOAD)
    lead = a_lead(practice)
    own = upload(client_of(secretary), jpeg(1), leadId=lead.pk, notes="Mine")
    assert (own.status_code, own.json()["notes"]) == (201, "Mine")
    upload(client, jpeg(2), leadId=lead.pk, notes="Not for everybody")
    theirs = upload(client_of(secretary), jpeg(2), leadId=lead.pk)
    assert (theirs.status_code, theirs.json()["notes"], theirs.json()["lead"]) == (200, "", None)


def test_another_sites_page_uploads_nothing(user: User, practice: Practice) -> None:
    foreign = Client(HTTP_SEC_FETCH_SITE="cross-site", HTTP_ORIGIN="https://evil.example")
    foreign.force_login(user)
    assert upload(foreign, jpeg(), leadId=a_lead(practice).pk).status_code == 403
    assert not Instance.objects.exists()
