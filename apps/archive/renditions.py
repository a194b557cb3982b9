"""Pictures of stored images: rendered frames, and thumbnails that are kept in a cache.

A thumbnail is named by the hash of the object it shows, so it is never stale. Only the sizes that viewers ask for are
kept: others would let a caller fill the disk.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from apps.archive import retrieve
from apps.archive.retrieve import StoredInstance
from apps.core.errors import Invalid, NotAcceptable

KEPT_SIZES: Final = frozenset({"", "128,128", "256,256"})


def middle_frame(stored: StoredInstance) -> int:
    """The number of the frame that stands for an object."""
    return max(1, (stored.number_of_frames + 1) // 2)


def render(stored: StoredInstance, number: int, query: Mapping[str, str], media_type: str) -> bytes:
    """One frame as an image (PS3.18 10.4.1.1.3), as `query` asks.

    Raises NotFound for the frame, Invalid for a parameter, NotAcceptable where there is nothing to render.
    """
    # Here, and not above: NumPy and Pillow are slow to import, and most processes never render.
    from apps.dicom.render import InvalidParameter, parse_rendering

    try:
        return _draw(stored, number, parse_rendering(query, media_type))
    except InvalidParameter as error:
        raise Invalid(str(error)) from error


def thumbnail(stored: StoredInstance, number: int, query: Mapping[str, str]) -> bytes:
    """A frame as a small JPEG (PS3.18 10.4.1.1.4), or a card that names the kind of object where there is no image."""
    kept = _kept(stored, number, query)
    if kept is None:
        return _thumbnail(stored, number, query)
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        picture = _thumbnail(stored, number, query)
        _keep(kept, picture)
        return picture


def _thumbnail(stored: StoredInstance, number: int, query: Mapping[str, str]) -> bytes:
    from apps.dicom.card import draw_card
    from apps.dicom.render import InvalidParameter, parse_thumbnail

    try:
        return _draw(stored, number, parse_thumbnail(query))
    except InvalidParameter as error:
        raise Invalid(str(error)) from error
    except NotAcceptable:
        return draw_card(retrieve.modality_of(stored))


def _draw(stored: StoredInstance, number: int, rendering: Any) -> bytes:
    from apps.archive.decoding import decode_frame
    from apps.dicom.description import PixelDescription, Undecodable
    from apps.dicom.render import render_frame
    from apps.dicom.syntax import of_frames

    if not stored.number_of_frames:
        raise NotAcceptable("This object has no image to render.")
    attributes, data = retrieve.pixels_of(stored, number)
    try:
        description = PixelDescription.from_attributes(attributes)
        frame = decode_frame(data, description, of_frames(stored.transfer_syntax_uid))
        return render_frame(frame, attributes, description, number, rendering)
    except Undecodable as error:
        raise NotAcceptable(f"The image can't be rendered: {error}") from error


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
