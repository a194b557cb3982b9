"""ICC profiles of colour images (PS3.3 C.11.15): the object's own, and sRGB."""

from collections.abc import MutableMapping
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from apps.dicom.attributes import Attributes, items, octets
from apps.dicom.description import Undecodable
from apps.dicom.isolation import pool
from apps.saying import say

ICC_PROFILE, OPTICAL_PATHS = "00282000", "00480105"
# A scanner's profile has some hundred kilobytes; a JPEG file has room for 16 MB.
MAX_PROFILE = 4 << 20


def profile_element(attributes: Attributes) -> MutableMapping[str, Any] | None:
    """The element that holds the image's profile, of a slide that of its first optical path; None without one.

    Where it only has a BulkDataURI, the caller sets its "InlineBinary" before it renders.
    """
    for holder in (attributes, *items(attributes, OPTICAL_PATHS)):
        element = holder.get(ICC_PROFILE)
        if isinstance(element, MutableMapping):
            return element
    return None


def embedded_profile(attributes: Attributes) -> bytes:
    """The image's own profile; empty where it has none, or one that is no profile by its signature or size."""
    element = profile_element(attributes)
    profile = octets({ICC_PROFILE: element}, ICC_PROFILE) if element is not None else None
    return profile if profile and profile[36:40] == b"acsp" and len(profile) <= MAX_PROFILE else b""


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The RGB image with its colours converted from `profile` to sRGB, in a child process. Raises Undecodable."""
    converted = pool.call("apps.dicom.profile.convert", image.tobytes(), image.size, profile)
    return Image.fromarray(converted)


def convert(pixels: bytes, size: tuple[int, int], profile: bytes) -> NDArray[np.uint8]:
    """Convert RGB pixels of (columns, rows) to sRGB: (rows, columns, 3). Raises Undecodable for a broken profile."""
    image = Image.frombytes("RGB", size, pixels)
    try:
        converted = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(BytesIO(profile)), _srgb())
    except (ImageCms.PyCMSError, OSError) as error:
        raise Undecodable(say("The image's colour profile (ICC) is broken; ask without iccprofile=srgb.")) from error
    return np.asarray(converted)


@cache
def srgb_profile() -> bytes:
    """The sRGB profile as a file."""
    return _srgb().tobytes()


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
