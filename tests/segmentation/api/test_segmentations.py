"""GET /api/segmentations: which there are, who made them, and what is in each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.analysis.models import Analysis, Verdict
from apps.analysis.results import WAY
from apps.archive.models import Instance, Study
from apps.audit import access
from apps.audit.models import Event
from apps.segmentation.api import reaching
from apps.segmentation.models import Segmentation
from apps.segmentation.objects.facts import LABEL_MAP
from apps.volumes.models import Volume
from tests import dicoms
from tests.segmentation.objects.samples import labels
from tests.segmentation.stored import segmentation_file, stored_segmentation
from tests.volumes.stored import store, stored_volume

pytestmark = pytest.mark.django_db
SHAPE = (5, 11, 13)


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, np.zeros(SHAPE, np.int16))


@pytest.fixture
def others(stranger_client: Client, anonymous: Client) -> dict[int, Client]:
    """Who may not look at it, by what they are answered."""
    return {404: stranger_client, 401: anonymous}


def listed(client: Client, **parameters: Any) -> list[Any]:
    response = client.get("/api/segmentations", parameters)
    assert response.status_code == 200, response.content
    results: list[Any] = response.json()["results"]
    return results


def test_those_that_came_a_moment_ago_are_told_of(
    client: Client, practice: Practice, volume: Volume, tmp_path: Path
) -> None:
    file = segmentation_file(tmp_path, volume, labels(SHAPE))
    store(practice, [file])
    assert not Segmentation.objects.exists()
    (found,) = listed(client, study=dicoms.STUDY_UID)
    assert found["sopInstanceUid"] == file.SOPInstanceUID
    assert found["seriesInstanceUid"] == file.SeriesInstanceUID
    assert found["sopClassUid"] == LABEL_MAP
    assert found["sourceSeriesInstanceUid"] == volume.series.series_instance_uid
    assert (found["isLabelmap"], found["isMachineMade"]) == (True, True)
    assert (found["analysis"], found["editedFrom"]) == (None, None)
    assert found["links"]["segmentation"] == f"/api/segmentations/{found['id']}"
    assert volume.series.series_instance_uid in found["links"]["viewer"]
    first = found["segments"][0]
    assert (first["number"], first["label"], first["colour"]) == (1, "Left lung", "#c8a078")
    assert first["type"] == {"value": "39607008", "scheme": "SCT", "meaning": "Lung"}
    assert first["anatomy"] == {"value": "", "scheme": "", "meaning": ""}
    assert first["algorithm"] == {"name": "Threshold", "version": "1", "isAutomatic": True}
    assert found["segments"][2]["algorithm"] is None


def test_they_are_found_by_their_images(client: Client, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    other = stored_volume(practice, np.zeros(SHAPE, np.int16), series_uid=dicoms.uid(1, 2))
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    stored_segmentation(practice, tmp_path, other, labels(SHAPE), "other")
    assert len(listed(client)) == 2
    own = row.instance.series.series_instance_uid
    for wanted in ({"series": volume.series.series_instance_uid}, {"volume": volume.pk}, {"series": own}):
        assert [each["id"] for each in listed(client, **wanted)] == [row.pk]
    assert listed(client, study="2.25.1") == []
    assert len(listed(client, machine="true")) == 2
    assert listed(client, machine="false") == []
    assert listed(client, volume=volume.pk, series=other.series.series_instance_uid) == []


def test_the_analysis_that_made_it_is_told(
    client: Client, practice: Practice, user: User, volume: Volume, tmp_path: Path
) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    analysis = Analysis.objects.create(
        study=Study.objects.get(), kind="segmentation", fingerprint="a", requested_by=user, verdict=Verdict.ACCEPTED,
        series_instance_uids=[row.instance.series.series_instance_uid],
    )  # fmt: skip
    Instance.objects.filter(pk=row.instance_id).update(source=WAY)
    (found,) = listed(client)
    assert found["analysis"] == {"id": analysis.pk, "kind": "segmentation", "verdict": "accepted"}
    assert found["links"]["analysis"] == f"/api/analyses/{analysis.pk}"


def test_one_of_them(client: Client, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    assert client.get(f"/api/segmentations/{row.pk}").json() == listed(client)[0]
    assert client.get(f"/api/segmentations/{row.pk + 1}").status_code == 404
    assert client.get(f"/api/segmentations/{row.pk}?study=1").status_code == 400


def test_others_see_nothing(others: dict[int, Client], practice: Practice, volume: Volume, tmp_path: Path) -> None:
    store(practice, [segmentation_file(tmp_path, volume, labels(SHAPE), "unread")])
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    for status, client in others.items():
        assert client.get(f"/api/segmentations/{row.pk}").status_code == status
    assert listed(others[404]) == []
    assert others[404].get(f"/api/segmentations?volume={volume.pk}").status_code == 404
    assert others[401].get("/api/segmentations").status_code == 401


def test_looking_is_on_record(client: Client, practice: Practice, volume: Volume, tmp_path: Path) -> None:
    row = stored_segmentation(practice, tmp_path, volume, labels(SHAPE))
    listed(client, study=dicoms.STUDY_UID)
    client.get(f"/api/segmentations/{row.pk}")
    access.flush()
    assert Event.objects.filter(action=Event.Action.QUERY, source="segmentations", detail="study").exists()
    event = Event.objects.get(action=Event.Action.ACCESS, source="a segmentation")
    assert event.study_instance_uid == dicoms.STUDY_UID


@pytest.mark.parametrize("wrong", [{"volume": "x"}, {"volume": 0}, {"study": "1" * 65}, {"colour": "red"}])
def test_what_is_no_filter_is_refused(client: Client, wrong: dict[str, Any]) -> None:
    assert client.get("/api/segmentations", wrong).status_code == 400


def test_one_request_reads_so_many_and_no_more(
    client: Client, practice: Practice, volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "MOST_READ", 1)
    for seed in ("a", "b"):
        store(practice, [segmentation_file(tmp_path, volume, labels(SHAPE), seed)])
    assert len(listed(client)) == 1
    assert len(listed(client)) == 2
