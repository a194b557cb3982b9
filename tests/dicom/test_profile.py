"""Colour profiles: the object's own is kept, converted to sRGB or left out, as the request says (PS3.18 8.3.5.1.5)."""

import base64
import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.profile import srgb_profile
from apps.dicom.render import parse_rendering, render_frame
from tests.dicom.images import header

RED = np.full((8, 8, 3), (250, 10, 10), np.uint8)


def exchanged() -> bytes:
    """A profile in which red is green and green is red: sRGB's, with the names of two tags exchanged."""
    profile = bytearray(srgb_profile())
    (count,) = struct.unpack_from(">I", profile, 128)
    names = {bytes(profile[132 + 12 * at : 136 + 12 * at]): 132 + 12 * at for at in range(count)}
    for name, other in ((b"rXYZ", b"gXYZ"), (b"gXYZ", b"rXYZ")):
        profile[names[name] : names[name] + 4] = other
    return bytes(profile)


def with_profile(profile: bytes) -> dict[str, Any]:
    element = {"vr": "OB", "InlineBinary": base64.b64encode(profile).decode()}
    return header(8, 8, samples=3) | {"00282000": element}


def rendered(attributes: dict[str, Any], asked: str, media_type: str = "image/png") -> Image.Image:
    query = {"iccprofile": asked} if asked else {}
    description = PixelDescription.from_attributes(attributes)
    return Image.open(BytesIO(render_frame(RED, attributes, description, 1, parse_rendering(query, media_type))))


@pytest.mark.parametrize("asked", ["", "yes"])
@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg"])
def test_an_image_keeps_its_own_profile(asked: str, media_type: str) -> None:
    image = rendered(with_profile(exchanged()), asked, media_type)
    assert image.info["icc_profile"] == exchanged()
    red, green, _ = np.asarray(image)[0, 0]
    assert red > green


def test_colours_are_converted_to_srgb_on_request() -> None:
    image = rendered(with_profile(exchanged()), "srgb")
    red, green, _ = np.asarray(image)[0, 0]
    assert green > 200 > 100 > red
    assert image.info["icc_profile"] == srgb_profile()


def test_no_profile_is_given_on_request() -> None:
    assert "icc_profile" not in rendered(with_profile(exchanged()), "no").info


def test_an_image_without_a_profile_gets_one_on_request_alone() -> None:
    assert "icc_profile" not in rendered(header(8, 8, samples=3), "").info
    assert rendered(header(8, 8, samples=3), "yes").info["icc_profile"] == srgb_profile()


def test_the_profile_of_a_slide_is_that_of_its_optical_path() -> None:
    """PS3.3 C.8.12.5"""
    attributes = with_profile(exchanged())
    path = {"00282000": attributes.pop("00282000")}
    image = rendered(attributes | {"00480105": {"vr": "SQ", "Value": [path]}}, "yes")
    assert image.info["icc_profile"] == exchanged()


def test_what_is_no_profile_is_passed_over() -> None:
    assert "icc_profile" not in rendered(with_profile(b"no profile"), "").info


def test_a_broken_profile_is_refused_where_it_is_needed() -> None:
    broken = exchanged()[:128] + b"\xff" * 200
    with pytest.raises(Undecodable, match="profile"):
        rendered(with_profile(broken), "srgb")
