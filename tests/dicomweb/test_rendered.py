"""Rendered images, thumbnails, documents, and WADO-URI."""

from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from apps.accounts.models import Practice
from tests import dicoms
from tests.dicomweb.test_wado import keep, place, series_of, study_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def slice_(practice: Practice) -> bytes:
    data = dicoms.ct_slice()
    keep(practice, data)
    return data


def picture(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(
    ("accept", "kind"), [("image/jpeg", "JPEG"), ("image/png", "PNG"), ("image/gif", "GIF"), ("*/*", "JPEG")]
)
def test_a_frame_is_rendered_as_asked(client: Client, slice_: bytes, accept: str, kind: str) -> None:
    response = client.get(f"{place(slice_)}/rendered", headers={"accept": accept})
    assert picture(response.content).format == kind
    assert picture(response.content).size == (64, 64)


def test_the_accept_parameter_wins(client: Client, slice_: bytes) -> None:
    response = client.get(f"{place(slice_)}/rendered?accept=image/png", headers={"accept": "image/jpeg"})
    assert response["Content-Type"] == "image/png"


def test_a_viewport_and_a_window_are_obeyed(client: Client, slice_: bytes) -> None:
    small = client.get(f"{place(slice_)}/rendered?viewport=32,32")
    dark = client.get(f"{place(slice_)}/rendered?window=100000,10,linear", headers={"accept": "image/png"})
    assert picture(small.content).size == (32, 32)
    assert picture(dark.content).getextrema()[1] in {0, (0, 0)}


@pytest.mark.parametrize("query", ["window=1", "viewport=a,b", "quality=0", "quality=101"])
def test_a_bad_parameter_is_named(client: Client, slice_: bytes, query: str) -> None:
    response = client.get(f"{place(slice_)}/rendered?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in response.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "window=40,400,cubic",
        "window=40,400,LINEAR,1",
        "viewport=0,10",
        "viewport=10,10,0,0,0,5",
        "viewport=10,10,999,0",
        "quality=1.5",
        "annotation=address",
        "iccprofile=cmyk",
    ],
)
def test_an_unknown_value_of_a_rendering_parameter_is_an_error(client: Client, slice_: bytes, query: str) -> None:
    """PS3.18 8.3.5.1"""
    assert client.get(f"{place(slice_)}/rendered?{query}").status_code == 400


@pytest.mark.parametrize("query", ["colour=blue", "window=", "charset=utf-8", "_=1234"])
def test_an_unknown_or_empty_rendering_parameter_is_no_error(client: Client, slice_: bytes, query: str) -> None:
    """PS3.18 8.3.5.1"""
    assert client.get(f"{place(slice_)}/rendered?{query}").status_code == 200


def test_all_three_window_functions_are_understood_and_differ(client: Client, practice: Practice) -> None:
    """PS3.18 8.3.5.1.4"""
    ramp = dicoms.ct_slice(PixelData=np.tile(np.arange(64, dtype="<u2"), 64).tobytes())
    keep(practice, ramp)
    functions = ("linear", "linear-exact", "sigmoid")
    address = f"{place(ramp)}/rendered?accept=image/png&window=-1000,8,"
    assert len({client.get(address + function).content for function in functions}) == 3


def test_a_viewport_of_six_values_flips_by_negative_ones(client: Client, slice_: bytes) -> None:
    """PS3.18 8.3.5.1.3"""
    address = f"{place(slice_)}/rendered?accept=image/png&viewport=64,64,"
    as_is, across, down = (
        np.asarray(picture(client.get(address + sides).content)) for sides in ("0,0,64,64", "0,0,-64,64", "0,0,64,-64")
    )
    np.testing.assert_array_equal(across, as_is[:, ::-1])
    np.testing.assert_array_equal(down, as_is[::-1])


def test_annotations_are_burnt_in(client: Client, slice_: bytes) -> None:
    """PS3.18 8.3.5.1.1"""
    plain, patient, both = (
        client.get(f"{place(slice_)}/rendered?accept=image/png&{query}").content
        for query in ("", "annotation=patient", "annotation=patient,technique")
    )
    assert len({plain, patient, both}) == 3


def test_a_thumbnail_at_four_levels_is_one_jpeg_whatever_is_accepted(client: Client, slice_: bytes) -> None:
    """PS3.18 10.4.1.1.4"""
    anything = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
    for address in (study_of(slice_), series_of(slice_), place(slice_), f"{place(slice_)}/frames/1"):
        response = client.get(f"{address}/thumbnail", headers={"accept": anything})
        assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
        assert client.get(f"{address}/thumbnail").content == response.content


def test_a_picture_has_a_validator_and_a_head(client: Client, slice_: bytes) -> None:
    for resource in ("rendered", "thumbnail"):
        address = f"{place(slice_)}/{resource}"
        whole = client.get(address)
        assert client.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304
        assert client.head(address).status_code == 200


def test_pictures_are_for_their_own_practice(
    client: Client, stranger_client: Client, anonymous: Client, slice_: bytes
) -> None:
    for resource in ("rendered", "thumbnail"):
        addresses = [f"{each}/{resource}" for each in (study_of(slice_), series_of(slice_), place(slice_))]
        for address in addresses:
            answers = [each.get(address).status_code for each in (client, stranger_client, anonymous)]
            assert answers == [200, 404, 401]


def test_a_series_is_stood_for_by_its_middle_image(client: Client, practice: Practice) -> None:
    slices = dicoms.ct_series(5)
    keep(practice, *slices)
    whole = client.get(f"{series_of(slices[0])}/rendered", headers={"accept": "image/png"})
    middle = client.get(f"{place(slices[2])}/rendered", headers={"accept": "image/png"})
    assert whole.content == middle.content


def test_a_thumbnail_is_small_and_made_once(client: Client, slice_: bytes) -> None:
    first = client.get(f"{study_of(slice_)}/thumbnail", headers={"accept": "application/json"})
    kept = list((Path(settings.DATA) / "cache" / "thumbnails").rglob("*.jpg"))
    kept[0].write_bytes(b"from the cache")
    second = client.get(f"{place(slice_)}/thumbnail")
    assert picture(first.content).format == "JPEG"
    assert len(kept) == 1
    assert second.content == b"from the cache"


def test_unusual_sizes_do_not_fill_the_cache(client: Client, slice_: bytes) -> None:
    for side in range(30, 34):
        assert client.get(f"{place(slice_)}/thumbnail?viewport={side},{side}").status_code == 200
    assert not list((Path(settings.DATA) / "cache").rglob("*.jpg"))


def test_a_document_is_shown_as_the_pdf_that_it_is(client: Client, practice: Practice) -> None:
    data = dicoms.encapsulated_pdf(b"%PDF-1.4 made here\n%%EOF\n")
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered", headers={"accept": "text/html,*/*;q=0.8"})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    assert response.content.startswith(b"%PDF-1.4 made here")


def test_an_object_without_an_image_has_a_card_and_no_rendering(client: Client, practice: Practice) -> None:
    data = dicoms.encapsulated_pdf()
    keep(practice, data)
    card = client.get(f"{place(data)}/thumbnail")
    assert picture(card.content).size == (256, 256)


def test_pixels_that_can_not_be_decoded_have_a_card_and_a_reason(client: Client, practice: Practice) -> None:
    data = dicoms.encapsulated([dicoms.jpeg_like()])
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered")
    assert response.status_code == 406
    assert "can't be rendered" in response.json()["detail"]
    assert client.get(f"{place(data)}/thumbnail").status_code == 200


def uri(data: bytes, **query: str) -> str:
    words = place(data).split("/")
    uids = {"studyUID": words[3], "seriesUID": words[5], "objectUID": words[7]}
    return f"/wado?{urlencode({'requestType': 'WADO', **uids, **query})}"


def test_wado_uri_gives_an_image_or_the_object(client: Client, slice_: bytes) -> None:
    image = client.get(uri(slice_))
    whole = client.get(uri(slice_, contentType="application/dicom"))
    assert picture(image.content).format == "JPEG"
    assert whole.content == slice_
    assert picture(client.get(uri(slice_, contentType="image/png")).content).format == "PNG"


def test_wado_uri_serves_its_practice_alone(
    client: Client, stranger_client: Client, anonymous: Client, slice_: bytes
) -> None:
    assert stranger_client.get(uri(slice_)).status_code == 404
    assert anonymous.get(uri(slice_)).status_code == 401


@pytest.mark.parametrize("query", ["", "?requestType=WADO", "?requestType=WADO&studyUID=x&seriesUID=1&objectUID=1"])
def test_wado_uri_says_what_is_missing(client: Client, query: str) -> None:
    assert client.get(f"/wado{query}").status_code == 400
