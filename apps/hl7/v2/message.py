"""A message read as it is asked for: segments at once, fields when somebody looks (HL7 v2.9, 2.5 and 2.6).

Fields, repetitions, components and subcomponents are counted from 1, as the standard does. A field that is empty is
not said; one that is `NULL` is said to be nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from apps.hl7.v2 import escapes
from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.saying import say

NULL: Final = '""'
MOST_SEGMENTS: Final = 2000
MOST_FIELDS: Final = 400
MOST_REPETITIONS: Final = 100
MOST_PARTS: Final = 60
_NAME: Final = re.compile(r"[A-Z][A-Z0-9]{2}")
NO_MESSAGE: Final = say("A message begins with MSH and its five delimiters, such as MSH|^~\\&.")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The signs that divide a message (MSH-1 and MSH-2); those that it leaves out are empty, and divide nothing."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @classmethod
    def of(cls, text: str) -> Self:
        """As the beginning of a message says. Raises Faulty."""
        if not text.startswith("MSH") or len(text) < 5:
            raise Faulty(Condition.SEGMENT_SEQUENCE, NO_MESSAGE, Place("MSH"))
        marks = text[3], *text[4:10].partition(text[3])[0]
        # HL7 v2.7 has a fifth one in MSH-2, for values that were cut short: it divides nothing.
        if len(marks) < 2 or len(set(marks)) < len(marks) or not all(map(_may_divide, marks)):
            raise Faulty(Condition.SEGMENT_SEQUENCE, NO_MESSAGE, Place("MSH", 2))
        return cls(*(*marks[:5], *[""] * (5 - len(marks))))

    def named(self) -> dict[str, str]:
        """By the letters of their escape sequences (2.7.1)."""
        return {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape,
        }  # fmt: skip

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return f"{self.component}{self.repetition}{self.escape}{self.subcomponent}"


class Segment:
    """One line of a message. `index` tells which one of its name it is."""

    __slots__ = ("_codec", "_fields", "_line", "_marks", "index", "name")

    def __init__(self, line: str, marks: Delimiters, codec: str, index: int = 1) -> None:
        self.name = line[:3]
        self.index = index
        self._line = line
        self._marks = marks
        self._codec = codec
        self._fields: list[str] | None = None

    def raw(self, field: int) -> str:
        """A field as it stands; empty for one that there isn't. Raises Faulty for a segment with too many."""
        if self._fields is None:
            self._fields = self._line.split(self._marks.field, MOST_FIELDS + 1)
            if len(self._fields) > MOST_FIELDS + 1:
                text = say("A segment has at most {most} fields.", most=MOST_FIELDS)
                raise Faulty(Condition.DATA_TYPE, text, self.place())
        # MSH-1 is the delimiter itself, which the split has taken away.
        at = field - (self.name == "MSH")
        return self._fields[at] if at < len(self._fields) else ""

    def repetitions(self, field: int) -> list[str]:
        """The repetitions of a field that say anything, as they stand. Raises Faulty for too many."""
        parts = _split(self.raw(field), self._marks.repetition, MOST_REPETITIONS)
        if len(parts) > MOST_REPETITIONS:
            text = say("A field has at most {most} repetitions.", most=MOST_REPETITIONS)
            raise Faulty(Condition.DATA_TYPE, text, self.place(field))
        return [part for part in parts if part]

    def part(self, repetition: str, component: int, subcomponent: int = 1) -> str:
        """A subcomponent of a repetition, as text without spaces around it; empty for NULL too."""
        components = _split(repetition, self._marks.component, MOST_PARTS)
        if component > len(components):
            return ""
        found = _split(components[component - 1], self._marks.subcomponent, MOST_PARTS)
        text = found[subcomponent - 1] if subcomponent <= len(found) else ""
        return "" if text == NULL else escapes.unescaped(text, self._marks, self._codec).strip()

    def value(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """Of a field's first repetition, as `part`."""
        first = _split(self.raw(field), self._marks.repetition, 1)[0]
        return self.part(first, component, subcomponent)

    def is_null(self, field: int) -> bool:
        """Whether the field is said to be nothing."""
        return self.raw(field) == NULL

    def place(self, field: int = 0, component: int = 0) -> Place:
        return Place(self.name, field, component, self.index)


@dataclass(frozen=True, slots=True)
class Message:
    """The segments of a message, in their order."""

    segments: tuple[Segment, ...]

    def first(self, name: str) -> Segment | None:
        return next(self.all(name), None)

    def all(self, *names: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name in names)

    def needed(self, name: str) -> Segment:
        """The first segment of the name. Raises Faulty where there is none."""
        if found := self.first(name):
            return found
        text = say("The message has no {name} segment. Perhaps it was cut.", name=name)
        raise Faulty(Condition.SEGMENT_SEQUENCE, text, Place(name))


def parse(text: str, codec: str = "utf_8") -> Message:
    """Read a message. Segments end with CR; LF and both together are taken too. Raises Faulty."""
    marks = Delimiters.of(text)
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    if text.count("\r") > MOST_SEGMENTS:
        detail = say("A message has at most {most} segments.", most=MOST_SEGMENTS)
        raise Faulty(Condition.SEGMENT_SEQUENCE, detail, is_rejection=True)
    counts: dict[str, int] = {}
    segments = []
    for number, line in enumerate(text.split("\r"), start=1):
        if not line.strip():
            continue
        name = line[:3]
        if not _NAME.fullmatch(name) or line[3:4] not in ("", marks.field):
            detail = say("Line {number} begins with no segment's name.", number=number)
            raise Faulty(Condition.SEGMENT_SEQUENCE, detail)
        counts[name] = counts.get(name, 0) + 1
        segments.append(Segment(line, marks, codec, counts[name]))
    return Message(tuple(segments))


def _split(text: str, mark: str, most: int) -> list[str]:
    """At most one part more than `most`, which holds the rest."""
    return text.split(mark, most) if mark else [text]


def _may_divide(sign: str) -> bool:
    return "!" <= sign <= "~" and not sign.isalnum()
