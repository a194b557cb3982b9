"""Headers as they leave: the stored ones, with their study's corrections."""

from typing import Any

import orjson

from apps.dicom.modifications import modified, unpacked


def corrected(attributes: dict[str, Any], correction: bytes) -> dict[str, Any]:
    """A header in DICOM JSON with the study's `correction`; the same object where there is none."""
    return modified(attributes, unpacked(correction)) if correction else attributes


def corrected_text(header: bytes, correction: bytes) -> bytes:
    """The same of a header as text."""
    if not correction:
        return header
    return orjson.dumps(corrected(orjson.loads(header), correction), option=orjson.OPT_SORT_KEYS)
