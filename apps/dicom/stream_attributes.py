"""The Image Pixel Description attributes (PS3.3 C.7.6.3) that a compressed stream tells by itself.

Senders of photographs and the like may leave them out of their metadata (PS3.18 10.5.1.1).
"""

from typing import Any, Final

from apps.dicom.codestream import JpegHeader, jpeg_2000_codestream, jpeg_2000_header, jpeg_header
from apps.dicom.description import Undecodable
from apps.dicom.values import Element

_JPEG_2000: Final = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in ("90", "91", "92", "93", "201", "202", "203"))
_JPEG_2000_LOSSLESS: Final = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in ("90", "92", "201", "202"))
_JPEG: Final = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in ("50", "51", "57", "70", "80", "81"))
_JPEG_LS_PROCESS: Final = 0xF7
_COMPONENT_PRECISION: Final = 42
_RGB_IDS: Final = (b"R"[0], b"G"[0], b"B"[0])


def stream_attributes(start: bytes, transfer_syntax_uid: str) -> dict[str, Element]:
    """Return the attributes by tag, from how the first frame starts; {} where the stream doesn't tell."""
    try:
        if transfer_syntax_uid in _JPEG:
            return _of_jpeg(jpeg_header(start))
        if transfer_syntax_uid in _JPEG_2000:
            return _of_jpeg_2000(jpeg_2000_codestream(start), transfer_syntax_uid)
    except Undecodable:
        return {}
    return {}


def _of_jpeg(header: JpegHeader) -> dict[str, Element]:
    components = len(header.component_ids)
    return _attributes(header.rows, header.columns, components, _jpeg_colours(header), header.precision)


def _jpeg_colours(header: JpegHeader) -> str:
    """Return what the components of a colour image are: by the Adobe marker, by their names, or by custom."""
    is_rgb = header.adobe_transform == 0 or header.component_ids == _RGB_IDS
    if is_rgb or header.is_lossless or header.process == _JPEG_LS_PROCESS:
        return "RGB"
    return "YBR_FULL_422" if header.is_subsampled else "YBR_FULL"


def _of_jpeg_2000(codestream: bytes, transfer_syntax_uid: str) -> dict[str, Element]:
    header = jpeg_2000_header(codestream)
    transformed = "YBR_RCT" if transfer_syntax_uid in _JPEG_2000_LOSSLESS else "YBR_ICT"
    depth = codestream[_COMPONENT_PRECISION] if len(codestream) > _COMPONENT_PRECISION else 7
    colours = transformed if header.has_colour_transform else "RGB"
    return _attributes(header.rows, header.columns, header.components, colours, (depth & 0x7F) + 1, signed=depth >> 7)


def _attributes(
    rows: int, columns: int, components: int, colours: str, bits: int, signed: int = 0
) -> dict[str, Element]:
    found: dict[str, tuple[str, Any]] = {
        "00280002": ("US", components),
        "00280004": ("CS", colours if components > 1 else "MONOCHROME2"),
        "00280010": ("US", rows),
        "00280011": ("US", columns),
        "00280100": ("US", 8 if bits <= 8 else 16),
        "00280101": ("US", bits),
        "00280102": ("US", bits - 1),
        "00280103": ("US", signed),
    }
    if components > 1:
        found["00280006"] = ("US", 0)
    return {tag: {"vr": vr, "Value": [value]} for tag, (vr, value) in found.items()}
