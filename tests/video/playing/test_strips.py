"""Posters and strips of thumbnails: of every container, out of the stored object, for those who may see it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotAcceptable
from apps.dicom import key_pictures
from apps.dicom.video import Container, Stream
from apps.video import strips
from tests import dicoms, movies

pytestmark = pytest.mark.django_db
Store = Callable[[bytes], StoredInstance]
STREAMS = [
    ("mp4", "libx264", movies.H264),
    ("mpegts", "libx264", movies.H264),
    ("mpegts", "mpeg2video", movies.MPEG2),
    ("vob", "mpeg2video", movies.MPEG2),
    ("mpeg2video", "mpeg2video", movies.MPEG2),
    ("mp4", "libx265", movies.HEVC),
]


def picture(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg)).convert("L")


def grey(image: Image.Image, x: int, y: int) -> int:
    return int(np.asarray(image)[y, x])


def place(stored: StoredInstance, what: str) -> str:
    return f"/api/instances/{stored.sop_instance_uid}/{what}"


@pytest.mark.parametrize(("container", "codec", "transfer_syntax"), STREAMS)
def test_every_video_has_a_poster_and_a_strip(stored: Store, container: str, codec: str, transfer_syntax: str) -> None:
    """The pictures tell their numbers by their grey: what a thumbnail shows is what was there at its time."""
    film = stored(movies.video(movies.stream(container, codec), transfer_syntax=transfer_syntax, fragments=1))
    assert picture(strips.poster(film)).size == (movies.COLUMNS, movies.ROWS)
    strip = strips.strip(film, count=4)
    image = picture(strip.jpeg)
    assert (strip.columns, strip.rows, image.size) == (4, 1, (4 * movies.COLUMNS, movies.ROWS))
    assert list(strip.times) == sorted(strip.times)
    for number, time in enumerate(strip.times):
        shown = grey(image, number * movies.COLUMNS + 10, 10)
        nearest = round(time * movies.RATE) + 1
        # A bare stream has no times but what its bytes let one guess, and a program stream one for each pack.
        off = {"mpeg2video": 12, "vob": 1}.get(container, 0)
        assert abs(shown - movies.grey_of(nearest)) <= 5 + 8 * off


def test_the_thumbnails_of_a_short_video_differ_although_it_has_one_key_picture(film: StoredInstance) -> None:
    assert strips.strip(film, count=4).times == pytest.approx((0.3, 0.9, 1.5, 2.1))


def test_of_a_long_video_key_pictures_alone_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(movies.stream())
    stream = Stream(path, ((0, path.stat().st_size),), Container.MP4, 2.4, 24)
    monkeypatch.setattr(key_pictures, "SHORT", 23)
    assert {small.seconds for small in key_pictures.spread(stream, [0.3, 1.5, 2.1], 64)} == {0.0}


def test_a_picture_is_made_smaller_and_never_larger(film: StoredInstance) -> None:
    assert picture(strips.poster(film, width=32)).size == (32, 24)
    assert picture(strips.poster(film, width=1920)).size == (movies.COLUMNS, movies.ROWS)


def test_what_is_asked_for_most_is_made_once(film: StoredInstance) -> None:
    strips.poster(film)
    (kept,) = (Path(settings.DATA) / "cache" / "movies").glob("*.jpg")
    kept.write_bytes(b"from the cache")
    assert strips.poster(film) == b"from the cache"
    assert strips.poster(film, time=0.0) != b"from the cache"


def test_frames_of_motion_jpeg_have_them_too(stored: Store) -> None:
    greys = [20, 90, 160, 230]
    frames = [bytes(imagecodecs.jpeg8_encode(np.full((16, 20, 3), grey, np.uint8), level=95)) for grey in greys]
    cine = stored(
        dicoms.encapsulated(
            frames, SamplesPerPixel=3, PlanarConfiguration=0, PhotometricInterpretation="YBR_FULL_422", FrameTime="250"
        )
    )
    strip = strips.strip(cine, count=2)
    assert strip.times == (0.0, 0.5)
    shown = [grey(picture(strip.jpeg), at, 8) for at in (10, 30)]
    assert np.allclose(shown, [20, 160], atol=4)
    posters = [grey(picture(strips.poster(cine, time=time)), 10, 8) for time in (0.0, 0.3, 99.0)]
    assert np.allclose(posters, [20, 90, 230], atol=4)


@pytest.mark.parametrize("junk", [b"no video at all " * 40, b"\0\0\0\x18ftypmp42" + b"\0" * 500])
def test_a_stream_that_is_none_has_neither(stored: Store, junk: bytes) -> None:
    broken = stored(movies.video(junk))
    for show in (strips.poster, strips.strip):
        with pytest.raises(NotAcceptable):
            show(broken)


def test_a_page_gets_a_poster_whatever_it_accepts(client: Client, film: StoredInstance) -> None:
    response = client.get(place(film, "poster"), headers={"accept": "image/webp,image/*;q=0.8"})
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert picture(response.content).size == (movies.COLUMNS, movies.ROWS)
    again = client.get(place(film, "poster"), headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_a_strip_tells_where_its_image_is(client: Client, film: StoredInstance) -> None:
    strip = client.get(f"{place(film, 'strip')}?count=12&width=32").json()
    assert (strip["columns"], strip["rows"], strip["tileWidth"], strip["tileHeight"]) == (10, 2, 32, 24)
    assert len(strip["times"]) == 12
    assert picture(client.get(strip["image"]).content).size == (320, 48)


@pytest.mark.parametrize(
    "asked",
    ["poster?width=63", "poster?width=1921", "poster?time=-1", "poster?height=9", "strip?count=61", "strip?width=5000"],
)
def test_what_is_asked_for_is_bounded(client: Client, film: StoredInstance, asked: str) -> None:
    assert client.get(place(film, asked)).status_code == 400


@pytest.mark.parametrize("what", ["poster", "strip", "strip.jpg"])
def test_they_are_for_who_may_see_the_video(
    client: Client, others: dict[int, Client], film: StoredInstance, what: str
) -> None:
    assert client.get(place(film, what)).status_code == 200
    assert {status: each.get(place(film, what)).status_code for status, each in others.items()} == {404: 404, 401: 401}


def test_there_is_none_of_what_is_not_there(client: Client, stored: Store) -> None:
    assert client.get("/api/instances/1.2.3/poster").status_code == 404
    assert client.get("/api/instances/nonsense/poster").status_code == 404
    letter = stored(dicoms.encapsulated_pdf())
    assert client.get(place(letter, "poster")).status_code == 406
    assert client.get(place(letter, "strip")).status_code == 406
