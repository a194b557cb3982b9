"""What a message's first segment (MSH) says: who sends what to whom, and how it is to be answered."""

from dataclasses import dataclass, field
from typing import Final, Self

from apps.hl7.v2 import charsets
from apps.hl7.v2.message import Delimiters, Segment

# Bytes of MSH that are looked at.
MOST: Final = 4096
_CHARSET: Final = 18


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of MSH (HL7 v2.9, 2.14.9) that matter here; one without them is for what could not be read."""

    marks: Delimiters = field(default_factory=Delimiters)
    application: str = ""
    facility: str = ""
    receiving_application: str = ""
    receiving_facility: str = ""
    kind: str = ""
    event: str = ""
    control_id: str = ""
    processing_id: str = ""
    version: str = ""
    accept: str = ""
    applies: str = ""
    charset: str = ""

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Of a message whose character set is yet to be known: its bytes are read one by one. Raises Faulty."""
        line = data[:MOST].partition(b"\r")[0].partition(b"\n")[0]
        text = line.decode("latin-1")
        marks = Delimiters.of(text)
        charset = _charset(text.split(marks.field))
        msh = Segment(_again(line, charset), marks, "latin-1")
        return cls(
            marks=marks,
            application=msh.value(3),
            facility=msh.value(4),
            receiving_application=msh.value(5),
            receiving_facility=msh.value(6),
            kind=msh.value(9),
            event=msh.value(9, 2),
            control_id=msh.value(10),
            processing_id=msh.value(11),
            version=msh.value(12),
            accept=msh.value(15).upper(),
            applies=msh.value(16).upper(),
            charset=charset,
        )

    @property
    def trigger(self) -> str:
        """Message type and event, such as ADT^A04."""
        return f"{self.kind}^{self.event}" if self.event else self.kind

    @property
    def is_enhanced(self) -> bool:
        """Whether it asks for the enhanced mode of acknowledging (HL7 v2.9, 2.9.3)."""
        return bool(self.accept or self.applies)


def _charset(fields: list[str]) -> str:
    """MSH-18: characters of several bytes may hold a delimiter before it, so that what comes later is looked at too."""
    said = fields[_CHARSET - 1] if len(fields) >= _CHARSET else ""
    if not charsets.is_known(said.partition("~")[0]):
        said = next((each for each in fields[_CHARSET:] if charsets.is_known(each)), said)
    return said.strip()


def _again(line: bytes, charset: str) -> str:
    """The line in the character set that it names, where it is one."""
    known = all(map(charsets.is_known, filter(None, charset.split("~"))))
    return line.decode(charsets.codec_of(charset) if known else "latin-1", "replace")
