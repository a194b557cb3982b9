"""The SOP classes and transfer syntaxes of the storage service: what the standard has, and what else samples hold."""

from typing import Final

from pydicom._uid_dict import UID_dictionary

from apps.dicom.network.negotiation import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN

# Real-time video (PS3.22) is never stored; MIME and XML are encodings of other things than Part 10 files.
_NEVER_STORED: Final = ("1.2.840.10008.1.2.6.", "1.2.840.10008.1.2.7.", "1.2.840.10008.1.20")
# Newer than pydicom's dictionary, or private: JPEG XL, deflated frames, GE's implicit VR with big endian pixels.
_FURTHER: Final = (
    "1.2.840.10008.1.2.4.110",
    "1.2.840.10008.1.2.4.111",
    "1.2.840.10008.1.2.4.112",
    "1.2.840.10008.1.2.8.1",
    "1.2.840.113619.5.2",
)
# Storage classes that are newer than pydicom's dictionary.
NEWER_CLASSES: Final = {
    "1.2.840.10008.5.1.4.1.1.9.100.1": "Waveform Presentation State Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.2": "Waveform Acquisition Presentation State Storage",
    "1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.66.8": "Height Map Segmentation Storage",
}
# Directories of media and commitment are no objects; inventories are of archives, not of patients.
_NO_OBJECTS: Final = ("1.2.840.10008.1.", "1.2.840.10008.5.1.4.1.1.201.")


def _of_kind(kind: str) -> list[tuple[str, str]]:
    """UIDs of the standard with their names."""
    return [(uid, entry[0]) for uid, entry in UID_dictionary.items() if entry[1] == kind]


TRANSFER_SYNTAXES: Final = tuple(
    dict.fromkeys(
        (
            EXPLICIT_VR_LITTLE_ENDIAN,
            IMPLICIT_VR_LITTLE_ENDIAN,
            *(uid for uid, _ in _of_kind("Transfer Syntax") if not uid.startswith(_NEVER_STORED)),
            *_FURTHER,
        )
    )
)
STORAGE_CLASSES: Final = (
    *(uid for uid, name in _of_kind("SOP Class") if "Storage" in name and not uid.startswith(_NO_OBJECTS)),
    *NEWER_CLASSES,
)
# What the standard has: a UID beside these is private, or newer than this software.
KNOWN: Final = frozenset(UID_dictionary)
