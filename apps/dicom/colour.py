"""Colour spaces of decoded pixels to RGB (PS3.3 C.7.6.3.1.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.dicom.description import Undecodable
from apps.saying import say

RGB_SPACES = ("RGB", "YBR_ICT", "YBR_RCT")
YBR_SPACES = ("YBR_FULL", "YBR_FULL_422")
# Reversible and irreversible transforms are undone by the JPEG 2000 decoder; XYB by that of JPEG XL.
DECODER_SPACES = ("YBR_ICT", "YBR_RCT", "XYB")


def to_rgb(samples: NDArray[Any], photometric_interpretation: str) -> NDArray[Any]:
    """Return samples (rows, columns, 3) in the space of `photometric_interpretation` as RGB.

    Single-sample images (rows, columns) pass unchanged. Raises Undecodable for an unknown colour space.
    """
    if samples.ndim == 2 or photometric_interpretation in ("RGB", *DECODER_SPACES):
        return samples
    if photometric_interpretation in YBR_SPACES:
        return _ybr_full_to_rgb(samples)
    raise Undecodable(
        say(
            "The colour space {photometric_interpretation!r} is not supported.",
            photometric_interpretation=photometric_interpretation,
        )
    )


def _ybr_full_to_rgb(samples: NDArray[Any]) -> NDArray[Any]:
    if samples.dtype != np.uint8:
        raise Undecodable(say("YBR colours are only supported with 8 bits a sample."))
    image = Image.frombytes("YCbCr", (samples.shape[1], samples.shape[0]), samples.tobytes())
    return np.asarray(image.convert("RGB"))


def upsample_422(data: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """Return native YBR_FULL_422 pixels (Y1 Y2 Cb Cr for each pair) as (rows, columns, 3).

    `data` holds rows * columns * 2 samples; each chrominance counts for both pixels of its pair.
    """
    pairs = data.reshape(rows * columns // 2, 4)
    pixels = np.empty((rows * columns // 2, 2, 3), data.dtype)
    pixels[:, :, 0] = pairs[:, :2]
    pixels[:, :, 1] = pairs[:, 2:3]
    pixels[:, :, 2] = pairs[:, 3:4]
    return pixels.reshape(rows, columns, 3)
