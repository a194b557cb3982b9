"""Videos for the tests, made in code: streams by FFmpeg's libraries, and DICOM objects that hold them.

Every picture is one grey, which tells its number: picture N (from 1) of a stream has the grey `grey_of(N)`.
"""

from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from pydicom.uid import UID

from tests import dicoms

RATE = 10
COLUMNS, ROWS = 64, 48
VIDEO_ENDOSCOPIC = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
H264 = "1.2.840.10008.1.2.4.102"
H264_FRAGMENTABLE = "1.2.840.10008.1.2.4.102.1"
MPEG2 = "1.2.840.10008.1.2.4.100"
HEVC = "1.2.840.10008.1.2.4.107"
_OPTIONS = {"libx264": {"crf": "10", "bf": "2"}, "mpeg2video": {}, "libx265": {"x265-params": "log-level=none"}}


def grey_of(number: int) -> int:
    """The grey of picture `number`."""
    return 20 + 8 * number


@cache
def stream(container: str = "mp4", codec: str = "libx264", pictures: int = 24) -> bytes:
    """A video of `pictures` pictures, 64 x 48, ten a second, in a container of FFmpeg's."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "video"
        with av.open(str(path), "w", format=container) as file:
            track: Any = file.add_stream(codec, rate=Fraction(RATE), options=_OPTIONS[codec])
            track.width, track.height, track.pix_fmt = COLUMNS, ROWS, "yuv420p"
            if codec == "mpeg2video":
                track.bit_rate = 2_000_000
            for number in range(1, pictures + 1):
                pixels = np.full((ROWS, COLUMNS, 3), grey_of(number), np.uint8)
                file.mux(track.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            file.mux(track.encode(None))
        return path.read_bytes()


def video(data: bytes | None = None, *, transfer_syntax: str = H264, fragments: int = 1, **overrides: Any) -> bytes:
    """A Part 10 file of a video (H.264 in MP4 unless told), with `fragments` fragments."""
    data = stream() if data is None else data
    elements: dict[str, Any] = {
        "SOPClassUID": UID(VIDEO_ENDOSCOPIC),
        "Modality": "ES",
        "NumberOfFrames": "24",
        "Rows": ROWS,
        "Columns": COLUMNS,
        "SamplesPerPixel": 3,
        "PlanarConfiguration": 0,
        "PhotometricInterpretation": "YBR_PARTIAL_420",
        "FrameTime": str(1000 / RATE),
        "LossyImageCompression": "01",
    }
    return dicoms.encapsulated(
        [data],
        offset_table="empty",
        fragments_per_frame=fragments,
        transfer_syntax=transfer_syntax,
        **elements | overrides,
    )


def greys(data: bytes) -> list[int]:
    """The grey of every picture of a video."""
    with av.open(BytesIO(data)) as file:
        return [round(float(picture.to_ndarray(format="rgb24").mean())) for picture in file.decode(video=0)]


def codec(data: bytes) -> str:
    """The video codec of a stream."""
    with av.open(BytesIO(data)) as file:
        return file.streams.video[0].codec_context.name


def rate(data: bytes) -> float:
    """The pictures of a stream in a second."""
    with av.open(BytesIO(data)) as file:
        return float(file.streams.video[0].guessed_rate or 0)
