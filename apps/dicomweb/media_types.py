"""Which media type the pixel data of each transfer syntax has (PS3.18 tables 8.7.3-2, 8.7.3-3 and 8.7.3-5)."""

from typing import Final

OCTETS: Final = "application/octet-stream"
DICOM: Final = "application/dicom"
DICOM_JSON: Final = "application/dicom+json"
DICOM_XML: Final = "application/dicom+xml"
JSON: Final = "application/json"
ZIP: Final = "application/zip"

_TRANSFER_SYNTAXES: Final = {
    "image/jpeg": ("4.50", "4.51", "4.57", "4.70"),
    "image/jls": ("4.80", "4.81"),
    "image/jp2": ("4.90", "4.91"),
    "image/jpx": ("4.92", "4.93"),
    "image/jphc": ("4.201", "4.202", "4.203"),
    "image/jxl": ("4.110", "4.111", "4.112"),
    "image/dicom-rle": ("5",),
    "video/mpeg": ("4.100", "4.100.1", "4.101", "4.101.1"),
    "video/mp4": (
        *("4.102", "4.102.1", "4.103", "4.103.1", "4.104", "4.104.1"),
        *("4.105", "4.105.1", "4.106", "4.106.1", "4.107", "4.108"),
    ),
}
PIXEL_TYPES: Final = {
    f"1.2.840.10008.1.2.{suffix}": media_type
    for media_type, suffixes in _TRANSFER_SYNTAXES.items()
    for suffix in suffixes
}


def of_pixels(transfer_syntax_uid: str) -> str:
    """The media type of a frame in this transfer syntax; octets for native ones and unknown ones."""
    return PIXEL_TYPES.get(transfer_syntax_uid, OCTETS)
