"""From a template's structure and what was entered to the document that leaves: what is empty is left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.dicom.sr_tree import Code
from apps.measurements.content.units import unit_words
from apps.reports.content.checking import answered, options_of
from apps.reports.content.document import Document, Examination, Measured, Passage, Person, Statement
from apps.reports.content.entries import Answer, Content
from apps.reports.content.structure import Field, FieldKind, Note, Section, Structure


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says beside its template and what was entered: see `Document`."""

    status: str
    practice: str
    author: str
    patient: Person
    examination: Examination
    measurements: tuple[Measured, ...] = ()
    template: str = ""
    report_id: int = 0


def document(structure: Structure, content: Content, facts: Facts) -> Document:
    """The report as it leaves. Fields without an answer, and sections without any, are left out; a note stands where
    its section says something, or has nothing to fill in."""
    return Document(
        title=structure.title,
        language=structure.language,
        status=facts.status,
        practice=facts.practice,
        author=facts.author,
        patient=facts.patient,
        examination=facts.examination,
        passages=tuple(_passages(structure.sections, content)),
        measurements=facts.measurements,
        key_images=content.key_images,
        code=structure.code,
        procedures=structure.procedures,
        template=facts.template,
        report_id=facts.report_id,
    )


def with_unit(number: str, unit: Code) -> str:
    """A number with its unit as it is printed: `12.5 mm`, `45°`, `3`."""
    words = unit_words(unit.value)
    return f"{number}{'' if words in ('', '°') else ' '}{words}"


def _passages(sections: Iterable[Section], content: Content) -> Iterator[Passage]:
    for section in sections:
        passages = tuple(_passages((item for item in section.items if isinstance(item, Section)), content))
        if passages or _says_something(section, content):
            yield Passage(section.title, section.code, tuple(_statements(section, content)), passages)


def _says_something(section: Section, content: Content) -> bool:
    """Whether one of its own fields has an answer; of notes alone, whether there are any."""
    if next(section.fields(), None) is None:
        return any(isinstance(item, Note) for item in section.items)
    return any(isinstance(item, Field) and _answer(item, content) is not None for item in section.items)


def _statements(section: Section, content: Content) -> Iterator[Statement]:
    for item in section.items:
        if isinstance(item, Note):
            yield Statement("", item.text)
        elif isinstance(item, Field) and (value := _answer(item, content)) is not None:
            # Below a heading that says the same, a label says nothing.
            label = "" if item.label.casefold() == section.title.casefold() else item.label
            yield _statement(item, value, label)


def _answer(field: Field, content: Content) -> Answer | None:
    entry = content.entries.get(field.key)
    return entry.value if entry is not None and answered(entry.value) else None


def _statement(field: Field, value: Answer, label: str) -> Statement:
    chosen = options_of(field, value)
    codes = tuple(option.code for option in chosen if option.code)
    if field.kind is FieldKind.CHECK:
        return Statement("", field.label, field.code, codes)
    if field.kind is FieldKind.NUMBER:
        text = str(value)
        return Statement(label, with_unit(text, field.unit), field.code, number=float(text), unit=field.unit)
    if chosen:
        return Statement(label, ", ".join(option.label for option in chosen), field.code, codes)
    return Statement(label, _lines(value), field.code)


def _lines(value: Answer) -> str:
    return value if isinstance(value, str) else ", ".join(value)
