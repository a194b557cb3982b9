"""Dates, times and names of DICOM as people write them (PS3.5 6.2)."""

import re
from typing import Final

_DATE_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d{2,6})?(\.\d+)?([+-]\d{4})?", re.ASCII)
_TIME: Final = re.compile(r"(\d\d)(\d\d)?(\d\d)?(\.\d+)?", re.ASCII)
# Embeddings, overrides and isolates of the bidirectional algorithm (Unicode UAX #9, 2.1 to 2.5): no name needs them.
_TURNING: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def spoken_date(written: str) -> str:
    """Return a DA or DT as `2024-01-31` or `2024-01-31 10:15:30`; anything else as it is."""
    match = _DATE_TIME.fullmatch(written)
    if match is None:
        return written
    year, month, day, time, _, zone = match.groups()
    offset = f"{zone[:3]}:{zone[3:]}" if zone else ""
    return " ".join(filter(None, (f"{year}-{month}-{day}", spoken_time(time or ""), offset)))


def spoken_time(written: str) -> str:
    """Return a TM as `10:15:30`, without fractions of seconds; anything else as it is."""
    match = _TIME.fullmatch(written)
    return ":".join(filter(None, match.groups()[:3])) if match else written


def unturned(text: str) -> str:
    """Return a text without what would make it, or the text behind it, look like another one."""
    return text.translate(_TURNING)


def spoken_name(written: str) -> str:
    """Return a PN's family name, and after a comma its other parts: `Doe, Jane Mary`."""
    family, _, others = unturned(written).partition("=")[0].partition("^")
    given = " ".join(part for part in others.split("^") if part)
    return ", ".join(filter(None, (family, given)))
