"""The tables of the conformance statement for the DICOM network (PS3.2 annex F) that follow from the code."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from pydicom.uid import UID

from apps.core.languages import in_english
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.network import pdu
from apps.dicom.network.command import ANSWER, Field, Status
from apps.dicom.network.wire import MAX_PDU
from apps.dicom.syntax import name_of
from apps.dicomweb.conformance import Tables, table
from apps.dimse import negotiated
from apps.dimse.limits import Limits
from apps.dimse.offers import SERVED
from apps.dimse.services import HANDLERS
from apps.dimse.services.performed import NO_LONGER_UPDATED
from apps.dimse.syntaxes import NEWER_CLASSES, STORAGE_CLASSES, TRANSFER_SYNTAXES
from apps.remotes.trust import CIPHERS

_EXTENDED: Final = (
    "relational queries",
    "combined date-time matching",
    "fuzzy matching of person names",
    "timezone query adjustment",
    "enhanced multi-frame conversion",
)


# How reports of performed steps are answered.
_PERFORMED: Final = (
    (Status.SUCCESS, "all", "It is kept, or what was asked for follows."),
    (Status.ATTRIBUTE_LIST_ERROR, "N-SET, N-GET", "Some attributes may not be set, or are not there (warning)."),
    (Status.INVALID_ATTRIBUTE_VALUE, "N-CREATE, N-SET", "The status is none, or at the creation not IN PROGRESS."),
    (Status.PROCESSING_FAILURE, "N-SET", f"It has ended (Error ID {NO_LONGER_UPDATED:04X})."),
    (Status.PROCESSING_FAILURE, "all", "The attributes can't be read or kept."),
    (Status.DUPLICATE_SOP_INSTANCE, "N-CREATE", "There is a performed step of this UID."),
    (Status.NO_SUCH_OBJECT_INSTANCE, "N-SET, N-GET", "There is none of this UID."),
    (Status.INVALID_SOP_INSTANCE, "N-CREATE", "Its UID is none."),
    (Status.MISSING_ATTRIBUTE, "N-CREATE", "An attribute of type 1 is missing."),
    (Status.MISSING_ATTRIBUTE_VALUE, "N-CREATE", "An attribute of type 1 has no value."),
    (Status.NOT_AUTHORISED, "all", "This remote, or the user at it, may not report."),
)


def _network() -> str:
    limits = Limits()
    rows = (
        ("Implementation Class UID", f"`{IMPLEMENTATION_CLASS_UID}`"),
        ("Implementation Version Name", f"`{IMPLEMENTATION_VERSION_NAME}`"),
        ("Application Context", f"`{pdu.APPLICATION_CONTEXT}`"),
        ("Longest PDU received", f"{MAX_PDU:,} bytes"),
        ("Shortest maximum PDU length of a peer", f"{pdu.MIN_PDU} bytes; 0 is no limit"),
        ("Presentation contexts of an association", f"{pdu.MAX_CONTEXTS}"),
        ("Operations at a time on an association", "1: asynchronous operations are not negotiated"),
        ("Associations at once", f"{limits.associations}, of one address {limits.per_host}"),
        ("Time for the request for an association", f"{limits.request:g} s, and as much for the TLS handshake"),
        ("Time for a PDU", f"{limits.pdu:g} s"),
        ("Time between two messages", f"{limits.idle:g} s"),
        ("Matches of a C-FIND", f"{settings.DIMSE_MATCHES:,}"),
        ("TLS 1.2 cipher suites", f"`{CIPHERS}`"),
    )
    return table(("", ""), rows)


def _services() -> str:
    return table(("SOP Class", "UID", "Request", "A remote needs"), _of_services())


def _of_services() -> Iterator[tuple[str, ...]]:
    for served in SERVED:
        if not served.field & ANSWER and served.field in HANDLERS:
            for uid in sorted(served.classes):
                yield UID(uid).name, f"`{uid}`", _name(served.field), in_english(served.service.label)


def _storage() -> str:
    return table(
        ("SOP Class", "UID"),
        ((NEWER_CLASSES.get(uid) or UID(uid).name, f"`{uid}`") for uid in sorted(STORAGE_CLASSES, key=_numbers)),
    )


def _syntaxes() -> str:
    rows = ((name_of(uid), f"`{uid}`") for uid in sorted(TRANSFER_SYNTAXES, key=_numbers))
    return table(("Transfer Syntax", "UID"), rows)


def _extended() -> str:
    rows = (
        (UID(uid).name, *("yes" if byte else "no" for byte in answer.ljust(len(_EXTENDED), b"\0")))
        for uid, answer in negotiated.SUPPORTED.items()
    )
    return table(("SOP Class", *_EXTENDED), rows)


def _performed_step() -> str:
    return table(("Status", "of", "when"), ((f"{status:04X}", *said) for status, *said in _PERFORMED))


def _name(field: int) -> str:
    return Field(field).name.replace("_", "-")


def _numbers(uid: str) -> list[int]:
    return [int(part) for part in uid.split(".")]


TABLES: Final[Tables] = {
    "network": _network,
    "network_services": _services,
    "storage": _storage,
    "network_syntaxes": _syntaxes,
    "extended_negotiation": _extended,
    "performed_step": _performed_step,
}
