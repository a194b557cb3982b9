"""What the walk does with an element by the look of its head: remembered, since headers are alike."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from apps.dicom.charset import Charset, Errors
from apps.dicom.dictionary import BIG_ENDIAN_TAGS, LITTLE_ENDIAN_TAGS, TagTable
from apps.dicom.values import LONG_VRS, Convert, Converters, Element, converters

_MAX_TABLES: Final = 64
_MAX_PLANNED: Final = 8192
_TAG_SIZE: Final = 4


def _aside(_raw: bytes) -> Element:
    raise ValueError("the walk looks closer at elements with an empty key")


class Plan(dict[bytes, tuple[str, Convert]]):
    """The key in DICOM JSON and the converter of an element by its head: tag and VR, or the tag alone.

    The key is "" where the walk must look closer. What was looked up is remembered, but not without bound:
    a file may hold any tag.
    """

    def __init__(self, tags: TagTable, known: Converters) -> None:
        super().__init__()
        self._tags = tags
        self._converters = known

    def __missing__(self, head: bytes) -> tuple[str, Convert]:
        key, vr = self._tags[head[:_TAG_SIZE]]
        convert = self._converters.get(head[_TAG_SIZE:] or vr)
        entry = (key, convert) if convert is not None else ("", _aside)
        if len(self) < _MAX_PLANNED:
            self[head] = entry
        return entry


@dataclass(frozen=True, slots=True)
class Tables:
    """The converters of a data set by VR, and the plans for its elements in Explicit and Implicit VR."""

    converters: Converters
    explicit: Plan
    implicit: Plan


@lru_cache(maxsize=_MAX_TABLES)
def tables(big_endian: bool, charset: Charset, errors: Errors = "strict") -> Tables:
    """Return the tables for a byte order and a Specific Character Set."""
    tags = BIG_ENDIAN_TAGS if big_endian else LITTLE_ENDIAN_TAGS
    known = converters(big_endian, charset, errors)
    short = {vr: convert for vr, convert in known.items() if vr not in LONG_VRS}
    return Tables(known, Plan(tags, short), Plan(tags, known))
