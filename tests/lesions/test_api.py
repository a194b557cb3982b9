"""Lesions by the REST API: recorded of what was measured, followed through studies, judged by RECIST 1.1."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit.models import Event
from apps.lesions.models import Lesion, LesionFinding
from tests import dicoms
from tests.conftest import client_of
from tests.lesions.studies import LUNG, cross, imaged, line, measurement, reported, study_uid
from tests.measurements.measured import instead_of
from tests.rights import give

pytestmark = pytest.mark.django_db


def call(client: Client, method: str, address: str, **body: Any) -> Any:
    return getattr(client, method)(f"/api/{address}", body, content_type="application/json")


def add(client: Client, number: int, role: str = "target", **given: Any) -> Any:
    return call(client, "post", "lesions", study=study_uid(number), role=role, **given)


def found(client: Client, lesion: int, number: int, **given: Any) -> Any:
    return call(client, "put", f"lesions/{lesion}/findings/{study_uid(number)}", **given)


def assessment(client: Client, number: int) -> Any:
    return client.get("/api/lesions/assessment", {"study": study_uid(number)})


@pytest.fixture
def baseline(practice: Practice) -> None:
    """Two lesions of the liver, one of the lung, and a node, measured in the first of two studies."""
    for number in (0, 1):
        imaged(practice, number)
    reported(
        practice, 0,
        line(0, 30, (20, 20), tracking=1, label="Segment VII"),
        line(0, 20, (40, 40), tracking=2),
        line(0, 8, (10, 50), tracking=3, site=LUNG),
        cross(0, 24, 16, (50, 12), tracking=4),
    )  # fmt: skip


def test_a_lesion_is_what_was_measured(client: Client, baseline: None):
    response = add(client, 0, measurement=measurement(0, 1))
    assert response.status_code == 201, response.content
    told = response.json()
    assert response["Location"].endswith(f"/api/lesions/{told['id']}")
    assert (told["name"], told["organ"], told["isNode"], told["role"]) == ("Segment VII", "liver", False, "target")
    assert told["trackingUid"] == dicoms.uid(61, 1)
    (finding,) = told["findings"]
    assert (finding["state"], finding["size"], finding["notedBy"]) == ("measured", 30.0, "nora")
    # Column 20, row 20 are half a pixel beside the middle of pixel (19, 19).
    assert finding["position"] == pytest.approx([-20 + 19.5, -30 + 19.5, 40])
    assert client.get(f"/api/lesions/{told['id']}").json() == told
    assert client.get("/api/lesions", {"study": study_uid(1)}).json() == [told]
    assert client.get("/api/lesions", {"patient": told["patient"]}).json() == [told]
    assert Event.objects.filter(action="edit", detail__contains="recorded").exists()


def test_of_a_node_the_short_axis_counts(client: Client, baseline: None):
    told = add(client, 0, measurement=measurement(0, 4)).json()
    (finding,) = told["findings"]
    assert (told["organ"], told["isNode"], told["name"]) == ("lymph-node", True, "Lymph Node 1")
    assert (finding["size"], finding["diameter"], finding["shortAxis"]) == (16.0, 24.0, 16.0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"measurement": 10**6}, "measurement"),
        ({}, "measurement"),
        ({"state": "present", "organ": "liver"}, "state"),
        ({"state": "absent"}, "organ"),
        ({"state": "gone", "organ": "liver"}, "state"),
        ({"state": "present", "organ": "tail"}, "organ"),
    ],
)
def test_what_is_missing_or_wrong_is_said(client: Client, baseline: None, given: dict[str, Any], field: str):
    response = add(client, 0, **given)
    assert response.status_code == 400
    assert [each["field"] for each in response.json()["errors"]] == [field]
    assert not Lesion.objects.exists()


def test_what_recist_does_not_let_be_is_refused(client: Client, practice: Practice, baseline: None):
    too_small = add(client, 0, measurement=measurement(0, 3))
    assert too_small.status_code == 409
    assert "10 mm" in too_small.json()["detail"]
    assert add(client, 0, measurement=measurement(0, 1)).status_code == 201
    assert add(client, 0, measurement=measurement(0, 2)).status_code == 201
    again = add(client, 0, measurement=measurement(0, 2))
    assert again.status_code == 409
    reported(practice, 0, line(0, 25, (30, 55), tracking=9), report_number=2)
    third = add(client, 0, measurement=measurement(0, 9))
    assert third.status_code == 409
    assert "of an organ" in third.json()["detail"]
    assert add(client, 0, "non-target", measurement=measurement(0, 9)).status_code == 201
    not_at_baseline = add(client, 1, "non-target", state="present", organ="bone")
    assert not_at_baseline.status_code == 409
    assert "baseline" in not_at_baseline.json()["detail"]
    assert add(client, 1, "new", state="present", organ="bone").status_code == 201
    assert Lesion.objects.count() == 4


def test_thick_slices_take_larger_lesions(client: Client, practice: Practice):
    imaged(practice, 0, SliceThickness="7.5")
    reported(practice, 0, line(0, 14, (20, 20), tracking=1), line(0, 15, (40, 40), tracking=2))
    response = add(client, 0, measurement=measurement(0, 1))
    assert response.status_code == 409
    assert "15 mm" in response.json()["detail"]
    assert add(client, 0, measurement=measurement(0, 2)).status_code == 201


def test_assessment_of_a_follow_up(client: Client, practice: Practice, baseline: None):
    liver = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    node = add(client, 0, measurement=measurement(0, 4)).json()["id"]
    other = add(client, 0, "non-target", measurement=measurement(0, 3)).json()["id"]
    assert assessment(client, 1).status_code == 409
    reported(practice, 1, line(1, 20, (21, 22), tracking=11), cross(1, 18, 9, (50, 12), tracking=12))
    assert found(client, liver, 1, measurement=measurement(1, 11)).status_code == 200
    assert found(client, node, 1, measurement=measurement(1, 12)).status_code == 200
    assert found(client, other, 1, state="absent").status_code == 200
    told = assessment(client, 1).json()
    assert (told["sum"], told["baseline"], told["nadir"]) == (29.0, 46.0, 46.0)
    assert told["changeSinceBaseline"] == pytest.approx(100 * (29 - 46) / 46)
    assert told["target"] == {"response": "PR", "text": "Partial response"}
    assert (told["nonTarget"]["response"], told["overall"]["response"]) == ("CR", "PR")
    assert (told["criteria"], told["hasNew"]) == ("RECIST 1.1", False)
    assert [each["studyInstanceUid"] for each in told["visits"]] == [study_uid(0), study_uid(1)]
    assert told["visits"][0]["overall"] is None
    # Two months after baseline, and not confirmed: stable disease at best, where that takes six weeks.
    assert told["best"]["response"] == "SD"
    late = client.get("/api/lesions/assessment", {"study": study_uid(1), "stableDays": "60"}).json()
    assert late["best"]["response"] == "NE"
    # A new lesion makes it progression.
    assert add(client, 1, "new", state="present", organ="bone").status_code == 201
    assert assessment(client, 1).json()["overall"]["response"] == "PD"


def test_a_corrected_report_gives_the_new_size(client: Client, practice: Practice, baseline: None):
    """Saved anew by a viewer, the measurement has another Tracking UID, and lies a little elsewhere."""
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    earlier = instead_of(f"{study_uid(0)}.9.1.1", study_uid(0))
    reported(practice, 0, line(0, 33, (21, 22), tracking=21), report_number=2, **earlier)
    (finding,) = client.get("/api/lesions", {"study": study_uid(0)}).json()[0]["findings"]
    assert (finding["size"], finding["trackingUid"]) == (33.0, dicoms.uid(61, 21))
    assert Lesion.objects.get(pk=lesion).tracking_uid == dicoms.uid(61, 1)


def test_a_report_with_the_lesions_tracking_uid_is_a_finding(client: Client, practice: Practice, baseline: None):
    add(client, 0, measurement=measurement(0, 1))
    reported(practice, 1, line(1, 12, (20, 20), tracking=1))
    (lesion,) = client.get("/api/lesions", {"study": study_uid(1)}).json()
    assert [(each["studyInstanceUid"], each["size"]) for each in lesion["findings"]] == [
        (study_uid(0), 30.0),
        (study_uid(1), 12.0),
    ]


def test_what_a_person_has_said_stays(client: Client, practice: Practice, baseline: None):
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    found(client, lesion, 1, state="not-evaluable")
    reported(practice, 1, line(1, 12, (20, 20), tracking=1))
    client.get("/api/lesions", {"study": study_uid(1)})
    assert LesionFinding.objects.get(lesion=lesion, study__study_instance_uid=study_uid(1)).state == "not-evaluable"


def test_changed_taken_back_joined_and_removed(client: Client, practice: Practice, baseline: None):
    one = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    assert call(client, "patch", f"lesions/{one}").json()["name"] == "Segment VII"
    response = call(client, "patch", f"lesions/{one}", name="Dome", role="non-target")
    assert (response.json()["name"], response.json()["role"]) == ("Dome", "non-target")
    reported(practice, 1, line(1, 12, (20, 20), tracking=11))
    other = add(client, 1, "new", measurement=measurement(1, 11)).json()["id"]
    joined = call(client, "post", f"lesions/{one}/join", lesion=other).json()
    assert [each["size"] for each in joined["findings"]] == [30.0, 12.0]
    assert client.get(f"/api/lesions/{other}").status_code == 404
    assert call(client, "post", f"lesions/{one}/join", lesion=one).status_code == 400
    assert call(client, "delete", f"lesions/{one}/findings/{study_uid(0)}").status_code == 409
    assert call(client, "delete", f"lesions/{one}/findings/{study_uid(1)}").status_code == 204
    assert call(client, "delete", f"lesions/{one}/findings/{study_uid(1)}").status_code == 404
    assert call(client, "delete", f"lesions/{one}").status_code == 204
    assert not Lesion.objects.exists()


def test_lesions_are_of_one_patient(client: Client, practice: Practice, baseline: None):
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    imaged(practice, 2, patient="P2")
    other = add(client, 2, "new", state="present", organ="liver").json()["id"]
    assert found(client, lesion, 2, state="absent").status_code == 409
    assert call(client, "post", f"lesions/{lesion}/join", lesion=other).status_code == 409
    assert client.get("/api/lesions").status_code == 400


def _requests(lesion: int) -> list[tuple[str, str, dict[str, Any]]]:
    uid = study_uid(0)
    return [
        ("get", f"lesions?study={uid}", {}),
        ("get", f"lesions/{lesion}", {}),
        ("get", f"lesions/assessment?study={uid}", {}),
        ("post", "lesions", {"study": uid, "role": "new", "state": "present", "organ": "liver"}),
        ("patch", f"lesions/{lesion}", {"name": "Other"}),
        ("put", f"lesions/{lesion}/findings/{uid}", {"state": "absent"}),
        ("delete", f"lesions/{lesion}/findings/{uid}", {}),
        ("post", f"lesions/{lesion}/join", {"lesion": lesion + 1}),
        ("delete", f"lesions/{lesion}", {}),
    ]


def test_others_do_not_know_of_them(client: Client, stranger_client: Client, anonymous: Client, baseline: None):
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    for method, address, body in _requests(lesion):
        assert call(stranger_client, method, address, **body).status_code == 404, address
        assert call(anonymous, method, address, **body).status_code == 401, address
    assert Lesion.objects.get().name == "Segment VII"


def test_who_may_only_look_changes_nothing(client: Client, practice: Practice, baseline: None):
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    looker = User.objects.create_user("vera", practice=practice)
    give(looker, practice, Permission.VIEW)
    looking = client_of(looker)
    for method, address, body in _requests(lesion):
        expected = 200 if method == "get" else 403
        assert call(looking, method, address, **body).status_code == expected, address


def test_an_assessment_by_studies_that_one_does_not_see_is_refused(client: Client, practice: Practice, baseline: None):
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    found(client, lesion, 1, state="absent")
    guest = User.objects.create_user("gus", practice=practice)
    give(guest, practice, Permission.VIEW, scope="study", subject=study_uid(1))
    response = assessment(client_of(guest), 1)
    assert response.status_code == 403
    assert client_of(guest).get("/api/lesions", {"study": study_uid(1)}).json() == []
