"""Multi-frame images as movies: animated GIF and MP4, at the object's own rate."""

from io import BytesIO

import av
import pytest
from django.test import Client
from PIL import Image

from apps.accounts.models import Practice
from apps.archive import movies as archive_movies
from tests import dicoms, movies
from tests.dicomweb.test_wado import body, keep, place

pytestmark = pytest.mark.django_db
# Three frames of 16 x 20 pixels: dark, middle, bright.
GREYS = (10, 120, 240)


def cine(**overrides: object) -> bytes:
    pixels = b"".join(bytes([grey]) * 320 for grey in GREYS)
    return dicoms.multi_frame(3, PixelData=pixels, FrameTime="50", **overrides)


@pytest.fixture
def loop(practice: Practice) -> bytes:
    data = cine()
    keep(practice, data)
    return data


def test_a_multi_frame_image_is_shown_by_its_middle_frame(client: Client, loop: bytes) -> None:
    whole = client.get(f"{place(loop)}/rendered", headers={"accept": "image/png"})
    frame = client.get(f"{place(loop)}/frames/2/rendered", headers={"accept": "image/png"})
    assert client.get(f"{place(loop)}/rendered")["Content-Type"] == "image/jpeg"
    assert whole.content == frame.content


def test_a_multi_frame_image_plays_as_mp4(client: Client, loop: bytes) -> None:
    """The frames share a window, so that they don't flicker. PS3.18 8.7.4"""
    response = client.get(f"{place(loop)}/rendered", headers={"accept": "video/mp4"})
    found = body(response)
    assert response["Content-Type"] == "video/mp4"
    with av.open(BytesIO(found)) as movie:
        assert float(movie.streams.video[0].average_rate or 0) == 20
    dark, middle, bright = movies.greys(found)
    assert dark < 5
    assert abs(middle - 122) <= 4
    assert bright > 250


def test_frames_with_a_window_keep_their_greys(client: Client, practice: Practice) -> None:
    data = cine(WindowCenter="128", WindowWidth="256")
    keep(practice, data)
    found = movies.greys(body(client.get(f"{place(data)}/rendered?accept=video/mp4")))
    assert all(abs(a - b) <= 4 for a, b in zip(found, GREYS, strict=True))


def test_a_multi_frame_image_plays_as_gif(client: Client, loop: bytes) -> None:
    response = client.get(f"{place(loop)}/rendered?accept=image/gif&window=128,256")
    picture = Image.open(BytesIO(body(response)))
    assert (picture.n_frames, picture.info["duration"], picture.size) == (3, 50, (20, 16))


def test_one_frame_as_gif_stands_still(client: Client, loop: bytes) -> None:
    response = client.get(f"{place(loop)}/frames/2/rendered", headers={"accept": "image/gif"})
    assert Image.open(BytesIO(response.content)).n_frames == 1


def test_one_frame_is_no_movie(client: Client, loop: bytes) -> None:
    assert client.get(f"{place(loop)}/frames/2/rendered", headers={"accept": "video/mp4"}).status_code == 406


def test_a_movie_obeys_the_viewport(client: Client, loop: bytes) -> None:
    response = client.get(f"{place(loop)}/rendered?viewport=40,32", headers={"accept": "video/mp4"})
    with av.open(BytesIO(body(response))) as movie:
        assert (movie.streams.video[0].width, movie.streams.video[0].height) == (40, 32)


@pytest.mark.parametrize("query", ["window=1", "viewport=1,2,3,4,0,1", "viewport=8,8,500,0"])
def test_a_bad_parameter_of_a_movie_is_named(client: Client, loop: bytes, query: str) -> None:
    response = client.get(f"{place(loop)}/rendered?{query}", headers={"accept": "video/mp4"})
    assert response.status_code == 400
    assert query.partition("=")[0] in response.json()["detail"]


def test_too_many_frames_for_a_movie_are_refused(client: Client, loop: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(archive_movies.MAX_FRAMES, "image/gif", 2)
    response = client.get(f"{place(loop)}/rendered", headers={"accept": "image/gif"})
    assert response.status_code == 406
    assert "more than 2 frames" in response.json()["detail"]


def test_a_deflated_image_plays_too(client: Client, practice: Practice) -> None:
    data = cine(transfer_syntax="1.2.840.10008.1.2.1.99", WindowCenter="128", WindowWidth="256")
    keep(practice, data)
    found = movies.greys(body(client.get(f"{place(data)}/rendered", headers={"accept": "video/mp4"})))
    assert all(abs(a - b) <= 4 for a, b in zip(found, GREYS, strict=True))


def test_movies_are_for_their_own_practice(
    client: Client, stranger_client: Client, anonymous: Client, loop: bytes
) -> None:
    address = f"{place(loop)}/rendered?accept=image/gif"
    assert [each.get(address).status_code for each in (client, stranger_client, anonymous)] == [200, 404, 401]
