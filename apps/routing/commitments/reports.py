"""A destination's report of what it keeps: its data set (PS3.4 table J.3-2), and what it comes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import decode
from apps.dicom.limits import MIB, Limits
from apps.dicom.network.command import Status
from apps.saying import say

# A report names as many instances as were asked about, and a few of our own make are long.
MOST_REFERENCES: Final = 2000
REPORT_BYTES: Final = MIB
_LIMITS: Final = Limits(
    header_bytes=REPORT_BYTES, depth=4, elements=20 * MOST_REFERENCES, values=20 * MOST_REFERENCES, escapes=1000,
    inflated_bytes=REPORT_BYTES, frames=1, inline_bytes=MIB, value_bytes=MIB,
)  # fmt: skip
# Failure Reason (0008,1197), PS3.3 C.14.1.1.
_REASONS: Final[Mapping[int, str]] = {
    Status.PROCESSING_FAILURE: "it could not look",
    Status.NO_SUCH_OBJECT_INSTANCE: "it does not have it",
    Status.RESOURCE_LIMITATION: "it has too much to do",
    Status.SOP_CLASS_NOT_SUPPORTED: "it does not keep objects of this SOP class",
    Status.CLASS_INSTANCE_CONFLICT: "it has another object under this UID",
    0x0131: "it has used this transaction for something else",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The SOP Instance UIDs that are kept there, and those that are not with the Failure Reason."""

    transaction_uid: str
    kept: frozenset[tuple[str, str]]
    failed: Mapping[str, int]


def read(data: bytes, transfer_syntax_uid: str) -> Report:
    """The report in the data set of an N-EVENT-REPORT. Raises Unreadable."""
    found = decode(data, transfer_syntax_uid, _LIMITS)
    transaction = _value(found, "00081195")
    if not isinstance(transaction, str) or not transaction:
        raise Unreadable(say("The report has no Transaction UID."))
    failed = {str(_value(item, "00081155")): _reason(item) for item in _items(found, "00081198")}
    kept = (_pair(item) for item in _items(found, "00081199"))
    return Report(transaction, frozenset(pair for pair in kept if pair[1] not in failed), failed)


def words(reason: int) -> str:
    """A Failure Reason for people."""
    return _REASONS.get(reason, f"it gives the reason {reason:04X}")


def _pair(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(_value(item, "00081150")), str(_value(item, "00081155"))


def _reason(item: Mapping[str, Any]) -> int:
    value = _value(item, "00081197")
    return value if isinstance(value, int) else Status.PROCESSING_FAILURE


def _items(found: Mapping[str, Any], tag: str) -> Iterable[Mapping[str, Any]]:
    return [item for item in found.get(tag, {}).get("Value") or () if isinstance(item, Mapping)]


def _value(item: Mapping[str, Any], tag: str) -> object:
    return next(iter(item.get(tag, {}).get("Value") or ()), None)
