"""The arch, the panoramic and the cross-sections of a jaw on demand."""

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
from apps.volumes import arches
from apps.volumes.curves.arch import Arch, curve
from apps.volumes.models import Volume
from tests.volumes.api.conftest import TRUTH, Get, address, facts, numbers, picture, truth, who_may
from tests.volumes.phantoms import centres, lattice_of, linear_at
from tests.volumes.stored import stored_volume

pytestmark = pytest.mark.django_db
SHAPE = (12, 30, 32)
SPACING = (2.0, 2.0, 2.0)
ORIGIN = (-31.0, -29.0, -12.0)
POINTS = ((-20.0, 20.0), (-14.0, -6.0), (0.0, -18.0), (14.0, -6.0), (20.0, 20.0))
ARCH = ";".join(f"{x},{y}" for x, y in POINTS)


@pytest.fixture
def volume(practice: Practice) -> Volume:
    """Linear in the patient's millimetres; nothing in it looks like a jaw."""
    lattice = lattice_of(SHAPE, SPACING, origin=ORIGIN)
    values = np.rint(linear_at(centres(lattice), *TRUTH)).astype(np.int16)
    return stored_volume(practice, values, spacing=SPACING, origin=ORIGIN)


def line(spacing: float = 2.0) -> Any:
    return curve(Arch(POINTS, 0.0), spacing)


def test_a_volume_without_a_jaw_has_a_usual_arch_amid_it(get: Get, volume: Volume) -> None:
    found = get("/arch").json()
    points = np.array(found["points"])
    assert not found["isProposed"]
    assert (np.diff(points[:, 0]) > 0).all()
    assert np.allclose(points[0] * [-1, 1], points[-1])
    assert points[3, 1] < points[0, 1]
    assert np.allclose([found["z"], found["top"], found["bottom"]], [-1, 10, -12])
    assert (np.abs(points) <= 29).all()
    assert found["length"] > np.ptp(points[:, 0])


def test_what_is_seen_in_the_volume_is_proposed_and_remembered(
    get: Get, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def propose(voxels: object) -> Arch:
        asked.append(voxels)
        return Arch(POINTS, 3.0)

    monkeypatch.setattr(arches, "propose", propose)
    arches._proposal.cache_clear()
    found = [get("/arch").json() for _ in range(2)]
    arches._proposal.cache_clear()
    assert (found[0]["isProposed"], found[0]["z"], len(asked)) == (True, 3.0, 1)
    assert found[0]["points"] == [[*point] for point in POINTS]
    assert found[0] == found[1]


def test_the_panoramic_goes_along_the_arch_from_the_top_down(get: Get) -> None:
    response = get("/panoramic", arch=ARCH, top=8, bottom=-8, spacing=2, thickness=0, format="raw")
    told, expected = facts(response), line()
    assert (told["rows"], told["columns"]) == (9, len(expected.points))
    assert (told["top"], told["bottom"], told["rowSpacing"], told["columnSpacing"]) == (8, -8, 2, 2)
    assert told["length"] == pytest.approx(expected.length)
    heights = np.broadcast_to((8 - 2.0 * np.arange(9))[:, None, None], (9, len(expected.points), 1))
    places = np.broadcast_to(expected.points, (9, *expected.points.shape))
    assert np.allclose(numbers(response), linear_at(np.concatenate([places, heights], axis=2), *TRUTH), atol=1e-3)


def test_a_layer_is_centred_on_the_arch(get: Get) -> None:
    """The mean of what is linear is that of its middle."""
    thin, thick = (numbers(get("/panoramic", arch=ARCH, thickness=each, spacing=2, format="raw")) for each in (0, 6))
    assert np.allclose(thin, thick, atol=1e-2)
    brightest = numbers(get("/panoramic", arch=ARCH, thickness=6, spacing=2, format="raw", projection="mip"))
    assert (brightest >= thick - 1e-3).all()
    assert (brightest > thick + 3).any()


def test_without_an_arch_it_goes_along_the_proposed_one(get: Get) -> None:
    proposed = get("/arch").json()
    told = facts(get("/panoramic", spacing=1))
    assert (told["top"], told["bottom"]) == (proposed["top"], proposed["bottom"])
    assert told["length"] == pytest.approx(proposed["length"], abs=0.01)
    assert (told["thickness"], told["projection"]) == (20, "mean")


def test_a_panoramic_is_an_object_that_measures(get: Get) -> None:
    response = get("/panoramic", arch=ARCH, spacing=2, thickness=4, format="dicom")
    made = pydicom.dcmread(BytesIO(response.content))
    raw = get("/panoramic", arch=ARCH, spacing=2, thickness=4, format="raw")
    stored = made.pixel_array * float(made.RescaleSlope) + float(made.RescaleIntercept)
    assert np.allclose(stored, numbers(raw), atol=0.51)
    assert [float(each) for each in made.PixelSpacing] == [2, 2]


def test_cross_sections_are_told_before_they_are_drawn(get: Get) -> None:
    found = get("/cross-sections", arch=ARCH, interval=5, width=10, spacing=1, top=6, bottom=-6).json()
    assert [each["at"] for each in found["results"]] == [5.0 * number for number in range(len(found["results"]))]
    assert len(found["results"]) == int(found["length"] // 5) + 1
    plane = found["results"][3]
    assert (plane["rows"], plane["columns"], plane["down"]) == (13, 11, [0, 0, -1])
    image = get("/cross-sections/image", arch=ARCH, at=15, width=10, spacing=1, top=6, bottom=-6, format="raw")
    told = facts(image)
    assert {name: told[name] for name in plane} == plane
    assert np.allclose(numbers(image), truth(told), atol=1e-3)


def test_a_cross_section_goes_from_the_tongue_to_the_cheek(get: Get) -> None:
    """In the middle of the arch, which is at the front: to the front."""
    told = facts(get("/cross-sections/image", arch=ARCH))
    assert np.allclose(told["across"], [0, -1, 0], atol=0.05)
    assert told["at"] == pytest.approx(told["length"] / 2)


def test_a_cross_section_may_be_thick_and_be_an_object(get: Get) -> None:
    asked = {"arch": ARCH, "at": 10, "width": 10, "spacing": 1, "slab": 2, "projection": "mean"}
    thick = get("/cross-sections/image", format="raw", **asked)
    assert (facts(thick)["slab"], facts(thick)["projection"]) == (2, "mean")
    made = pydicom.dcmread(BytesIO(get("/cross-sections/image", format="dicom", **asked).content))
    assert [float(each) for each in made.ImagePositionPatient] == pytest.approx(facts(thick)["origin"], abs=1e-6)


@pytest.mark.parametrize("below", ["/panoramic", "/cross-sections/image"])
def test_pictures_are_drawn_of_them(get: Get, below: str) -> None:
    told = get(below, arch=ARCH)
    assert picture(told).size == (facts(told)["columns"], facts(told)["rows"])


NO_ARCHES: list[dict[str, object]] = [
        {"arch": "1,2;3,4"}, {"arch": "1,2;3;4,5"}, {"arch": "0,0;nan,1;5,5"}, {"arch": "0,0;1e7,1;2e7,5"},
        {"arch": ";".join(f"{x},0" for x in range(41))}, {"arch": "0,0;0.1,0;20,0"}, {"arch": "20,0;0,-20;-20,0"},
        {"arch": ARCH, "top": 1, "bottom": 2}, {"arch": ARCH, "top": -500}, {"arch": ARCH, "spacing": "nan"},
        {"arch": ARCH, "z": "inf"}, {"arch": ARCH, "spacing": 0.001}, {"arch": ARCH, "arc": "1"},
]  # fmt: skip


@pytest.mark.parametrize("below", ["/panoramic", "/cross-sections", "/cross-sections/image"])
def test_what_is_asked_for_is_bounded(get: Get, below: str) -> None:
    for asked in NO_ARCHES:
        response = get(below, **asked)
        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json"), asked


OUT_OF_BOUNDS: list[tuple[str, dict[str, object]]] = [
        ("/panoramic", {"thickness": 1000}), ("/panoramic", {"projection": "sum"}), ("/panoramic", {"width": 10}),
        ("/cross-sections", {"interval": 0.01}), ("/cross-sections", {"width": 1000}),
        ("/cross-sections", {"thickness": 1}), ("/cross-sections/image", {"at": -1}),
        ("/cross-sections/image", {"at": 9000}), ("/arch", {"arch": ARCH}),
]  # fmt: skip


def test_each_has_bounds_of_its_own(get: Get) -> None:
    for below, asked in OUT_OF_BOUNDS:
        assert get(below, **asked).status_code == 400, (below, asked)


@pytest.mark.parametrize("below", ["/arch", "/panoramic", "/cross-sections", "/cross-sections/image"])
def test_they_are_for_who_may_see_the_study(
    client: Client, others: dict[int, Client], volume: Volume, below: str
) -> None:
    assert client.get(address(volume, below)).status_code == 200
    found = {status: each.get(address(volume, below)).status_code for status, each in others.items()}
    assert found == {404: 404, 401: 401}


@pytest.mark.parametrize("below", ["/panoramic", "/cross-sections/image"])
def test_objects_are_for_who_may_take_files_away(practice: Practice, volume: Volume, below: str) -> None:
    looking = who_may(practice, Permission.VIEW)
    assert looking.get(address(volume, below, arch=ARCH)).status_code == 200
    assert looking.get(address(volume, below, arch=ARCH, format="dicom")).status_code == 403


def test_looking_at_them_is_on_record(get: Get) -> None:
    for below in ("/arch", "/panoramic", "/cross-sections", "/cross-sections/image"):
        assert get(below).status_code == 200
    access.flush()
    sources = Event.objects.filter(action=Event.Action.ACCESS).values_list("source", flat=True)
    assert set(sources) == {"an arch", "a panoramic", "cross-sections", "a cross-section"}
