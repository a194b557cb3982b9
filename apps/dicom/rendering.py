"""How an image is to be rendered: the query parameters of PS3.18 8.3.5.1, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from apps.dicom.parameters import InvalidParameter, choice, decimal
from apps.dicom.viewport import Viewport, parse_uri_viewport, parse_viewport
from apps.dicom.windowing import Window, WindowFunction
from apps.saying import say

JPEG, PNG, GIF, MP4 = "image/jpeg", "image/png", "image/gif", "video/mp4"
MEDIA_TYPES = (JPEG, PNG, GIF, MP4)
DEFAULT_QUALITY = 90
THUMBNAIL_SIDE = 256
THUMBNAIL_QUALITY = 80
ANNOTATIONS = ("patient", "technique")
ICC_PROFILES = ("no", "yes", "srgb")
# Where nothing is asked, an image keeps the profile that it has.
OWN_PROFILE = "own"
_FUNCTIONS = tuple(str(function) for function in WindowFunction)


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rendering: media type, JPEG quality (1 to 100), window, viewport, texts to burn in, colour profile.

    None stands for what the image itself says. Burnt-in overlays (60xx) aren't drawn.
    """

    media_type: str = JPEG
    quality: int = DEFAULT_QUALITY
    window: Window | None = None
    viewport: Viewport | None = None
    annotations: tuple[str, ...] = ()
    icc_profile: str = "no"


def parse_rendering(query: Mapping[str, str], media_type: str) -> Rendering:
    """Read the parameters of a "rendered" request; those of other purposes are passed over.

    Raises InvalidParameter, a ValueError whose text tells the client what is wrong.
    """
    return Rendering(
        media_type=choice("media type", media_type, MEDIA_TYPES),
        quality=_quality(query.get("quality", ""), DEFAULT_QUALITY),
        window=parse_window(query["window"]) if query.get("window") else None,
        viewport=parse_viewport(query["viewport"]) if query.get("viewport") else None,
        annotations=_annotations(query.get("annotation", "")),
        icc_profile=_icc_profile(query.get("iccprofile", "")),
    )


def parse_uri_rendering(query: Mapping[str, str], media_type: str) -> Rendering:
    """Read the parameters of a WADO-URI request (PS3.18 9.4.1): `rows`, `windowCenter` and so on.

    Those of the other services are understood beside them. Raises InvalidParameter.
    """
    known = dict(query)
    window = [query.get(name, "") for name in ("windowCenter", "windowWidth")]
    if any(window):
        if not all(window):
            raise InvalidParameter(say("windowCenter, windowWidth: both are needed."))
        known["window"] = ",".join(window)
    known["quality"] = query.get("imageQuality") or query.get("quality", "")
    rendering = parse_rendering(known, media_type)
    viewport = parse_uri_viewport(*(query.get(name, "") for name in ("rows", "columns", "region")))
    return replace(rendering, viewport=viewport) if viewport is not None else rendering


def parse_thumbnail(query: Mapping[str, str], media_type: str = JPEG) -> Rendering:
    """Read the parameters of a "thumbnail" request (PS3.18 10.4.1.1.4): only the viewport's size counts.

    The thumbnail has square pixels and is never larger than the image. Raises InvalidParameter.
    """
    side = THUMBNAIL_SIDE
    asked = parse_viewport(query.get("viewport") or f"{side},{side}")
    viewport = Viewport(asked.vw, asked.vh, enlarge=False, square_pixels=True)
    return Rendering(
        choice("media type", media_type, MEDIA_TYPES),
        _quality(query.get("quality", ""), THUMBNAIL_QUALITY),
        viewport=viewport,
    )


def parse_window(value: str) -> Window:
    """Read "center,width[,function]"; the function is linear unless given. Raises InvalidParameter."""
    parts = value.split(",")
    if len(parts) not in (2, 3):
        raise InvalidParameter(say("window: center, width and function are needed, separated by commas."))
    center, width = decimal("window", parts[0]), decimal("window", parts[1])
    function = choice("window", parts[2], _FUNCTIONS) if len(parts) == 3 else WindowFunction.LINEAR
    try:
        return Window(center, width, WindowFunction(function))
    except ValueError as error:
        raise InvalidParameter(f"window: {error}") from error


def _quality(value: str, default: int) -> int:
    if not value:
        return default
    quality = decimal("quality", value)
    if quality != int(quality) or not 1 <= quality <= 100:
        raise InvalidParameter(say("quality: a whole number from 1 to 100 is needed."))
    return int(quality)


def _icc_profile(value: str) -> str:
    return choice("iccprofile", value, ICC_PROFILES) if value else OWN_PROFILE


def _annotations(value: str) -> tuple[str, ...]:
    asked = {choice("annotation", word, ANNOTATIONS) for word in value.split(",") if word.strip()}
    return tuple(sorted(asked))
