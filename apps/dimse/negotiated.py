"""Extended negotiation of the query services (PS3.7 D.3.3.5, PS3.4 C.5.1.1): what is agreed beyond the baseline."""

from dataclasses import dataclass
from typing import Final, Self

from apps.dicom.network.association import Association

PATIENT_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.1.1"
STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
WORKLIST_FIND: Final = "1.2.840.10008.5.1.4.31"
# Relational queries, combined date-time matching, fuzzy matching of person names; not timezone adjustment, nor the
# conversion of multi-frame images. Of the worklist the first two are always 1 (PS3.4 K.5.1).
SUPPORTED: Final = {
    PATIENT_ROOT_FIND: bytes((1, 1, 1, 0, 0)),
    STUDY_ROOT_FIND: bytes((1, 1, 1, 0, 0)),
    WORKLIST_FIND: bytes((1, 1, 1, 0)),
}


@dataclass(frozen=True, slots=True)
class Negotiated:
    """How a query of this association matches. Relational queries are answered whether agreed or not."""

    is_combined: bool = False
    is_fuzzy: bool = False

    @classmethod
    def of(cls, association: Association, sop_class_uid: str) -> Self:
        """What was answered when the association was accepted."""
        agreed = extended(sop_class_uid, association.user.extended.get(sop_class_uid, b""))
        return cls(is_combined=agreed[1:2] == b"\1", is_fuzzy=agreed[2:3] == b"\1")


def extended(sop_class_uid: str, asked: bytes) -> bytes:
    """The answer to the application information of a SOP class: a byte for each that is asked, 1 for what is agreed.

    Empty for what is not negotiated here.
    """
    supported = SUPPORTED.get(sop_class_uid, b"")
    return bytes(int(wanted == 1 and known == 1) for wanted, known in zip(asked, supported, strict=False))
