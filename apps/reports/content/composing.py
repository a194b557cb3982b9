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
        below = [item for item in section.items if isinstance(item, Section)]
        passages = tuple(_passages(below, content))
        statements = tuple(_statements(section, content))
        if passages or any(each.label or each.concept for each in statements) or (statements and _is_fixed(section)):
            yield Passage(section.title, section.code, statements, passages)


def _is_fixed(section: Section) -> bool:
    """Whether it has notes alone."""
    return next(section.fields(), None) is None


def _statements(section: Section, content: Content) -> Iterator[Statement]:
    for item in section.items:
        if isinstance(item, Note):
            yield Statement("", item.text)
        elif isinstance(item, Field):
            entry = content.entries.get(item.key)
            if entry is not None and answered(entry.value):
                yield _statement(item, entry.value)


def _statement(field: Field, value: Answer) -> Statement:
    chosen = options_of(field, value)
    codes = tuple(option.code for option in chosen if option.code)
    if field.kind is FieldKind.CHECK:
        return Statement("", field.label, field.code or Code(field.label), codes)
    if field.kind is FieldKind.NUMBER:
        text = str(value)
        return Statement(field.label, with_unit(text, field.unit), field.code, number=float(text), unit=field.unit)
    if chosen:
        return Statement(field.label, ", ".join(option.label for option in chosen), field.code, codes)
    return Statement(field.label, _lines(value), field.code)


def _lines(value: Answer) -> str:
    return value if isinstance(value, str) else ", ".join(value)
