"""The parameters of WADO-URI (PS3.18 9.4.1), which have names and meanings of their own."""

from io import BytesIO
from urllib.parse import urlencode

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from apps.accounts.models import Practice
from tests import dicoms, documents, movies
from tests.dicomweb.test_wado import body, keep, place

pytestmark = pytest.mark.django_db
# 64 x 64: the left half 0, the right half 200.
HALVES = np.repeat(np.array([[0, 200]], "<u2"), 32, axis=1).repeat(64, axis=0)


@pytest.fixture
def halves(practice: Practice) -> bytes:
    data = dicoms.ct_slice(PixelData=HALVES.tobytes(), RescaleIntercept="0", WindowCenter="100", WindowWidth="200")
    keep(practice, data)
    return data


def uri(data: bytes, **query: str) -> str:
    words = place(data).split("/")
    uids = {"studyUID": words[3], "seriesUID": words[5], "objectUID": words[7]}
    return f"/wado?{urlencode({'requestType': 'WADO', **uids, **query})}"


def shown(client: Client, address: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(client.get(address).content)).convert("L"))


def test_a_window_has_two_parameters(client: Client, halves: bytes) -> None:
    picture = shown(client, uri(halves, contentType="image/png", windowCenter="200", windowWidth="400"))
    assert picture[0, 0] == 0
    assert abs(int(picture[0, 63]) - 127) <= 1


def test_a_region_counts_in_parts_of_the_image(client: Client, halves: bytes) -> None:
    picture = shown(client, uri(halves, contentType="image/png", region="0.5,0,1,0.25"))
    assert picture.shape == (16, 32)
    assert (picture == 255).all()


@pytest.mark.parametrize(
    ("query", "shape"),
    [({"rows": "32"}, (32, 32)), ({"columns": "16"}, (16, 16)), ({"rows": "8", "columns": "100"}, (8, 8))],
)
def test_rows_and_columns_bound_the_image(
    client: Client, halves: bytes, query: dict[str, str], shape: tuple[int, int]
) -> None:
    assert shown(client, uri(halves, **query)).shape == shape


def test_the_quality_is_obeyed(client: Client, practice: Practice) -> None:
    data = dicoms.ct_slice(InstanceNumber=2)
    keep(practice, data)
    sizes = [len(client.get(uri(data, imageQuality=quality)).content) for quality in ("5", "95")]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(
    "query",
    [
        {"windowCenter": "40"},
        {"windowCenter": "x", "windowWidth": "1"},
        {"region": "0,0,1"},
        {"region": "0.6,0,0.5,1"},
        {"region": "0,0,2,1"},
        {"rows": "0"},
        {"rows": "many"},
        {"imageQuality": "0"},
        {"frameNumber": "0"},
        {"anonymize": "yes"},
    ],
)
def test_a_bad_parameter_is_refused(client: Client, halves: bytes, query: dict[str, str]) -> None:
    assert client.get(uri(halves, **query)).status_code == 400


def test_a_type_that_can_not_be_given_is_refused(client: Client, halves: bytes) -> None:
    assert client.get(uri(halves, contentType="text/html")).status_code == 406


def test_each_kind_of_object_is_shown_as_it_usually_is(client: Client, practice: Practice) -> None:
    """PS3.18 table 8.7.4-1"""
    report, video, pdf = documents.report(), movies.video(), dicoms.encapsulated_pdf()
    keep(practice, report, video, pdf)
    types = [client.get(uri(each))["Content-Type"].partition(";")[0] for each in (report, video, pdf)]
    assert types == ["text/html", "video/mp4", "application/pdf"]


def test_what_can_not_be_shown_is_given_as_it_is_stored(client: Client, practice: Practice) -> None:
    data = documents.document("1.2.840.10008.5.1.4.1.1.9.1.1", b"", Modality="ECG", EncapsulatedDocument=None)
    keep(practice, data)
    response = client.get(uri(data))
    assert response["Content-Type"].startswith("application/dicom")
    assert body(response) == data
