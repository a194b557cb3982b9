"""GET /api/volumes: which there are, what is in none, and each one's geometry."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Series
from apps.audit import access
from apps.audit.models import Event
from apps.volumes.api import reaching
from apps.volumes.cache import opened
from apps.volumes.models import Survey, Volume
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.volumes.api.conftest import ORIGIN, SHAPE, SPACING, address, values
from tests.volumes.series import ct_series
from tests.volumes.stored import store, stored_volume

pytestmark = pytest.mark.django_db
OTHER = dicoms.uid(1, 2)


def listed(client: Client, **parameters: str | int) -> Any:
    response = client.get("/api/volumes", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def refused(client: Client, **parameters: str) -> int:
    return client.get("/api/volumes", parameters).status_code


@pytest.fixture
def uneven(practice: Practice) -> Volume:
    """Two slices are missing."""
    return stored_volume(
        practice, values(), positions=(0, 2, 4, 10, 12, 14), series_uid=OTHER, spacing=SPACING, origin=ORIGIN
    )


def test_a_study_is_looked_at_when_it_is_asked_about(client: Client, practice: Practice) -> None:
    store(practice, ct_series(values()))
    assert not Survey.objects.exists()
    (found,) = listed(client, study=dicoms.STUDY_UID)["results"]
    assert (found["slices"], found["rows"], found["columns"]) == SHAPE
    assert (found["seriesInstanceUid"], found["modality"]) == (dicoms.SERIES_UID, "CT")
    assert (found["flags"], found["isQuantifiable"]) == ([], True)
    assert found["links"]["volume"] == f"/api/volumes/{found['id']}"
    assert found["links"]["panoramic"] == f"/volumes/{found['id']}/panoramic/"


def test_what_came_last_is_looked_at_without_being_named(
    client: Client, others: dict[int, Client], practice: Practice
) -> None:
    store(practice, ct_series(values()))
    keep(practice, dicoms.ct_slice(SeriesInstanceUID=dicoms.uid(1, 9), SOPInstanceUID=dicoms.uid(1, 9, 1)))
    for other in others.values():
        other.get("/api/volumes")
    assert not Survey.objects.exists()
    assert len(listed(client)["results"]) == 1
    # A single image makes no volume, and costs no look.
    assert Survey.objects.get().series.series_instance_uid == dicoms.SERIES_UID


def test_what_comes_later_is_in_the_next_answer(client: Client, practice: Practice) -> None:
    all_slices = ct_series(values())
    store(practice, all_slices[:4])
    (before,) = listed(client, series=dicoms.SERIES_UID)["results"]
    store(practice, all_slices[4:])
    (after,) = listed(client, series=dicoms.SERIES_UID)["results"]
    assert (before["slices"], after["slices"]) == (4, 6)


def test_flags_say_what_they_mean(client: Client, uneven: Volume) -> None:
    (found,) = listed(client)["results"]
    flags = {flag["flag"]: flag for flag in found["flags"]}
    assert not found["isQuantifiable"]
    assert not flags["missing-slices"]["isQuantifiable"]
    assert len(flags["missing-slices"]["text"]) > 20


def test_what_is_in_no_volume_is_told_with_its_reason(client: Client, practice: Practice) -> None:
    keep(practice, dicoms.ct_slice())
    found = listed(client, series=dicoms.SERIES_UID)
    (left_out,) = found["leftOut"]
    assert (found["results"], left_out["seriesInstanceUid"]) == ([], dicoms.SERIES_UID)
    assert (left_out["reason"], left_out["count"]) == ("too-few-slices", 1)
    assert left_out["text"]


def test_those_in_which_may_be_measured_and_the_others(client: Client, volume: Volume, uneven: Volume) -> None:
    assert [each["id"] for each in listed(client)["results"]] == [uneven.pk, volume.pk]
    assert [each["id"] for each in listed(client, quantifiable="true")["results"]] == [volume.pk]
    assert [each["id"] for each in listed(client, quantifiable="false")["results"]] == [uneven.pk]


def test_a_page_ends_and_goes_on(client: Client, volume: Volume, uneven: Volume) -> None:
    first = listed(client, limit=1)
    second = client.get(first["next"]).json()
    assert [page["results"][0]["id"] for page in (first, second)] == [uneven.pk, volume.pk]


def test_one_request_looks_at_so_many_series(
    client: Client, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "MOST_LOOKED_AT", 1)
    store(practice, ct_series(values()))
    store(practice, ct_series(values(), series_uid=OTHER))
    first, second = (listed(client, study=dicoms.STUDY_UID) for _ in range(2))
    assert [(len(each["results"]), each["unseen"]) for each in (first, second)] == [(1, 1), (2, 0)]


def test_others_are_found_nothing(others: dict[int, Client], volume: Volume) -> None:
    asked: list[dict[str, str]] = [{}, {"study": dicoms.STUDY_UID}, {"series": dicoms.SERIES_UID}]
    for parameters in asked:
        assert refused(others[401], **parameters) == 401
        found = listed(others[404], **parameters)
        assert (found["results"], found["leftOut"], found["unseen"]) == ([], [], 0)


def test_a_stranger_has_nothing_looked_at(practice: Practice, stranger_client: Client) -> None:
    store(practice, ct_series(values()))
    listed(stranger_client, study=dicoms.STUDY_UID)
    assert not Survey.objects.exists()


@pytest.mark.parametrize("asked", [{"modality": "CT"}, {"quantifiable": "perhaps"}, {"study": "1" * 65}])
def test_parameters_are_read_strictly(client: Client, asked: dict[str, str]) -> None:
    assert refused(client, **asked) == 400


def test_a_search_is_on_record(client: Client, volume: Volume) -> None:
    listed(client, study=dicoms.STUDY_UID)
    access.flush()
    assert Event.objects.filter(action=Event.Action.QUERY, source="volumes", detail="study").exists()


def test_one_volume_tells_where_it_lies(client: Client, volume: Volume) -> None:
    found = client.get(address(volume)).json()
    geometry = found["geometry"]
    assert (geometry["shape"], geometry["spacing"], geometry["origin"]) == ([*SHAPE], [*SPACING], [*ORIGIN])
    assert (geometry["along"], geometry["down"], geometry["across"]) == ([0, 0, 1], [0, 1, 0], [1, 0, 0])
    assert (geometry["isEven"], geometry["isSheared"], geometry["gaps"], geometry["offsets"]) == (True, False, [], None)
    assert (found["unit"], found["window"]["center"], found["inputs"]) == ("HU", 40, volume.inputs)


def test_its_planes_are_told(client: Client, volume: Volume) -> None:
    planes = client.get(address(volume)).json()["planes"]
    assert {name: each["count"] for name, each in planes.items()} == {"axial": 6, "coronal": 10, "sagittal": 12}
    axial, coronal = planes["axial"], planes["coronal"]
    assert (axial["step"], axial["positions"]) == (2, [40, 42, 44, 46, 48, 50])
    assert (axial["rows"], axial["columns"], axial["firstPosition"]) == (10, 12, [*ORIGIN])
    assert (coronal["rowSpacing"], coronal["columnSpacing"], coronal["down"]) == (2, 1, [0, 0, -1])


def test_uneven_slices_have_their_places(client: Client, uneven: Volume) -> None:
    geometry = client.get(address(uneven)).json()["geometry"]
    assert (geometry["isEven"], geometry["gaps"]) == (False, [2])
    assert geometry["offsets"] == [0, 2, 4, 10, 12, 14]


def test_it_is_ready_once_it_was_opened(client: Client, volume: Volume) -> None:
    before = client.get(address(volume)).json()["isReady"]
    opened(volume)
    assert (before, client.get(address(volume)).json()["isReady"]) == (False, True)


def test_one_that_is_no_more_is_not_there(client: Client, practice: Practice, volume: Volume) -> None:
    """The series has changed since, and nobody has looked at it again."""
    series = volume.series
    series.instances.filter(instance_number__gt=1).delete()
    Series.objects.filter(pk=series.pk).update(version=series.version + 1)
    assert client.get(address(volume)).status_code == 404
    assert client.get(address(volume, "/planes/axial")).status_code == 404


def test_it_is_for_who_may_see_the_study(others: dict[int, Client], volume: Volume) -> None:
    assert {status: each.get(address(volume)).status_code for status, each in others.items()} == {404: 404, 401: 401}


def test_looking_at_it_is_on_record(client: Client, volume: Volume) -> None:
    client.get(address(volume))
    access.flush()
    event = Event.objects.get(action=Event.Action.ACCESS, source="a volume")
    assert event.study_instance_uid == dicoms.STUDY_UID


def test_values_are_what_the_series_has(volume: Volume) -> None:
    """The fixture itself: what the other tests measure against."""
    assert np.array_equal(opened(volume).values * opened(volume).slope + opened(volume).intercept, values())
