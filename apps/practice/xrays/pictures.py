"""A picture (JPEG, PNG, TIFF) as a Part 10 file: its own bytes where DICOM can hold them, else lossless JPEG-LS."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson
from django.utils.timezone import get_default_timezone

from apps.archive import decoding
from apps.core.errors import Invalid
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom import building
from apps.dicom.codestream import JpegHeader, jpeg_header
from apps.dicom.description import Undecodable
from apps.dicom.encapsulation import Bulk
from apps.dicom.pictures import EIGHT, GREY, NotAPicture
from apps.dicom.representation import JPEG_LS
from apps.dicom.values import Element
from apps.practice.xrays.kinds import Kind
from apps.practice.xrays.objects import Person, Pixels, Place, Shown, attributes
from apps.saying import say

MAX_BYTES: Final = 256 << 20
STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
_EXAMINE: Final = "apps.dicom.pictures.examine"
_RECODE: Final = "apps.dicom.pictures.recoded"
_SECONDS: Final = 60.0
# Start of Frame of the processes that DICOM knows: baseline, and extended sequential (PS3.5 A.4.1).
_SYNTAXES: Final = {0xC0: JPEG_BASELINE, 0xC1: JPEG_EXTENDED}
_END_OF_IMAGE: Final = b"\xff\xd9"
# What cameras and viewers leave behind the end of a JPEG.
_TRAILER: Final = 64 << 10
_UPRIGHT: Final = 1
_PIXELS: Final = "pixels"
_EXIF_TIME: Final = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture by its head. `taken_at` is what the camera wrote."""

    format: str
    rows: int
    columns: int
    orientation: int
    taken_at: datetime | None
    icc: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """Pixels as they go into the object."""

    data: bytes
    transfer_syntax_uid: str
    pixels: Pixels
    rows: int
    columns: int
    planar: bool


def looks_like_one(head: bytes) -> bool:
    """Whether a file that starts with these bytes may be a picture, whatever it is called."""
    return head.startswith(STARTS)


def look(data: bytes) -> Picture:
    """What the picture says of itself. Raises Invalid for `file`, and Unavailable."""
    found = orjson.loads(_in_child(_EXAMINE, data))
    return Picture(
        found["format"], found["rows"], found["columns"], found["orientation"],
        _moment(found["taken"], found["offset"]), b64decode(found["icc"]),
    )  # fmt: skip


def frame(data: bytes, picture: Picture, kind: Kind) -> Frame:
    """The pixels of the object that the picture becomes. Raises Invalid for `file`, and Unavailable."""
    header = _own_header(data, picture)
    if header is not None and (len(header.component_ids) == 1 or kind.is_photograph):
        return _as_it_is(data, header, picture)
    recoded = _recoded(data, picture, kind)
    if header is not None and recoded.pixels.samples > 1:
        return _as_it_is(data, header, picture)
    return recoded


def file_pieces(person: Person, place: Place, shown: Shown, framed: Frame) -> Iterator[bytes]:
    """The Part 10 file, in pieces; the same for the same facts."""
    known = attributes(person, place, shown, framed.pixels) | _image_pixel(framed)
    bulk = replace(Bulk.of_bytes(framed.data), transfer_syntax_uid=framed.transfer_syntax_uid)
    return building.file_pieces(
        known | {building.PIXEL_DATA: {"vr": "OB", "BulkDataURI": _PIXELS}},
        lambda _: (bulk,),
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
    )


def _own_header(data: bytes, picture: Picture) -> JpegHeader | None:
    """The header of a JPEG that is upright and of a process that DICOM knows; None where it must be coded anew."""
    if picture.format != "JPEG" or picture.orientation != _UPRIGHT:
        return None
    try:
        header = jpeg_header(data)
    except Undecodable:
        return None
    if data.rfind(_END_OF_IMAGE, max(0, len(data) - _TRAILER)) < 0:
        raise Invalid(say("The picture ends early."), [("file", say("The JPEG ends early. Send it again."))])
    is_known = header.process in _SYNTAXES and header.precision == 8
    return header if is_known and len(header.component_ids) in (1, 3) else None


def _as_it_is(data: bytes, header: JpegHeader, picture: Picture) -> Frame:
    samples = len(header.component_ids)
    is_rgb = header.adobe_transform == 0 or header.component_ids == tuple(b"RGB")
    photometric = "MONOCHROME2" if samples == 1 else "RGB" if is_rgb else "YBR_FULL_422"
    ratio = header.rows * header.columns * samples / max(1, len(data))
    icc = picture.icc if samples > 1 else b""
    pixels = Pixels(samples, header.precision, photometric, is_lossy=True, ratio=max(ratio, 1.0), icc=icc)
    return Frame(data, _SYNTAXES[header.process], pixels, header.rows, header.columns, samples > 1)


def _recoded(data: bytes, picture: Picture, kind: Kind) -> Frame:
    """The pixels in JPEG-LS; what a JPEG had lost before stays lost, and is said."""
    # Digital X-rays have no colours, and photographs eight bits (PS3.3 C.8.11.3, C.8.12.1).
    coded = _in_child(_RECODE, data, EIGHT if kind.is_photograph else GREY)
    header = jpeg_header(coded)
    samples = len(header.component_ids)
    was_lossy = picture.format in ("JPEG", "MPO")
    ratio = picture.rows * picture.columns * samples / max(1, len(data))
    pixels = Pixels(
        samples, header.precision, "MONOCHROME2" if samples == 1 else "RGB",
        is_lossy=was_lossy, ratio=max(ratio, 1.0), icc=picture.icc if samples > 1 else b"",
    )  # fmt: skip
    return Frame(coded, JPEG_LS, pixels, header.rows, header.columns, samples > 1)


def _image_pixel(framed: Frame) -> dict[str, Element]:
    """Image Pixel (PS3.3 C.7.6.3)."""
    bits = framed.pixels.bits
    numbers = {
        "00280002": framed.pixels.samples,
        "00280010": framed.rows,
        "00280011": framed.columns,
        "00280100": 8 if bits <= 8 else 16,
        "00280101": bits,
        "00280102": bits - 1,
        "00280103": 0,
    }
    if framed.planar:
        numbers["00280006"] = 0
    return {tag: {"vr": "US", "Value": [number]} for tag, number in numbers.items()}


def _in_child(task: str, data: bytes, *wanted: str) -> bytes:
    """A function of `apps.dicom.pictures`, where a codec can't hurt."""
    try:
        return bytes(decoding.call(task, data, *wanted, seconds=_SECONDS))
    except (NotAPicture, Undecodable) as error:
        raise Invalid(str(error), [("file", str(error))]) from error


def _moment(taken: str, offset: str) -> datetime | None:
    """EXIF's date and time; by the server's clock where the camera tells no offset."""
    try:
        if offset:
            return datetime.strptime(f"{taken} {offset.replace(':', '')}", f"{_EXIF_TIME} %z")
        return datetime.strptime(taken, _EXIF_TIME).replace(tzinfo=get_default_timezone())
    except ValueError:
        return None
