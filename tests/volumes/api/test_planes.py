"""Planes and slabs on demand: exact where they say that they lie, in every form, bounded, and for who may see them."""

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.audit import access
from apps.audit.models import Event
from apps.volumes.api import planes_views
from apps.volumes.models import Volume
from apps.volumes.resampling import reformatting
from tests import dicoms
from tests.volumes.api.conftest import ORIGIN, SPACING, Get, address, facts, numbers, picture, truth, values, who_may
from tests.volumes.stored import stored_volume

pytestmark = pytest.mark.django_db
OBLIQUE = {"centre": "-15,-26,45", "across": "0.8,0.6,0", "down": "0,0,-1", "rows": 4, "columns": 5}


@pytest.mark.parametrize(("orientation", "count"), [("axial", 6), ("coronal", 10), ("sagittal", 12)])
def test_every_plane_is_the_truth_where_it_says_that_it_lies(get: Get, orientation: str, count: int) -> None:
    for index in range(count):
        response = get(f"/planes/{orientation}", format="raw", index=index)
        told = facts(response)
        assert (told["orientation"], told["index"], told["count"], told["unit"]) == (orientation, index, count, "HU")
        assert np.array_equal(numbers(response), truth(told))


def test_the_middle_one_is_shown_where_none_is_asked_for(get: Get) -> None:
    assert facts(get("/planes/axial"))["index"] == 3


def test_other_pixels_are_interpolated(get: Get) -> None:
    response = get("/planes/coronal", format="raw", spacing=0.5)
    told = facts(response)
    assert (told["rowSpacing"], told["columnSpacing"], told["rows"], told["columns"]) == (0.5, 0.5, 21, 23)
    assert np.allclose(numbers(response), truth(told), atol=1e-3)


def test_whole_numbers_are_half_as_long_and_no_step_off(get: Get) -> None:
    exact, rounded = (get("/planes/coronal", format="raw", spacing=0.7, type=kind) for kind in ("float32", "int16"))
    assert len(rounded.content) * 2 == len(exact.content)
    assert np.abs(numbers(rounded) - numbers(exact)).max() <= 0.5


def test_a_picture_has_square_pixels_of_the_finer_spacing(get: Get) -> None:
    coronal = get("/planes/coronal")
    assert picture(coronal).size == (12, 11)
    told = facts(coronal)
    assert (told["rowSpacing"], told["columnSpacing"]) == (1, 1)
    assert picture(get("/planes/axial")).size == (12, 10)


@pytest.mark.parametrize(
    ("projection", "choose"), [("mip", np.maximum), ("minip", np.minimum), ("mean", lambda a, b: (a + b) / 2)]
)
def test_a_slab_is_projected(get: Get, projection: str, choose: Any) -> None:
    """4 mm about the plane at 44 reach from 42 to 46."""
    response = get("/planes/axial", format="raw", index=2, slab=4, projection=projection)
    expected = choose(values()[1].astype(float), values()[3].astype(float))
    assert np.allclose(numbers(response), expected, atol=1e-3)
    assert (facts(response)["slab"], facts(response)["projection"]) == (4, projection)


def test_an_oblique_plane_is_the_truth_too(get: Get) -> None:
    response = get("/planes/oblique", format="raw", **OBLIQUE)
    told = facts(response)
    assert np.allclose(numbers(response), truth(told), atol=1e-3)
    middle = np.array(told["origin"]) + 2 * np.array(told["across"]) + 1.5 * np.array(told["down"])
    assert np.allclose(middle, [-15, -26, 45])
    assert told["rowSpacing"] == told["columnSpacing"] == 1


def test_beyond_the_volume_is_air(get: Get) -> None:
    response = get("/planes/oblique", format="raw", **{**OBLIQUE, "centre": "500,0,0"})
    assert set(numbers(response).ravel()) == {-1000.0}


def test_a_window_is_drawn(get: Get) -> None:
    shown = np.asarray(picture(get("/planes/axial", index=0, window="200,100")))
    raw = numbers(get("/planes/axial", index=0, format="raw"))
    assert set(shown[raw <= 150]) <= {0}
    assert set(shown[raw >= 250]) <= {255}
    assert facts(get("/planes/axial", window="200,100"))["window"] == [200, 100]
    assert facts(get("/planes/axial"))["window"] == [40, 400]


def test_the_form_follows_from_the_parameter_else_from_accept(get: Get) -> None:
    def type_of(accept: str, **parameters: str) -> str:
        return str(get("/planes/axial", headers={"accept": accept}, **parameters)["Content-Type"])

    assert type_of("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5") == "image/png"
    assert type_of("image/jpeg") == "image/jpeg"
    assert type_of("*/*") == "image/png"
    assert type_of("application/octet-stream") == "application/octet-stream"
    assert type_of("image/jpeg", format="raw") == "application/octet-stream"
    assert get("/planes/axial", headers={"accept": "text/html"}).status_code == 406


def test_a_dicom_object_has_the_same_values_in_the_same_place(get: Get) -> None:
    response = get("/planes/sagittal", index=4, format="dicom")
    assert response["Content-Type"] == "application/dicom"
    made = pydicom.dcmread(BytesIO(response.content))
    told = facts(get("/planes/sagittal", index=4, format="raw"))
    assert [float(each) for each in made.ImagePositionPatient] == told["origin"]
    assert [float(each) for each in made.ImageOrientationPatient] == [*told["across"], *told["down"]]
    stored = made.pixel_array * float(made.RescaleSlope) + float(made.RescaleIntercept)
    assert np.allclose(stored, truth(told), atol=0.5)
    assert made.StudyInstanceUID == dicoms.STUDY_UID


def test_a_dicom_object_is_for_who_may_take_files_away(practice: Practice, volume: Volume) -> None:
    looking = who_may(practice, Permission.VIEW)
    assert looking.get(address(volume, "/planes/axial")).status_code == 200
    assert looking.get(address(volume, "/planes/axial", format="dicom")).status_code == 403


def test_what_a_client_has_is_not_drawn_again(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = (get("/planes/axial", index=index) for index in (1, 2))
    assert first["ETag"] != other["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    monkeypatch.setattr(planes_views, "opened", None)
    again = get("/planes/axial", index=1, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again["ETag"], again.content) == (304, first["ETag"], b"")


def test_a_tag_is_of_one_form(get: Get) -> None:
    answers = [get("/planes/axial", headers={"accept": each}) for each in ("image/png", "image/jpeg")]
    assert len({answer["ETag"] for answer in answers}) == 2
    assert all("Accept" in answer["Vary"] for answer in answers)


def test_flags_travel_with_every_image(client: Client, practice: Practice) -> None:
    broken = stored_volume(practice, values(), positions=(0, 2, 4, 10, 12, 14), spacing=SPACING, origin=ORIGIN)
    told = facts(client.get(address(broken, "/planes/coronal")))
    assert "missing-slices" in told["flags"]
    assert not told["isQuantifiable"]


def test_a_series_without_a_window_is_shown_by_its_values(client: Client, practice: Practice) -> None:
    plain = stored_volume(practice, values(), WindowCenter=None, WindowWidth=None)
    assert client.get(address(plain)).json()["window"] is None
    low, high = values().min(), values().max()
    center, width = facts(client.get(address(plain, "/planes/axial")))["window"]
    assert low - 5 <= center - width / 2 < center + width / 2 <= high + 5


OUT_OF_BOUNDS: list[dict[str, object]] = [
        {"index": 6}, {"index": -1}, {"index": "one"}, {"spacing": 0}, {"spacing": "nan"}, {"spacing": "inf"},
        {"spacing": 0.001}, {"slab": -1}, {"slab": 501}, {"projection": "sum"}, {"window": "40"}, {"window": "40,0"},
        {"format": "gif"}, {"quality": 0}, {"quality": 101}, {"type": "int8"}, {"rows": 5}, {"spacing": 51},
        {"window": "4" * 5000},
]  # fmt: skip


def test_what_is_asked_of_a_plane_is_bounded(get: Get) -> None:
    for asked in OUT_OF_BOUNDS:
        response = get("/planes/axial", **asked)
        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json"), asked
        assert response.json()["errors"][0]["field"] == next(iter(asked))


NO_PLANES: list[dict[str, object]] = [
        {"centre": "1,2"}, {"centre": "1,2,nan"}, {"centre": "1,2,3,4"}, {"centre": "1e9,0,0"}, {"across": "0,0,0"},
        {"across": "0,0,1"}, {"down": "5,0,0"}, {"down": ""}, {"rows": 0}, {"columns": 2049}, {"spacing": 0.0001},
]  # fmt: skip


def test_what_is_asked_of_an_oblique_plane_is_bounded(get: Get) -> None:
    for asked in NO_PLANES:
        assert get("/planes/oblique", **{**OBLIQUE, **asked}).status_code == 400, asked


def test_an_oblique_plane_needs_its_place(get: Get) -> None:
    response = get("/planes/oblique")
    assert {each["field"] for each in response.json()["errors"]} == {"centre", "across", "down"}


def test_an_image_that_is_too_large_is_refused_in_words(client: Client, practice: Practice) -> None:
    wide = stored_volume(practice, values(), spacing=(40.0, 20.0, 20.0))
    response = client.get(address(wide, "/planes/axial", spacing=0.05))
    assert response.status_code == 400
    assert "coarser" in response.json()["detail"]


def test_more_samples_than_one_image_may_take_are_refused_in_words(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reformatting, "MOST_SAMPLES", 100)
    response = get("/planes/oblique", **OBLIQUE, slab=8)
    assert response.status_code == 400
    assert "slab" in response.json()["detail"]


def test_what_nobody_would_ask_for_is_no_fault_of_the_server(client: Client, get: Get) -> None:
    for below in ("/planes/oblique", "/panoramic", "/cross-sections", "/cross-sections/image", "/planes/sagittal"):
        for text in ("\0", "1e308,1e308", ",,", ";", "\u0661,\u0662,\u0663", "-" * 4001, "1e99,1e99", "0x10"):
            for name in ("centre", "window", "arch", "spacing", "index", "format", "z"):
                assert get(below, **{name: text}).status_code in {200, 400, 404}, (below, name, text)
    assert client.get(f"/api/volumes/{10**30}/planes/axial").status_code == 404


def test_there_are_four_kinds_of_planes(get: Get) -> None:
    assert get("/planes/diagonal").status_code == 404


@pytest.mark.parametrize("below", ["/planes/axial", "/planes/oblique?centre=0,0,0&across=1,0,0&down=0,1,0"])
def test_they_are_for_who_may_see_the_study(
    client: Client, others: dict[int, Client], volume: Volume, below: str
) -> None:
    assert client.get(address(volume, below)).status_code == 200
    assert {status: each.get(address(volume, below)).status_code for status, each in others.items()} == {
        404: 404,
        401: 401,
    }


def test_looking_at_one_is_on_record(get: Get, others: dict[int, Client], volume: Volume) -> None:
    for _ in range(3):
        get("/planes/axial")
    others[404].get(address(volume, "/planes/axial"))
    access.flush()
    event = Event.objects.get(action=Event.Action.ACCESS, source="a plane")
    assert (event.study_instance_uid, event.count) == (dicoms.STUDY_UID, 3)
