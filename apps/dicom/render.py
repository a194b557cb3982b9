"""One decoded frame as a JPEG, PNG or GIF to look at: the "rendered" and "thumbnail" resources of PS3.18."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.dicom.annotation import annotate
from apps.dicom.attributes import Attributes
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.grayscale import pipeline_of, to_display
from apps.dicom.palette import apply_palette
from apps.dicom.parameters import InvalidParameter
from apps.dicom.png import encode_png
from apps.dicom.profile import embedded_profile, in_srgb, srgb_profile
from apps.dicom.rendering import GIF, PNG, Rendering, parse_rendering, parse_thumbnail, parse_uri_rendering
from apps.dicom.viewport import Viewport, pixel_aspect
from apps.dicom.windowing import Window, WindowFunction
from apps.saying import say

__all__ = [
    "InvalidParameter",
    "Rendering",
    "Viewport",
    "Window",
    "WindowFunction",
    "draw_frame",
    "parse_rendering",
    "parse_thumbnail",
    "parse_uri_rendering",
    "render_frame",
]

# From this quality on, colours are stored as finely as brightness.
_FULL_CHROMINANCE_QUALITY = 90


def render_frame(
    frame: NDArray[Any],
    attributes: Attributes,
    description: PixelDescription,
    frame_number: int,
    rendering: Rendering,
) -> bytes:
    """Return a frame as a file of the rendering's media type, its colours as `iccprofile` asks (PS3.18 8.3.5.1.5).

    `frame` is as decode_frame gives it and `frame_number` counts from 1. Raises Undecodable when the header
    lacks what the pixels need (a palette), and InvalidParameter for a region outside of the image.
    """
    image = draw_frame(frame, attributes, description, frame_number, rendering)
    profile = b""
    if rendering.icc_profile != "no":
        image, profile = _with_profile(image, attributes, rendering.icc_profile)
    return _encode(image, rendering, profile)


def draw_frame(
    frame: NDArray[Any],
    attributes: Attributes,
    description: PixelDescription,
    frame_number: int,
    rendering: Rendering,
) -> Image.Image:
    """Return a frame as an image, grey or RGB, in its viewport and with its annotations; raises like render_frame."""
    image = Image.fromarray(_display(frame, attributes, description, frame_number, rendering))
    if rendering.viewport is not None:
        image = rendering.viewport.fit(image, pixel_aspect(attributes))
    if rendering.annotations:
        image = annotate(image, attributes, rendering.annotations)
    return image


def _display(
    frame: NDArray[Any],
    attributes: Attributes,
    description: PixelDescription,
    frame_number: int,
    rendering: Rendering,
) -> NDArray[np.uint8]:
    """Return the region to show in display values: (rows, columns), or (rows, columns, 3) in RGB."""
    region = rendering.viewport.crop(frame) if rendering.viewport is not None else frame
    if frame.ndim == 3:
        return np.ascontiguousarray(_eight_bits(region, description))
    if description.photometric_interpretation == "PALETTE COLOR":
        return apply_palette(region, attributes, description)
    if not description.photometric_interpretation.startswith("MONOCHROME"):
        raise Undecodable(
            say(
                "The colour space {photometric_interpretation!r} is not supported with one sample.",
                photometric_interpretation=description.photometric_interpretation,
            )
        )
    pipeline = pipeline_of(frame, attributes, description, frame_number, rendering.window)
    return to_display(region, pipeline, description)


def _eight_bits(samples: NDArray[Any], description: PixelDescription) -> NDArray[np.uint8]:
    unsigned = samples.view(f"u{samples.dtype.itemsize}")
    shift = max(0, description.bits_stored - 8)
    return (unsigned >> shift).astype(np.uint8, copy=False) if shift else unsigned.astype(np.uint8, copy=False)


def _with_profile(image: Image.Image, attributes: Attributes, asked: str) -> tuple[Image.Image, bytes]:
    """The image and the profile to put into its file; grey images have none unless they are asked for one."""
    own = embedded_profile(attributes) if image.mode == "RGB" else b""
    if asked == "srgb":
        return (in_srgb(image, own) if own else image), srgb_profile()
    if asked == "yes":
        return image, own or srgb_profile()
    return image, own


def _encode(image: Image.Image, rendering: Rendering, profile: bytes) -> bytes:
    if rendering.media_type == PNG:
        return encode_png(np.asarray(image), profile if image.mode == "RGB" else b"")
    stream = BytesIO()
    if rendering.media_type == GIF:
        image.save(stream, "GIF")
    else:
        subsampling = "4:4:4" if rendering.quality >= _FULL_CHROMINANCE_QUALITY else "4:2:0"
        image.save(stream, "JPEG", quality=rendering.quality, subsampling=subsampling, icc_profile=profile or None)
    return stream.getvalue()
