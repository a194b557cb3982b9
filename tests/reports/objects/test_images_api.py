"""Images to choose from for a report, and those of a report, over REST."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from pydicom.dataset import Dataset

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.measurements.content import concepts
from apps.reports import keyimages, pictures
from apps.reports.models import Report, Status
from tests import dicoms, documents
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.measurements.measured import drawn, group, length, report, value
from tests.reports.drafts import made
from tests.rights import give

CT = dicoms.CTImageStorage
SLICES = [dicoms.uid(1, 1, number) for number in (1, 2, 3, 4, 5)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, no_heartbeat: None) -> None:
    monkeypatch.setattr(pictures, "SIDE", 64)


@pytest.fixture
def written(practice: Practice, user: User) -> Report:
    """A report of a CT of five slices: the first is measured in, the second has an arrow, the fourth is noted."""
    arrow = group(
        value(0.0, concepts.CENTRE, concepts.NO_UNIT, drawn(image=SLICES[1])), tool="ArrowAnnotate", label="Here"
    )
    keep(practice, *dicoms.ct_series(5), report(length(), arrow), note())
    study = Study.objects.get()
    content = {"keyImages": [image(SLICES[0]), image("1.2.3")]}
    return Report.objects.create(
        study=study, version=made.template(practice), author=user, changed_at=study.received_at, content=content
    )


def note() -> bytes:
    """A Key Object Selection of the fourth slice."""
    named = Dataset()
    named.ReferencedSOPClassUID, named.ReferencedSOPInstanceUID = CT, SLICES[3]
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = dicoms.SERIES_UID, [named]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = dicoms.STUDY_UID, [series]
    return documents.report(
        documents.image(SLICES[3]), sop_class=documents.KEY_OBJECTS, Modality="KO", SeriesInstanceUID=dicoms.uid(1, 8),
        SOPInstanceUID=dicoms.uid(1, 8, 1), CurrentRequestedProcedureEvidenceSequence=[study],
    )  # fmt: skip


def image(uid: str) -> dict[str, Any]:
    return {
        "studyInstanceUid": dicoms.STUDY_UID, "seriesInstanceUid": dicoms.SERIES_UID, "sopClassUid": CT,
        "sopInstanceUid": uid, "caption": "As it is",
    }  # fmt: skip


def listed(client: Client, report: Report) -> Any:
    answer = client.get(f"/api/reports/{report.pk}/images")
    assert answer.status_code == 200, answer.content
    return answer.json()


def shown(client: Client, report: Report, place: int = 0) -> Any:
    return client.get(f"/api/reports/{report.pk}/key-images/{place}")


def test_what_was_noted_comes_first_then_marks_measurements_and_the_middle(client: Client, written: Report) -> None:
    found = listed(client, written)
    assert [(each["sopInstanceUid"], each["why"]) for each in found] == [
        (SLICES[3], "Noted as a key image"), (SLICES[1], "Marked in the viewer"), (SLICES[0], "Measured"),
        (SLICES[2], "Axial 2.0, the middle one"),
    ]  # fmt: skip
    assert [each["caption"] for each in found] == ["", "Here", "", ""]
    assert client.get(found[0]["thumbnail"])["Content-Type"] == "image/jpeg"


def test_what_was_noted_is_proposed(practice: Practice, written: Report) -> None:
    found = keyimages.noted(Principal.worker(practice.pk), written.study)
    assert [each.sop_instance_uid for each in found] == [SLICES[3], SLICES[1]]


def test_a_key_image_is_a_picture(client: Client, written: Report) -> None:
    answer = shown(client, written)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.content)).size == (64, 64)
    assert Image.open(io.BytesIO(shown(client, written, 1).content)).size == pictures.CARD
    assert shown(client, written, 2).status_code == 404


def test_of_a_signed_report_they_are_for_who_may_look(written: Report, practice: Practice) -> None:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    viewer = client_of(user)
    assert shown(viewer, written).status_code == 404
    Report.objects.filter(pk=written.pk).update(status=Status.PRELIMINARY)
    assert shown(viewer, written).status_code == 200
    assert len(listed(viewer, written)) == 4


def test_others_see_none(written: Report, stranger_client: Client, anonymous: Client) -> None:
    for place in ("images", "key-images/0"):
        assert stranger_client.get(f"/api/reports/{written.pk}/{place}").status_code == 404
        assert anonymous.get(f"/api/reports/{written.pk}/{place}").status_code == 401
