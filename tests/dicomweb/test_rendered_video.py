"""Videos: played as they are stored or as browsers know them, sought in, and looked at picture by picture."""

from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image, ImageStat

from apps.accounts.models import Practice
from apps.archive import movie_cache
from tests import movies
from tests.dicomweb.multiparts import parts_of
from tests.dicomweb.test_wado import body, keep, place

pytestmark = pytest.mark.django_db
EXPECTED = [movies.grey_of(number) for number in range(1, 25)]


def is_alike(found: list[int], expected: list[int]) -> bool:
    return len(found) == len(expected) and all(abs(a - b) <= 4 for a, b in zip(found, expected, strict=True))


def grey(picture: bytes) -> float:
    return ImageStat.Stat(Image.open(BytesIO(picture)).convert("L")).mean[0]


@pytest.fixture
def video(practice: Practice) -> bytes:
    data = movies.video()
    keep(practice, data)
    return data


@pytest.mark.parametrize("accept", ["*/*", "video/mp4", "video/webm,video/mp4;q=0.9,*/*;q=0.5"])
def test_a_video_is_given_as_the_stream_that_is_stored(client: Client, video: bytes, accept: str) -> None:
    """PS3.18 8.7.4"""
    response = client.get(f"{place(video)}/rendered", headers={"accept": accept})
    assert response["Content-Type"] == "video/mp4"
    assert body(response).rstrip(b"\0") == movies.stream().rstrip(b"\0")


def test_a_player_seeks_in_a_video_by_byte_ranges(client: Client, practice: Practice) -> None:
    """The range lies across several fragments. PS3.18 10.4, RFC 9110 14.2"""
    data = movies.video(transfer_syntax=movies.H264_FRAGMENTABLE, fragments=5)
    keep(practice, data)
    middle = len(movies.stream()) // 2
    response = client.get(f"{place(data)}/rendered", headers={"range": f"bytes={middle - 900}-{middle + 900}"})
    assert response.status_code == 206
    assert body(response) == movies.stream()[middle - 900 : middle + 901]


def test_padding_is_no_part_of_a_stream(client: Client, practice: Practice) -> None:
    """Encapsulated Pixel Data Value Total Length tells the stream's own length. PS3.5 A.4"""
    odd = movies.stream()[:-1] if len(movies.stream()) % 2 == 0 else movies.stream()
    data = movies.video(odd, EncapsulatedPixelDataValueTotalLength=len(odd))
    keep(practice, data)
    assert body(client.get(f"{place(data)}/rendered")) == odd


def test_without_that_attribute_the_container_tells_where_the_stream_ends(client: Client, practice: Practice) -> None:
    """Every range that names its end has the last byte of the last box, and none has the pad."""
    odd = odd_stream()
    data = movies.video(odd, transfer_syntax=movies.H264_FRAGMENTABLE, fragments=3)
    keep(practice, data)
    address = f"{place(data)}/rendered"
    assert body(client.get(address)) == odd
    answers = [client.get(address, headers={"range": asked}) for asked in ("bytes=-5", f"bytes={len(odd) - 5}-")]
    assert [body(answer) for answer in answers] == [odd[-5:]] * 2
    assert answers[0]["Content-Range"] == f"bytes {len(odd) - 5}-{len(odd) - 1}/{len(odd)}"
    behind = client.get(address, headers={"range": f"bytes={len(odd)}-"})
    assert (behind.status_code, behind["Content-Range"]) == (416, f"bytes */{len(odd)}")


def odd_stream() -> bytes:
    """A stream whose length is odd: another box has been put to its end."""
    stream = movies.stream()
    length = 9 if len(stream) % 2 == 0 else 10
    return stream + length.to_bytes(4, "big") + b"free" + b"\1" * (length - 8)


@pytest.mark.parametrize("where", ["/rendered", "/bulkdata/7FE00010", "/frames/1"])
def test_what_a_player_asks_is_answered_alike_at_each_address(client: Client, video: bytes, where: str) -> None:
    """PS3.18 8.7.3.5, RFC 9110 14.2, 13.1.5"""
    address, stream, accept = f"{place(video)}{where}", movies.stream(), {"accept": "video/mp4; transfer-syntax=*"}
    head = client.head(address, headers=accept)
    assert (head["Content-Length"], head["Accept-Ranges"]) == (str(len(stream)), "bytes")
    for known in ({}, {"if-range": head["ETag"]}):
        piece = client.get(address, headers={**accept, **known, "range": "bytes=100-199"})
        assert (piece.status_code, body(piece)) == (206, stream[100:200])
    for validator in ('"another"', "Sat, 21 Nov 2020 00:00:00 GMT"):
        whole = client.get(address, headers={**accept, "if-range": validator, "range": "bytes=100-199"})
        assert (whole.status_code, body(whole)) == (200, stream)
    several = client.get(address, headers={**accept, "range": "bytes=0-1,5-9"})
    assert (several.status_code, body(several)) == (200, stream)
    assert head["Last-Modified"].endswith("GMT")


def test_bulk_data_of_a_video_is_its_stream_for_whoever_takes_anything(client: Client, video: bytes) -> None:
    header = client.get(f"{place(video)}/metadata").json()[0]
    assert header["00083002"]["Value"] == [movies.H264]
    address = header["7FE00010"]["BulkDataURI"].removeprefix("http://testserver")
    response = client.get(address)
    assert (response["Content-Type"], body(response)) == ("video/mp4", movies.stream())
    octets = client.get(address, headers={"accept": "application/octet-stream"})
    assert (octets["Content-Type"], body(octets)) == ("application/octet-stream", movies.stream())
    parts = client.get(address, headers={"accept": "multipart/related; type=video/mp4"})
    ((fields, content),) = parts_of(parts["Content-Type"], body(parts))
    assert (fields["content-type"], content) == ("video/mp4", movies.stream())
    assert (
        client.get(address, headers={"accept": "multipart/related; type=video/mp4", "if-none-match": "*"}).content
        == b""
    )


def test_a_search_tells_that_it_is_a_video(client: Client, video: bytes) -> None:
    """By Available Transfer Syntax UID; else viewers ask for single frames. PS3.18 table 10.6.3-5"""
    (found,) = client.get(f"{place(video).rpartition('/')[0]}").json()
    assert found["00083002"]["Value"] == [movies.H264]


@pytest.mark.parametrize(
    ("container", "codec", "transfer_syntax"),
    [
        ("mpegts", "libx264", movies.H264),
        ("mpegts", "mpeg2video", movies.MPEG2),
        ("mpeg2video", "mpeg2video", movies.MPEG2),
        ("vob", "mpeg2video", movies.MPEG2),
        ("mp4", "libx265", movies.HEVC),
    ],
)
def test_what_browsers_do_not_play_is_made_into_mp4(
    client: Client, practice: Practice, container: str, codec: str, transfer_syntax: str
) -> None:
    data = movies.video(movies.stream(container, codec), transfer_syntax=transfer_syntax)
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered", headers={"accept": "video/mp4"})
    playable = body(response)
    assert response["Content-Type"] == "video/mp4"
    assert (movies.codec(playable), round(movies.rate(playable))) == ("h264", movies.RATE)
    assert is_alike(movies.greys(playable), EXPECTED)
    assert playable.index(b"moov") < playable.index(b"mdat")


def test_h264_in_a_transport_stream_is_copied_without_loss(client: Client, practice: Practice) -> None:
    stored = movies.stream("mpegts")
    data = movies.video(stored)
    keep(practice, data)
    assert movies.greys(body(client.get(f"{place(data)}/rendered"))) == movies.greys(stored)


def test_mpeg_2_can_be_had_as_it_is_stored(client: Client, practice: Practice) -> None:
    stored = movies.stream("mpeg2video", "mpeg2video")
    data = movies.video(stored, transfer_syntax=movies.MPEG2)
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered", headers={"accept": "video/mpeg"})
    assert response["Content-Type"] == "video/mpeg"
    assert body(response).rstrip(b"\0") == stored.rstrip(b"\0")


def test_a_video_is_converted_once(client: Client, practice: Practice) -> None:
    data = movies.video(movies.stream("mpegts"))
    keep(practice, data)
    body(client.get(f"{place(data)}/rendered"))
    (kept,) = (Path(settings.DATA) / "cache" / "movies").glob("*.mp4")
    kept.write_bytes(b"from the cache")
    assert body(client.get(f"{place(data)}/rendered")) == b"from the cache"


def test_requests_at_once_make_one_movie() -> None:
    made = []

    def make(target: str) -> None:
        made.append(target)
        Path(target).write_bytes(b"movie")

    threads = [Thread(target=movie_cache.kept, args=("same.mp4", make)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_the_cache_of_movies_keeps_within_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(target: str) -> None:
        Path(target).write_bytes(b"sixsix")

    monkeypatch.setattr(movie_cache, "CACHE_BYTES", 10)
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        movie_cache.kept(name, make)
    assert sorted(path.name for path in movie_cache.folder().glob("*.mp4")) == ["c.mp4"]


def test_a_thumbnail_of_a_video_is_its_middle_picture(client: Client, video: bytes) -> None:
    response = client.get(f"{place(video)}/thumbnail")
    assert response["Content-Type"] == "image/jpeg"
    assert abs(grey(response.content) - movies.grey_of(12)) <= 4


@pytest.mark.parametrize("number", [1, 7, 24])
def test_a_picture_of_a_video_is_rendered_by_its_number(client: Client, video: bytes, number: int) -> None:
    response = client.get(f"{place(video)}/frames/{number}/rendered", headers={"accept": "image/png"})
    assert abs(grey(response.content) - movies.grey_of(number)) <= 4


@pytest.mark.parametrize("container", ["mpegts", "mpeg2video", "vob"])
def test_pictures_are_counted_alike_in_every_container(client: Client, practice: Practice, container: str) -> None:
    data = movies.video(movies.stream(container, "mpeg2video"), transfer_syntax=movies.MPEG2)
    keep(practice, data)
    response = client.get(f"{place(data)}/frames/9/rendered", headers={"accept": "image/png"})
    assert abs(grey(response.content) - movies.grey_of(9)) <= 4


def test_a_picture_beyond_the_last_one_is_not_found(client: Client, video: bytes) -> None:
    assert client.get(f"{place(video)}/frames/25/rendered").status_code == 404
    assert client.get(f"{place(video)}/frames/0/rendered").status_code == 400


@pytest.mark.parametrize("junk", [b"no video at all " * 40, b"\0\0\0\x18ftypmp42" + b"\0" * 500])
def test_a_stream_that_is_none_has_a_reason_and_a_card(client: Client, practice: Practice, junk: bytes) -> None:
    data = movies.video(junk, transfer_syntax=movies.HEVC)
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered", headers={"accept": "video/mp4"})
    assert response.status_code == 406
    assert "video stream" in response.json()["detail"]
    assert client.get(f"{place(data)}/thumbnail").status_code == 200


def test_a_video_has_a_validator_and_a_head(client: Client, video: bytes) -> None:
    address = f"{place(video)}/rendered"
    whole = client.get(address)
    assert client.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304
    head = client.head(address)
    assert (head.content, head["Content-Length"]) == (b"", whole["Content-Length"])


def test_a_frame_of_a_video_is_its_stream(client: Client, video: bytes) -> None:
    """PS3.18 table 8.7.3-5"""
    response = client.get(f"{place(video)}/frames/1", headers={"accept": "video/mp4; transfer-syntax=*"})
    assert response["Content-Type"].startswith("video/mp4")
    assert body(response).rstrip(b"\0") == movies.stream().rstrip(b"\0")


def test_videos_are_for_their_own_practice(
    client: Client, stranger_client: Client, anonymous: Client, video: bytes
) -> None:
    address = f"{place(video)}/rendered"
    answers = [each.get(address).status_code for each in (client, stranger_client, anonymous)]
    assert answers == [200, 404, 401]
