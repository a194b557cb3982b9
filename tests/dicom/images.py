"""Images for the decoding and rendering tests: headers in the DICOM JSON Model, and frames to go with them."""

import base64
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.encaps import get_frame

from apps.dicom.attributes import Attributes
from apps.dicom.pixels import PixelDescription, decode_frame
from apps.dicom.render import Rendering, render_frame

EXPLICIT = "1.2.840.10008.1.2.1"


@cache
def dataset(name: str) -> FileDataset:
    """Return one of the files that come with pydicom."""
    return dcmread(str(get_testdata_file(name, download=False)))


@cache
def bundled(name: str) -> tuple[Attributes, bytes, str]:
    """Return the header, first frame and transfer syntax of a file that comes with pydicom."""
    source = dataset(name)
    attributes = source.to_json_dict(bulk_data_threshold=1 << 30, suppress_invalid_tags=True)
    attributes["7FE00010"] = {"vr": str(source["PixelData"].VR), "BulkDataURI": "pixels"}
    syntax = source.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return attributes, source.PixelData, str(syntax)
    frames = int(source.get("NumberOfFrames") or 1)
    return attributes, get_frame(source.PixelData, 0, number_of_frames=frames), str(syntax)


def decoded(name: str) -> NDArray[Any]:
    """Return the first frame of a bundled file as we decode it."""
    attributes, data, syntax = bundled(name)
    return decode_frame(data, PixelDescription.from_attributes(attributes), syntax)


def header(rows: int, columns: int, *, bits: int = 8, samples: int = 1, **elements: Any) -> dict[str, Any]:
    """Return an image's header; `elements` are values by "T00280004"-like names, lists for more than one."""
    values: dict[str, Any] = {
        "00280002": samples,
        "00280004": "RGB" if samples == 3 else "MONOCHROME2",
        "00280010": rows,
        "00280011": columns,
        "00280100": bits,
        "00280101": bits,
        "00280102": bits - 1,
        "00280103": 0,
    }
    values |= {tag.removeprefix("T"): value for tag, value in elements.items()}
    return {
        tag: {"vr": "", "Value": value if isinstance(value, list) else [value]}
        for tag, value in values.items()
        if value is not None
    }


def inline(words: Any, dtype: str = "<u2") -> dict[str, str]:
    """Return an element that holds the words as InlineBinary."""
    return {"vr": "OW", "InlineBinary": base64.b64encode(np.asarray(words, dtype).tobytes()).decode()}


def render(
    frame: NDArray[Any], attributes: Attributes, rendering: Rendering | None = None, frame_number: int = 1
) -> NDArray[np.uint8]:
    """Return what one sees of a decoded frame: (rows, columns), or (rows, columns, 3)."""
    description = PixelDescription.from_attributes(attributes)
    rendering = rendering or Rendering(media_type="image/png")
    return seen(render_frame(frame, attributes, description, frame_number, rendering))


def seen(file: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a JPEG, PNG or GIF file."""
    return np.asarray(Image.open(BytesIO(file)))
