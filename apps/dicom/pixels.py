"""One frame of an image, in any transfer syntax that an open codec reads, as an array of samples."""

import logging
import zlib
from typing import Any

from numpy.typing import NDArray

from apps.dicom.codecs import DECODERS, VIDEO_SYNTAXES, Decoder
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.native import decode_native
from apps.saying import say

__all__ = ["PixelDescription", "Undecodable", "decode_frame"]

logger = logging.getLogger(__name__)

# Explicit VR Big Endian, and GE's private Implicit VR syntax whose pixels alone are big endian.
NATIVE_BIG_ENDIAN = ("1.2.840.10008.1.2.2", "1.2.840.113619.5.2")
# The codecs' own errors are among these.
CODEC_ERRORS = (ValueError, RuntimeError, MemoryError, zlib.error)
NATIVE_LITTLE_ENDIAN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99")


def decode_frame(data: bytes, description: PixelDescription, transfer_syntax_uid: str) -> NDArray[Any]:
    """Return the samples of one frame: (rows, columns), or (rows, columns, 3) in RGB.

    `data` are the frame's own bytes: native ones in the byte order of the transfer syntax (inflated already,
    where the data set is deflated; single bits packed from the lowest), or the bare codestream. Grey values
    and palette indices are the stored values, of the header's sign and without the bits above Bits Stored;
    Float and Double Float Pixel Data are float32 and float64. Raises Undecodable.
    """
    description.check()
    if transfer_syntax_uid in NATIVE_LITTLE_ENDIAN:
        return decode_native(data, description)
    if transfer_syntax_uid in NATIVE_BIG_ENDIAN:
        return decode_native(data, description, big_endian=True)
    if transfer_syntax_uid in VIDEO_SYNTAXES:
        raise Undecodable(say("The image is a video stream; it has no frames that can be shown one by one."))
    decoder = DECODERS.get(transfer_syntax_uid)
    if decoder is None:
        raise Undecodable(
            say("There is no decoder for the transfer syntax {value}.", value=transfer_syntax_uid or "(none)")
        )
    return run_decoder(decoder, data, description, transfer_syntax_uid)


def run_decoder(decoder: Decoder, data: bytes, description: PixelDescription, transfer_syntax_uid: str) -> NDArray[Any]:
    """Return what a decoder makes of a compressed frame; whatever it raises becomes Undecodable."""
    try:
        return decoder(data, description)
    except Undecodable:
        raise
    except CODEC_ERRORS as error:
        # The codecs' words mean nothing to a reader.
        logger.info("A %s frame can't be decoded: %s", transfer_syntax_uid, error)
        raise Undecodable(say("The compressed frame is damaged, or isn't of its transfer syntax.")) from error
