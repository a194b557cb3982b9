"""A report as slides: what stands on each, for whoever presents the case."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from apps.dicom.spoken import spoken_date, unturned
from apps.reports.content.document import Document, Examination, Passage, Person
from apps.reports.printing.charts import said_value
from apps.reports.printing.heads import full_name
from apps.reports.printing.parts import Picture, Tell
from apps.saying import say

# Lines of a slide; longer texts go on on the next one.
MOST_LINES: Final = 12
LINE_LENGTH: Final = 90
MOST_ROWS: Final = 10
MOST_SLIDES: Final = 120
# Of a word of a name that is taken out of the texts; shorter ones are too often part of another word.
_SHORTEST_NAME: Final = 3
REMOVED: Final = "[…]"


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide: a title, then lines, a table (rows of cells, the first its head) or a picture (its file)."""

    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    picture: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Deck:
    """All slides, the title's first."""

    title: str
    lines: tuple[str, ...]
    slides: tuple[Slide, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def deck_of(document: Document, pictures: Sequence[Picture], tell: Tell) -> Deck:
    """The slides of a document; each picture's address is the name of its file."""
    slides = [
        *(slide for passage in document.passages for slide in _passage(passage)),
        *(_picture(each, number, tell) for number, each in enumerate(pictures, 1)),
        *_measurements(document, tell),
    ]
    return Deck(_clean(document.title), tuple(_head(document)), tuple(slides[:MOST_SLIDES]))


def anonymous(document: Document) -> Document:
    """The document without who it is about, who wrote it and when it was: also where the texts name the patient by
    their name or number. What else was written stays, and may tell more."""
    words = {
        each
        for each in re.split(r"[\^= ,.]+", f"{document.patient.name}^{document.patient.identifier}")
        if len(each) >= _SHORTEST_NAME or not each.isascii()
    } - {""}
    study = document.examination
    return replace(
        document,
        practice="",
        author="",
        signed=None,
        patient=Person("", "", sex=document.patient.sex),
        examination=Examination("", description=_without(study.description, words), modalities=study.modalities),
        passages=tuple(_passage_without(each, words) for each in document.passages),
        measurements=tuple(
            replace(each, label=_without(each.label, words), earlier=()) for each in document.measurements
        ),
    )


def without_names(document: Document, said: str) -> str:
    """A text that stands beside the document, such as a caption, without the patient's name and number."""
    named = replace(document, passages=(Passage(said),))
    return anonymous(named).passages[0].title


def _head(document: Document) -> Iterator[str]:
    study, patient = document.examination, document.patient
    said = (
        ", ".join(filter(None, (full_name(patient.name), patient.identifier, spoken_date(patient.birth_date)))),
        ", ".join(filter(None, (study.description, "/".join(study.modalities), spoken_date(study.date)))),
        ", ".join(filter(None, (document.practice, full_name(document.author)))),
    )
    return map(_clean, filter(None, said))


def _passage(passage: Passage) -> Iterator[Slide]:
    lines = [line for statement in passage.statements for line in _lines(statement.label, statement.text)]
    for start in range(0, len(lines), MOST_LINES):
        yield Slide(_clean(passage.title), tuple(lines[start : start + MOST_LINES]))
    for below in passage.passages:
        yield from _passage(replace(below, title=f"{passage.title}: {below.title}"))


def _lines(label: str, text: str) -> Iterator[str]:
    """In pieces of a length that takes one line of a slide, or two."""
    said = f"{label}: {text}" if label else text
    for line in filter(str.strip, map(_clean, said.splitlines())):
        yield from (line[start : start + 2 * LINE_LENGTH] for start in range(0, len(line), 2 * LINE_LENGTH))


def _picture(picture: Picture, number: int, tell: Tell) -> Slide:
    title = picture.caption or tell(say("Key image {number}", number=number))
    return Slide(_clean(title), picture=picture.address, alt=_clean(picture.alt or title))


def _measurements(document: Document, tell: Tell) -> Iterator[Slide]:
    head = tuple(tell(each) for each in (say("Measurement"), say("Value"), say("Change since then")))
    rows = [
        (_clean(row.label), said_value(row.value, row.unit.value), "" if row.change is None else f"{row.change:+.0f} %")
        for row in document.measurements
    ]
    for start in range(0, len(rows), MOST_ROWS):
        yield Slide(tell(say("Measurements")), rows=(head, *rows[start : start + MOST_ROWS]))


def _passage_without(passage: Passage, words: set[str]) -> Passage:
    return replace(
        passage,
        title=_without(passage.title, words),
        statements=tuple(replace(each, text=_without(each.text, words)) for each in passage.statements),
        passages=tuple(_passage_without(each, words) for each in passage.passages),
    )


def _without(said: str, words: set[str]) -> str:
    """A text with none of the words, whatever their case. Chinese names stand without spaces around them."""
    if not words:
        return said
    longest_first = sorted(words, key=len, reverse=True)
    pattern = "|".join(rf"\b{re.escape(each)}\b" if each.isascii() else re.escape(each) for each in longest_first)
    return re.sub(pattern, REMOVED, said, flags=re.IGNORECASE)


def _clean(said: str) -> str:
    """As XML holds it: without controls, and without what turns the text about."""
    return unturned("".join(each for each in said if each.isprintable() or each.isspace()))
