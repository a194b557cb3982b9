"""Pictures of stored images and videos: rendered frames, and thumbnails that are kept in a cache.

A thumbnail is named by the hash of the object it shows, so it is never stale. Only the sizes that viewers ask for are
kept: others would let a caller fill the disk.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from apps.archive import headers, movies, retrieve
from apps.archive.retrieve import StoredInstance
from apps.archive.videos import video_of
from apps.core import metrics
from apps.core.errors import Invalid, NotAcceptable, NotFound
from apps.dicom.syntax import is_video, of_frames
from apps.saying import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.dicom.description import PixelDescription
    from apps.dicom.rendering import Rendering

# In place of a frame's number: the one in the middle of a video.
MIDDLE: Final = 0
KEPT_SIZES: Final = frozenset({"", "128,128", "256,256"})


def middle_frame(stored: StoredInstance) -> int:
    """The number of the frame that stands for an object; of a video MIDDLE, since it counts as one frame here."""
    return MIDDLE if is_video(stored.transfer_syntax_uid) else max(1, (stored.number_of_frames + 1) // 2)


def render(
    stored: StoredInstance, number: int, query: Mapping[str, str], media_type: str, *, is_uri: bool = False
) -> bytes:
    """One frame as an image (PS3.18 10.4.1.1.3), as `query` asks: by the parameters of WADO-URI (9.4.1) if `is_uri`.

    Raises NotFound for the frame, Invalid for a parameter, NotAcceptable where there is nothing to render.
    """
    # Here, and not above: NumPy and Pillow are slow to import, and most processes never render.
    from apps.dicom.render import InvalidParameter, parse_rendering, parse_uri_rendering

    parse = parse_uri_rendering if is_uri else parse_rendering
    try:
        return rendered(stored, number, parse(query, media_type))
    except InvalidParameter as error:
        raise Invalid(str(error)) from error


def thumbnail(stored: StoredInstance, number: int, query: Mapping[str, str]) -> bytes:
    """A frame as a small JPEG (PS3.18 10.4.1.1.4), or a card that names the kind of object where there is no image."""
    kept = _kept(stored, number, query)
    if kept is None:
        return _thumbnail(stored, number, query)
    try:
        picture = kept.read_bytes()
    except FileNotFoundError:
        metrics.cache_read("thumbnails", was_ready=False)
        picture = _thumbnail(stored, number, query)
        _keep(kept, picture)
    else:
        metrics.cache_read("thumbnails", was_ready=True)
    return picture


def prepare_thumbnail(stored: StoredInstance, number: int, query: Mapping[str, str]) -> None:
    """Make a thumbnail of a size that is kept, where it is not there yet: nobody waits for it."""
    kept = _kept(stored, number, query)
    if kept is not None and not kept.exists():
        _keep(kept, _thumbnail(stored, number, query))


def _thumbnail(stored: StoredInstance, number: int, query: Mapping[str, str]) -> bytes:
    from apps.dicom.card import draw_card
    from apps.dicom.render import InvalidParameter, parse_thumbnail

    try:
        return rendered(stored, number, parse_thumbnail(query))
    except InvalidParameter as error:
        raise Invalid(str(error)) from error
    except NotAcceptable:
        return draw_card(retrieve.modality_of(stored))


def rendered(stored: StoredInstance, number: int, rendering: "Rendering") -> bytes:
    """One frame as a file, as `rendering` has it. Raises as `render`, and InvalidParameter for a region outside."""
    from apps.dicom.description import Undecodable
    from apps.dicom.render import render_frame

    if not stored.number_of_frames:
        raise NotAcceptable(say("This object has no image to render."))
    look = _picture if is_video(stored.transfer_syntax_uid) else _frame
    try:
        attributes, description, frame = look(stored, number)
        if rendering.icc_profile != "no":
            _fill_profile(stored, attributes)
        return render_frame(frame, attributes, description, number, rendering)
    except Undecodable as error:
        raise NotAcceptable(say("The image can't be rendered: {error}", error=error)) from error


def _frame(stored: StoredInstance, number: int) -> tuple[dict[str, Any], "PixelDescription", "NDArray[Any]"]:
    from apps.archive.decoding import decode_frame
    from apps.dicom.description import PixelDescription

    attributes, data = headers.pixels_of(stored, number)
    description = PixelDescription.from_attributes(attributes)
    return attributes, description, decode_frame(data, description, of_frames(stored.transfer_syntax_uid))


def _picture(stored: StoredInstance, number: int) -> tuple[dict[str, Any], "PixelDescription", "NDArray[Any]"]:
    """A picture out of a video: RGB of 8 bits, whatever its header says of the coded stream."""
    from apps.dicom.description import PixelDescription

    video = video_of(stored)
    if not MIDDLE <= number <= video.number_of_frames:
        raise NotFound(
            say(
                "The video has {number_of_frames} frame(s); they count from 1.", number_of_frames=video.number_of_frames
            )
        )
    picture = movies.still(video, number or (video.number_of_frames + 1) // 2)
    rows, columns = picture.shape[:2]
    form = {"00280010": rows, "00280011": columns, "00280002": 3, "00280100": 8, "00280101": 8, "00280102": 7}
    elements = {tag: {"vr": "US", "Value": [value]} for tag, value in form.items()}
    attributes = video.attributes | elements | {"00280004": {"vr": "CS", "Value": ["RGB"]}}
    return attributes, PixelDescription.from_attributes(attributes), picture


def _fill_profile(stored: StoredInstance, attributes: dict[str, Any]) -> None:
    """Put the colour profile into the header that only refers to it."""
    from apps.dicom.profile import MAX_PROFILE, profile_element

    element = profile_element(attributes)
    if element is not None and "BulkDataURI" in element:
        headers.fill_in(stored, [element], MAX_PROFILE)


def _kept(stored: StoredInstance, number: int, query: Mapping[str, str]) -> Path | None:
    size = query.get("viewport", "")
    if size not in KEPT_SIZES or "quality" in query:
        return None
    digest = stored.digest.hex()
    name = f"{digest}-{number}-{size.partition(',')[0] or 'own'}.jpg"
    return Path(settings.DATA) / "cache" / "thumbnails" / digest[:2] / name


def _keep(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    temporary.write_bytes(picture)
    temporary.replace(path)
