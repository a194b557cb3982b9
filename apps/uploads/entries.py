"""What a walk through media comes upon: objects to store, and what is passed over, broken or missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Why something was passed over without being an error."""

    NOT_DICOM = "not DICOM"
    DIRECTORY = "DICOMDIR"
    LINK = "link to elsewhere"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry lies: the file on disk, as text for people and as a key, and its state.

    `weight` is how many bytes of that file the entry stands for, so that the weights of a whole walk add up to
    about what is on disk.
    """

    label: str
    key: bytes
    size: int
    modified_ns: int
    weight: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """What looks like a DICOM object. Its bytes can be read until the walk goes on, and raise Broken."""

    place: Place
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Other:
    """A file that is no DICOM object; its bytes can be read like a candidate's."""

    place: Place
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that is no object to store."""

    place: Place
    kind: Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that can't be read, and why, for the person who asked for it."""

    label: str
    reason: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that a DICOMDIR names and that is not there."""

    label: str


Entry = Candidate | Other | Passed | Problem | Missing


class Broken(Exception):
    """A source can't be read to its end; the text is for the person who asked for it."""
