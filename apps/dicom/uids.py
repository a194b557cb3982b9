"""Unique identifiers (PS3.5 9.1): the check that stands between a UID from outside and a path or a query."""

import re
from typing import Final
from uuid import uuid4

MAX_LENGTH: Final = 64
_COMPONENTS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_LEADING_ZERO: Final = re.compile(r"(?:^|\.)0[0-9]")


def is_valid_uid(text: str) -> bool:
    """Say whether `text` is digits joined by single dots, of 1 to 64 characters.

    Leading zeros in a component are against PS3.5 9.1 but common, and harmless: they pass
    (`is_strict_uid` tells). Nothing else does, so a valid UID is safe as a file name.
    """
    return len(text) <= MAX_LENGTH and _COMPONENTS.fullmatch(text) is not None


def is_strict_uid(text: str) -> bool:
    """Say whether `text` is a UID to the letter of PS3.5 9.1: valid, and no component has a leading zero."""
    return is_valid_uid(text) and _LEADING_ZERO.search(text) is None


def new_uid() -> str:
    """Return a UID that nobody else has, below 2.25 (PS3.5 B.2)."""
    return f"2.25.{uuid4().int}"
