"""Which UIDs name an object that comes in: its own, or assigned ones where it has none.

An object without a Study, Series or SOP Instance UID is kept rather than lost: it gets UIDs that follow from its
content (PS3.5 B.2), so that the same file gets the same ones again, and the sender is told. An object whose UIDs are
there but are none is refused.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from apps.archive.attributes import first, value
from apps.archive.outcomes import Identity
from apps.dicom.errors import CANNOT_UNDERSTAND, NOT_OF_ITS_SOP_CLASS
from apps.dicom.reader import Header
from apps.dicom.uids import is_valid_uid
from apps.saying import say

MEDIA_STORAGE_DIRECTORY: Final = "1.2.840.10008.1.3.10"
NAMES: Final = {
    "study_instance_uid": ("0020000D", "Study Instance UID"),
    "series_instance_uid": ("0020000E", "Series Instance UID"),
    "sop_instance_uid": ("00080018", "SOP Instance UID"),
    "sop_class_uid": ("00080016", "SOP Class UID"),
}
OTHER_THAN_EXPECTED: Final = {
    "study_instance_uid": say("It belongs to another study than the request names."),
    "series_instance_uid": say("It belongs to another series than the request names."),
    "sop_instance_uid": say("Its SOP Instance UID is not the one that the request names."),
    "sop_class_uid": say("Its SOP Class UID is not the one that the request names."),
}
ASSIGNABLE: Final = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")


class NotStorable(Exception):
    """The object can't be stored: the code for the machine (PS3.18 Annex I) and the text for the person who sent it."""

    def __init__(self, reason: str, failure_reason: int, identity: Identity) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure_reason = failure_reason
        self.identity = identity


def identify(header: Header, digest: bytes, expected: Identity) -> tuple[Identity, tuple[str, ...]]:
    """The object's identity, and a warning for each UID that was assigned; the header has them afterwards.

    `digest` is that of the content. An object whose UIDs are not those that `expected` has is refused.
    Raises NotStorable.
    """
    if MEDIA_STORAGE_DIRECTORY in (header.text("00080016"), _media_class(header)):
        reason = say("It is a DICOMDIR, the index of a medium and no image: import the folder that it lies in.")
        raise NotStorable(reason, NOT_OF_ITS_SOP_CLASS, Identity())
    warnings = tuple(_assign(header, field, digest) for field in ASSIGNABLE if not header.text(NAMES[field][0]))
    identity = Identity(**{field: header.text(tag) for field, (tag, _) in NAMES.items()})
    invalid = [name for field, (_, name) in NAMES.items() if not is_valid_uid(getattr(identity, field))]
    if invalid:
        raise NotStorable(
            say("It has no valid {names}.", names=", ".join(invalid)), CANNOT_UNDERSTAND, _only_valid(identity)
        )
    for field in NAMES:
        if (wanted := getattr(expected, field)) and getattr(identity, field) != wanted:
            raise NotStorable(OTHER_THAN_EXPECTED[field], NOT_OF_ITS_SOP_CLASS, identity)
    return identity, warnings


def told_identity(attributes: Mapping[str, Any]) -> Identity:
    """The identity that metadata tells, as far as it may be repeated to others."""
    return _only_valid(Identity(**{field: str(first(attributes, tag) or "") for field, (tag, _) in NAMES.items()}))


def _media_class(header: Header) -> str:
    values = header.file_meta.get("00020002", {}).get("Value") or [""]
    return str(values[0])


def _assign(header: Header, field: str, digest: bytes) -> str:
    tag, name = NAMES[field]
    number = hashlib.sha256(field.encode() + digest).digest()[:16]
    header.attributes[tag] = value("UI", f"2.25.{int.from_bytes(number, 'big')}")
    return say("It had no {name}; one was assigned.", name=name)


def _only_valid(identity: Identity) -> Identity:
    """The identity as far as it may be repeated to others."""
    return replace(Identity(), **{field: uid for field in NAMES if is_valid_uid(uid := getattr(identity, field))})
