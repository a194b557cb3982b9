"""Motion JPEG: pictures as they are, with what they need and nothing else."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from apps.video.conversion.jpegs import NotBaseline, frame
from apps.video.conversion.plan import Path as Way
from tests.video.clips import clip
from tests.video.conversion.films import made, packets

SIZE = (48, 32)


def jpeg(size: tuple[int, int] = SIZE, **options: object) -> bytes:
    levels = np.arange(size[0] * size[1] * 3, dtype=np.uint32).reshape(size[1], size[0], 3)
    with io.BytesIO() as buffer:
        Image.fromarray((levels // 20 % 256).astype(np.uint8)).save(buffer, "JPEG", **options)
        return buffer.getvalue()


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def segment(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + (len(body) + 2).to_bytes(2, "big") + body


def without_tables(data: bytes) -> bytes:
    """As many cameras write it."""
    while (begin := data.find(b"\xff\xc4")) >= 0:
        data = data[:begin] + data[begin + 2 + int.from_bytes(data[begin + 2 : begin + 4], "big") :]
    return data


def test_each_picture_of_a_film_becomes_a_frame(tmp_path: Path) -> None:
    source = clip("18.avi", codec="mjpeg", frames=15, pixel_format="yuvj420p")
    stream = made(source, tmp_path)
    data = stream.file.read_bytes()
    assert (stream.plan.path, stream.frames, stream.size) == (Way.WRAP_JPEG, 15, len(data))
    frames = [data[offset : offset + length] for offset, length in stream.spans]
    assert b"".join(frames) == data
    for new, old in zip(frames, packets(source), strict=True):
        assert np.array_equal(decoded(new), decoded(old))


def tables(data: bytes) -> set[bytes]:
    """Each table of all DHT segments: class and number, counts, values (B.2.4.2)."""
    found, position = set(), 0
    while (begin := data.find(b"\xff\xc4", position)) >= 0:
        position = begin + 2 + int.from_bytes(data[begin + 2 : begin + 4], "big")
        at = begin + 4
        while at < position:
            end = at + 17 + sum(data[at + 1 : at + 17])
            found.add(data[at:end])
            at = end
    return found


def test_missing_tables_are_put_in() -> None:
    bare = without_tables(jpeg())
    assert not tables(bare)
    made = frame(bare, SIZE)
    assert len(tables(made)) == 4
    assert tables(made) == tables(jpeg())
    assert np.array_equal(decoded(made), decoded(jpeg()))


def test_what_a_camera_writes_of_itself_is_left_out() -> None:
    told = segment(0xE1, b"Exif\0\0Doe, Jane") + segment(0xFE, b"Tower 5") + segment(0xE0, b"AVI1\0\0")
    plain = jpeg()
    assert frame(plain[:2] + told + plain[2:], SIZE) == plain


def test_what_follows_the_picture_is_left_out() -> None:
    plain = jpeg()
    assert frame(plain + b"\0\0Doe, Jane", SIZE) == plain


def test_an_end_that_is_missing_is_put_in() -> None:
    plain = jpeg()
    assert frame(plain[:-2], SIZE) == plain


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"RIFF",
        jpeg(progressive=True),
        jpeg((32, 32)),
        jpeg() + jpeg(),
        jpeg()[:2] + segment(0xE0, b"JFIF\0"),
        jpeg()[:2] + segment(0xFE, b"") * 300,
        jpeg()[:2] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\0") + jpeg()[2:],
    ],
    ids=["empty", "start", "riff", "progressive", "other-size", "two-fields", "no-frame", "endless", "rgb"],
)
def test_other_kinds_are_not_taken(data: bytes) -> None:
    with pytest.raises(NotBaseline):
        frame(data, SIZE)


def test_ffmpeg_decodes_what_was_made_of_a_bare_picture() -> None:
    decoder = av.CodecContext.create("mjpeg", "r")
    [picture] = [*decoder.decode(av.Packet(frame(without_tables(jpeg()), SIZE))), *decoder.decode(None)]
    assert (picture.width, picture.height) == SIZE
