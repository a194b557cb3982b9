"""/api/videos: watched, stopped, tried again and forgotten; policy and masks; each for who may."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Instance
from apps.audit.models import Event
from apps.video.converter import Refusal
from apps.video.models import MaskTemplate, PracticePolicy, Video
from tests.conftest import client_of
from tests.rights import give
from tests.video.clips import clip
from tests.video.intake.brought import PLAN, VIDEOS, again, brought, converting, converts, kept, work

pytestmark = pytest.mark.django_db
POLICY, MASKS = f"{VIDEOS}/policy", f"{VIDEOS}/masks"
MASK = {"left": 0, "top": 0.25, "width": 1, "height": 0.5}


def who(practice: Practice, name: str, *permissions: Permission) -> Client:
    user = User.objects.create_user(name, practice=practice)
    give(user, practice, *permissions)
    return client_of(user)


def patch(client: Client, address: str, **fields: Any) -> Any:
    return client.patch(address, fields, content_type="application/json")


def post(client: Client, address: str, body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


@pytest.fixture
def video(client: Client) -> Video:
    return brought(client, patientName="Doe^Jane")


def test_one_tells_how_far_it_is_and_what_it_became(
    client: Client, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{VIDEOS}/{video.pk}"
    told = client.get(address).json()
    assert (told["state"], told["progress"]["percent"], told["plan"], told["poster"]) == ("queued", None, None, None)
    assert told["metadata"]["patient"] == {"name": "Doe^Jane"}
    assert "seed" not in told["metadata"]
    converting(monkeypatch, converts)
    work(video)
    told = client.get(address).json()
    uid = Instance.objects.get().sop_instance_uid
    assert (told["state"], told["progress"]["percent"], told["path"]) == ("done", 100, "remux")
    assert (told["plan"]["reasons"], told["report"], told["sopInstanceUid"]) == (PLAN["reasons"], {"frames": 2}, uid)
    assert told["poster"].endswith(f"/api/instances/{uid}/poster")


def test_a_list_is_narrowed_and_read_on(client: Client) -> None:
    videos = [brought(client, {name: b"film"}) for name in ("a.mp4", "b.mp4", "c.avi")]
    page = client.get(f"{VIDEOS}?limit=2&name=.mp4").json()
    assert [each["name"] for each in page["results"]] == ["b.mp4", "a.mp4"]
    page = client.get(VIDEOS, {"limit": 2}).json()
    assert [each["name"] for each in client.get(page["next"]).json()["results"]] == ["a.mp4"]
    for query in (f"batch={videos[1].batch}", f"jobId={videos[1].job_id}"):
        assert [each["id"] for each in client.get(f"{VIDEOS}?{query}").json()["results"]] == [videos[1].pk]
    assert client.get(VIDEOS, {"state": "done"}).json()["results"] == []
    assert client.get(VIDEOS, {"colour": "red"}).status_code == 400


def test_strangers_and_nobody_find_nothing(
    video: Video, stranger_client: Client, anonymous: Client, practice: Practice
) -> None:
    address = f"{VIDEOS}/{video.pk}"
    assert stranger_client.get(VIDEOS).json()["results"] == []
    asked = [("get", address), ("delete", address), ("post", f"{address}/cancel"), ("post", f"{address}/retry")]
    for method, place in asked:
        assert getattr(stranger_client, method)(place).status_code == 404
        assert getattr(anonymous, method)(place).status_code == 401
    assert anonymous.get(VIDEOS).status_code == 401
    assert who(practice, "vera", Permission.VIEW).get(VIDEOS).status_code == 403


def test_it_is_for_its_sender_and_administrators_to_stop(video: Video, practice: Practice) -> None:
    colleague = who(practice, "carl", Permission.VIEW, Permission.UPLOAD)
    chief = who(practice, "chief", Permission.VIEW, Permission.UPLOAD, Permission.ADMINISTER)
    address = f"{VIDEOS}/{video.pk}"
    assert [colleague.post(f"{address}/{verb}").status_code for verb in ("cancel", "retry")] == [403, 403]
    assert colleague.delete(address).status_code == 403
    assert chief.delete(address).status_code == 409
    assert chief.post(f"{address}/cancel").json()["state"] == "cancelled"
    assert chief.post(f"{address}/cancel").status_code == 409
    assert chief.post(f"{address}/retry").json()["state"] == "queued"
    assert chief.post(f"{address}/retry").status_code == 409


def test_a_forgotten_one_leaves_its_object(client: Client, video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, converts)
    work(video)
    assert client.post(f"{VIDEOS}/{video.pk}/retry").status_code == 409
    assert client.delete(f"{VIDEOS}/{video.pk}").status_code == 204
    assert (Video.objects.count(), Instance.objects.count()) == (0, 1)
    assert Event.objects.get(action="delete").detail == f"video {video.pk} (done) forgotten"


def test_a_failed_one_is_forgotten_with_its_file(client: Client, video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, lambda request, listen: Refusal("damaged", "It is damaged."))
    work(video)
    told = client.get(VIDEOS, {"code": "damaged"}).json()["results"][0]
    assert (told["code"], told["error"], told["hasFile"]) == ("damaged", "It is damaged.", True)
    assert client.delete(f"{VIDEOS}/{video.pk}").status_code == 204
    assert kept() == []


def test_the_policy_is_read_by_who_brings_and_changed_by_who_administers(
    practice: Practice, other_practice: Practice, anonymous: Client, stranger_client: Client
) -> None:
    bringer = who(practice, "sue", Permission.VIEW, Permission.UPLOAD)
    chief = who(practice, "chief", Permission.ADMINISTER)
    assert bringer.get(POLICY).json()["sound"] == "strip"
    assert patch(bringer, POLICY, sound="keep").status_code == 403
    assert patch(anonymous, POLICY, sound="keep").status_code == 401
    assert patch(chief, f"{POLICY}?practice={other_practice.pk}", sound="keep").status_code == 404
    assert patch(chief, POLICY, sound="loud").status_code == 400
    assert patch(chief, POLICY, maxLost=1.5).status_code == 400
    assert PracticePolicy.objects.count() == 0
    assert patch(chief, POLICY, sound="keep", keep4k=True).json()["keep4k"] is True
    assert bringer.get(POLICY).json()["sound"] == "keep"
    assert stranger_client.get(f"{POLICY}?practice={practice.pk}").status_code == 404
    assert "sound keep, keep_4k True" in Event.objects.get(action="configuration").detail


def test_masks_are_read_by_who_brings_and_written_by_who_administers(
    practice: Practice, anonymous: Client, stranger_client: Client
) -> None:
    bringer = who(practice, "sue", Permission.VIEW, Permission.UPLOAD)
    chief = who(practice, "chief", Permission.ADMINISTER)
    new = {"practice": practice.pk, "name": "Tower", "masks": [MASK], "coversAll": True}
    statuses = [post(each, MASKS, new).status_code for each in (bringer, anonymous, stranger_client)]
    assert statuses == [403, 401, 400]
    made = post(chief, MASKS, new)
    assert (made.status_code, made.json()["masks"], made.json()["coversAll"]) == (201, [MASK], True)
    address = f"{MASKS}/{made.json()['id']}"
    assert [each["name"] for each in bringer.get(MASKS).json()["results"]] == ["Tower"]
    assert stranger_client.get(address).status_code == 404
    assert bringer.get(address).status_code == 200
    assert patch(bringer, address, name="x").status_code == 403
    assert patch(chief, address, masks=[{**MASK, "height": 0.9}]).status_code == 400
    assert patch(chief, address, name="Tower 2").json()["name"] == "Tower 2"
    assert post(chief, MASKS, {**new, "name": "Tower 2"}).status_code == 400
    assert (bringer.delete(address).status_code, chief.delete(address).status_code) == (403, 204)
    assert MaskTemplate.objects.count() == 0


def test_a_real_film_is_converted_and_stored(client: Client) -> None:
    film = clip("quick.mp4")
    video = brought(client, {"quick.mp4": film.read_bytes()}, preset="dental", patientName="Doe^Jane")
    done = work(video)
    assert (done.state, done.path, done.error) == ("done", "passthrough", "")
    assert done.report is not None
    assert done.report["verified"]["frames"] == 60
    assert Instance.objects.get().sop_instance_uid == done.sop_instance_uid
    told = client.get(f"{VIDEOS}/{video.pk}").json()
    assert told["plan"]["isExact"] is True
    assert kept() == []


def test_a_letter_is_no_film(client: Client) -> None:
    done = work(brought(client, {"film.mp4": b"Dear madam, "}))
    assert (done.state, done.code, Instance.objects.count()) == ("failed", "notAVideo", 0)


def test_a_cancelled_job_leaves_the_film_alone(client: Client, video: Video) -> None:
    client.post(f"/api/jobs/{video.job_id}/cancel")
    assert (again(video).state, [Path(path).name for path in kept()]) == ("cancelled", ["source"])
