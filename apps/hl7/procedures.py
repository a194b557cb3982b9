"""What a sender's codes come to: the modality of each, and the device where that is always the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from apps.saying import say

MOST: Final = 500
# A code may have spaces where it stands in quotation marks.
_LINE: Final = re.compile(r'(?:"([^"]{1,64})"|([^\s"]{1,64}))\s+([A-Z0-9_]{1,16})(?:\s+([!-\[\]-~]{1,16}))?')


@dataclass(frozen=True, slots=True)
class Procedure:
    """`station_title` is an AE title; empty for any device of the modality."""

    modality: str
    station_title: str = ""


@lru_cache(maxsize=64)
def table_of(text: str) -> Mapping[str, Procedure]:
    """The procedures by their codes, in capitals. Raises ValueError with a text for who wrote it."""
    lines = [line.strip() for line in text.splitlines()]
    table: dict[str, Procedure] = {}
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(
                say(
                    "Line {number}: write a code, a modality and perhaps an AE title, such as PANO PX PANORAMIC1.",
                    number=number,
                )
            )
        quoted, plain, modality, title = found.groups()
        table[(quoted or plain).upper()] = Procedure(modality, title or "")
    if len(table) > MOST:
        raise ValueError(say("At most {most} codes.", most=MOST))
    return table
