"""Checking a signed report by the address that stands on it: what anybody may know who holds the paper.

It says who signed when, whether that is the last word, and whether a file is the very one; nothing of the patient.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.core import rates
from apps.core.errors import NotFound, TooManyAttempts
from apps.reports.content.document import Document
from apps.reports.models import Signature
from apps.saying import say

# Looks by one address in a minute: nobody guesses 256 bits, but a page that anybody may open is to stay cheap.
MOST_A_MINUTE: Final = 30
NO_SUCH: Final = say("This address leads to no report. Look whether it is complete, or scan the code again.")
TOO_MANY: Final = say("Too many reports were looked for from here. Wait a minute, then try again.")
_PADDING: Final = b"\0"


@dataclass(frozen=True, slots=True)
class Verified:
    """What is told of a signature; `name` is as DICOM writes it (PN).

    `is_intact` is whether what was signed is as it was then; `newer_at` is when the report was signed again since, None
    where this is the last word.
    """

    practice: str
    name: str
    credentials: str
    signed_at: datetime
    number: int
    digest: str
    pdf_digest: str
    is_intact: bool
    newer_at: datetime | None


def take_a_look(address: str) -> None:
    """Count a look from this address. Raises TooManyAttempts."""
    if rates.take(f"verification {address}", MOST_A_MINUTE).is_over:
        raise TooManyAttempts(TOO_MANY)


def find(secret: str) -> Signature:
    """The signature of this secret. Raises NotFound."""
    rows = Signature.objects.select_related("report__study__practice")
    row = rows.filter(verification=secret).first() if secret else None
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def verified(row: Signature) -> Verified:
    """What is told of it."""
    newer = Signature.objects.filter(report=row.report_id, number__gt=row.number).order_by("-number")
    return Verified(
        practice=row.report.study.practice.name,
        name=row.name,
        credentials=row.credentials,
        signed_at=row.signed_at,
        number=row.number,
        digest=row.digest,
        pdf_digest=row.pdf_digest,
        is_intact=_is_intact(row),
        newer_at=newer.values_list("signed_at", flat=True).first(),
    )


def is_the_file(row: Signature, chunks: Iterable[bytes]) -> bool:
    """Whether these are the bytes of the signature's PDF, with or without the one that pads it in a DICOM object
    (PS3.3 C.24.2)."""
    before, last = hashlib.sha256(), b""
    for chunk in chunks:
        before.update(last)
        last = bytes(chunk)
    unpadded = before.copy()
    before.update(last)
    unpadded.update(last.removesuffix(_PADDING))
    return bool(row.pdf_digest) and row.pdf_digest in (before.hexdigest(), unpadded.hexdigest())


def _is_intact(row: Signature) -> bool:
    """Whether the digest is that of the document, and is the one that was signed."""
    try:
        document = Document.from_json(row.document)
    except (KeyError, TypeError, ValueError):
        return False
    signed = document.signed
    return signed is not None and document.digest() == row.digest == signed.digest
