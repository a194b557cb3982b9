"""UIDs of what pictures become (PS3.5 B.2): they follow from the content and the lead, so that the same is the same."""

import hashlib
from datetime import date

from apps.practice.models import Lead


def study_uid(lead: Lead, day: date) -> str:
    """The study of a lead's pictures of a day, by the practice's clock."""
    return _uid("study", lead.practice_id, lead.pk, day.isoformat())


def series_uid(study: str, *facts: str) -> str:
    """A series within that study: of those that have the same facts."""
    return _uid("series", study, *facts)


def sop_uid(lead: Lead, digest: bytes) -> str:
    """The object of a picture, by the digest of the file's bytes."""
    return _uid("instance", lead.practice_id, lead.pk, digest.hex())


def _uid(*parts: object) -> str:
    number = hashlib.sha256("/".join(map(str, ("fovea", *parts))).encode()).digest()[:16]
    return f"2.25.{int.from_bytes(number, 'big')}"
