"""A message that is kept, as people read one: a line for each segment."""

from dataclasses import dataclass
from typing import Final

from apps.hl7.journal import content_of
from apps.hl7.models import Message
from apps.hl7.v2.charsets import DEFAULT, codec_of
from apps.hl7.v2.faults import Faulty

# Segments and characters of one that a page shows.
MOST_LINES: Final = 200
MOST_CHARACTERS: Final = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A segment's name, and the rest of it."""

    name: str
    fields: str


def lines_of(message: Message) -> list[Line]:
    """The beginning of the message; nothing where it is not kept. Raises Unsealable."""
    data = content_of(message)
    try:
        codec = codec_of(message.charset or message.sender.charset or DEFAULT)
    except Faulty:
        codec = "latin-1"
    text = data.decode(codec, "replace").replace("\n", "\r")
    lines = [line for line in text.split("\r") if line.strip()][:MOST_LINES]
    return [Line(line[:3], line[3:MOST_CHARACTERS]) for line in lines]
