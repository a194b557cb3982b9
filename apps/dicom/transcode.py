"""One frame from one transfer syntax to another; a task for a child process (`apps.dicom.isolation`)."""

from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.encoders import ENCODERS, encode_rle
from apps.dicom.pixels import CODEC_ERRORS
from apps.dicom.representation import RLE
from apps.dicom.samples import native_frame, values
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN
from apps.saying import say


def transcode_frame(
    data: bytes, description: PixelDescription, source: str, form: PixelDescription, target: str
) -> bytes:
    """Return a frame stored as `description` in `source` as one of `form` in `target`: see `representation.form_in`.

    `data` are the frame's own bytes, native ones little endian. The result is a native frame, or the bare codestream.
    Raises Undecodable.
    """
    if target == EXPLICIT_VR_LITTLE_ENDIAN:
        return native_frame(data, description, source, form)
    if target == RLE:
        return encode_rle(native_frame(data, description, source, form), form)
    samples = values(data, description, source, form.photometric_interpretation)
    try:
        return ENCODERS[target](samples, form)
    except CODEC_ERRORS as error:
        raise Undecodable(say("The frame can't be encoded in the transfer syntax {target}.", target=target)) from error
