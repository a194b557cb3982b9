"""What the objects of one signing say of themselves: what they are called, in whose words, and when it was signed."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Final

from pydicom.dataset import Dataset

from apps.dicom.sr_tree import Code
from apps.reports.content.document import Document, Signed

# PS3.16 CID 7000: what a report is where its template says nothing.
IMAGING_REPORT: Final = Code("Diagnostic Imaging Report", "18748-4", "LN")
SCHEME: Final = "99FOVEA"
# What Code Meaning (LO) holds.
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Moment:
    """When a document was signed, as an object says it: DA and TM by its own clock, and DT with the zone."""

    date: str
    time: str
    full: str


def signed_of(document: Document) -> Signed:
    """Raises ValueError for a document that nobody has signed: such leave as no object."""
    if document.signed is None:
        raise ValueError("Only signed documents become objects.")
    return document.signed


def moment_of(signed: Signed, made: Dataset) -> Moment:
    """When it was signed, by the clock of the object's Timezone Offset From UTC where it has one (C.12.1.1.7)."""
    at = datetime.fromisoformat(signed.at)
    zone = _zone(str(made.get("TimezoneOffsetFromUTC") or ""))
    local = at.astimezone(zone) if zone and at.tzinfo else at
    return Moment(f"{local:%Y%m%d}", f"{local:%H%M%S}", at.strftime("%Y%m%d%H%M%S%z"))


def title_of(document: Document) -> Code:
    """The document's title as a code."""
    return worded(document.code or IMAGING_REPORT, document.title)


def worded(code: Code, words: str) -> Code:
    """The code with the words that the report has for it, in its language: Code Meaning is for people (PS3.3 8.3).

    What has no code gets one of this software's own, which follows from the words.
    """
    meaning = " ".join(words.split())[:_LONGEST] or code.said or "Untitled"
    if code.value and code.scheme:
        return Code(meaning, code.value, code.scheme)
    return Code(meaning, sha256(meaning.encode()).hexdigest()[:16], SCHEME)


def _zone(offset: str) -> timezone | None:
    """+0130 as a zone; None for what is none."""
    sign, digits = offset[:1], offset[1:]
    if sign not in ("+", "-") or len(digits) != 4 or not digits.isdecimal():
        return None
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(ahead if sign == "+" else -ahead) if ahead < timedelta(days=1) else None
