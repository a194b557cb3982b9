"""What a structure must keep to, whoever made it, so that it can be filled in, written down and read back as it is."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from apps.dicom.sr_tree import Code
from apps.reports.content import fillings
from apps.reports.content.structure import Field, FieldKind, Note, Section, Structure
from apps.reports.mrrt import limits
from apps.reports.mrrt.codes import designated
from apps.reports.mrrt.fields import TICKED
from apps.reports.mrrt.head import LANGUAGES
from apps.reports.mrrt.markup import is_control
from apps.reports.mrrt.whitespace import is_blank, lines_of, one_line
from apps.saying import Sentence, say

# Something wrong, and the key of the section or field that it is with; empty for the whole.
Finding = tuple[str, Sentence]

_KEY: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{limits.KEY}}}")
_MODALITY: Final = re.compile(r"[A-Z][A-Z0-9_]{1,15}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
_UNIT: Final = re.compile(r"[!-~]{1,64}")
_SHAPES: Final = {FieldKind.NUMBER: _NUMBER, FieldKind.DATE: _DATE, FieldKind.TIME: _TIME}
CHOSEN: Final = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})


def clean_label(text: str) -> str:
    """A label or title as a line, without the colon that whoever shows it puts after it."""
    return one_line(text).rstrip(" \u00a0\u202f:\uff1a")


def findings_of(structure: Structure) -> Iterator[Finding]:
    """What is wrong with a structure."""
    yield from _head(structure)
    yield from _counts(structure)
    keys: set[str] = set()
    for section in structure.sections:
        yield from _section(section, keys, 1)


def _head(structure: Structure) -> Iterator[Finding]:
    if not structure.identifier:
        yield "", say("It has no identifier: say dcterms.identifier.")
    if not structure.title:
        yield "", say("It has no title: say dcterms.title.")
    if structure.language not in LANGUAGES.values():
        languages = ", ".join(LANGUAGES.values())
        yield "", say("Its language is not one of {languages}: say dcterms.language.", languages=languages)
    yield from _line("", structure.identifier, limits.IDENTIFIER)
    yield from _line("", structure.title, limits.TITLE)
    for each in (structure.description, structure.creator, structure.publisher, structure.rights):
        yield from _line("", each, limits.METADATA)
    yield from _codes("", (structure.code, *structure.procedures))
    if not all(map(bool, structure.procedures)):
        yield "", say("A procedure has no code.")
    modalities = structure.modalities
    if not all(map(_MODALITY.fullmatch, modalities)) or len(set(modalities)) < len(modalities):
        yield "", say("Modalities are DICOM's terms, such as CT, each once.")


def _counts(structure: Structure) -> Iterator[Finding]:
    fields = list(structure.fields())
    every = list(_sections(structure.sections))
    counted = (
        (len(fields), limits.FIELDS, say("It has more than {most} fields.", most=limits.FIELDS)),
        (
            sum(len(each.options) for each in fields), limits.OPTIONS,
            say("It has more than {most} options.", most=limits.OPTIONS),
        ),
        (len(every), limits.SECTIONS, say("It has more than {most} sections.", most=limits.SECTIONS)),
        (
            sum(isinstance(item, Note) for each in every for item in each.items), limits.NOTES,
            say("It has more than {most} texts between its fields.", most=limits.NOTES),
        ),
        (
            len(structure.procedures), limits.PROCEDURES,
            say("It names more than {most} procedures.", most=limits.PROCEDURES),
        ),
        (
            len(structure.modalities), limits.MODALITIES,
            say("It names more than {most} modalities.", most=limits.MODALITIES),
        ),
    )  # fmt: skip
    yield from (("", text) for count, most, text in counted if count > most)
    if not fields:
        yield "", say("It has no field to fill in.")


def _sections(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _sections(item for item in section.items if isinstance(item, Section))


def _section(section: Section, keys: set[str], depth: int) -> Iterator[Finding]:
    yield from _named(section.key, section.title, keys)
    yield from _codes(section.key, (section.code,))
    if depth > limits.SECTION_DEPTH:
        yield section.key, say("Sections are nested deeper than {most}.", most=limits.SECTION_DEPTH)
        return
    for item in section.items:
        if isinstance(item, Section):
            yield from _section(item, keys, depth + 1)
        elif isinstance(item, Field):
            yield from _field(item, keys)
        else:
            yield from _note(section.key, item)


def _note(key: str, note: Note) -> Iterator[Finding]:
    yield from _line(key, note.text, limits.NOTE)
    if is_blank(note.text):
        yield key, say("A text in it is empty.")


def _named(key: str, label: str, keys: set[str]) -> Iterator[Finding]:
    """Of the key and the label, or title, of a field or section."""
    if not _KEY.fullmatch(key):
        yield key, say("The id {key} has other characters than letters, digits, - and _, or is too long.", key=key)
    if key in keys:
        yield key, say("The id {key} is there twice.", key=key)
    keys.add(key)
    if is_blank(label) or clean_label(label) != label:
        yield key, say("{key} has no label, or one that ends with a colon.", key=key)
    yield from _line(key, label, limits.LABEL)


def _field(field: Field, keys: set[str]) -> Iterator[Finding]:
    yield from _named(field.key, field.label, keys)
    yield from _codes(field.key, (field.code, *(option.code for option in field.options)))
    yield from _line(field.key, field.placeholder, limits.LABEL)
    yield from _line(field.key, field.fill, limits.FILL)
    yield from _options(field)
    yield from _bounds(field)
    yield from _default(field)
    yield from ((field.key, text) for text in fillings.problems_of(field))


def _options(field: Field) -> Iterator[Finding]:
    values = [option.value for option in field.options]
    if bool(values) != (field.kind in CHOSEN):
        yield field.key, say("{key} is a choice without options, or has options without being one.", key=field.key)
    if len(set(values)) < len(values):
        yield field.key, say("Two options of {key} have the same value.", key=field.key)
    for option in field.options:
        yield from _line(field.key, option.value, limits.OPTION)
        yield from _line(field.key, option.label, limits.OPTION)
        if is_blank(option.value) or is_blank(option.label):
            yield field.key, say("An option of {key} is empty.", key=field.key)


def _bounds(field: Field) -> Iterator[Finding]:
    bounds = [each for each in (field.least, field.most) if each is not None]
    if field.kind is not FieldKind.NUMBER and (bounds or field.unit):
        yield field.key, say("{key} has bounds or a unit, and is no number.", key=field.key)
    if any(each > following for each, following in pairwise(bounds)):
        yield field.key, say("The least value of {key} is more than its most.", key=field.key)
    if field.unit and not (_UNIT.fullmatch(field.unit.value) and _is_whole(field.unit)):
        yield field.key, say("The unit of {key} is none of UCUM.", key=field.key)
    if not 1 <= field.lines <= limits.LINES or (field.lines != 3 and field.kind is not FieldKind.LONG_TEXT):
        yield field.key, say("{key} has 1 to {most} lines, and only a long text has.", key=field.key, most=limits.LINES)


def _default(field: Field) -> Iterator[Finding]:
    if not _fits(field, field.default):
        yield field.key, say("What {key} begins with is nothing that can be entered in it.", key=field.key)


def _fits(field: Field, default: str | tuple[str, ...]) -> bool:
    values = {option.value for option in field.options}
    if not isinstance(default, str):
        # In the order of the options: it is what an element can say.
        return field.kind is FieldKind.CHOICES and default == tuple(
            option.value for option in field.options if option.value in default
        )
    if field.kind is FieldKind.CHOICES:
        return False
    if field.kind is FieldKind.CHOICE:
        return default in {"", *values}
    if field.kind is FieldKind.CHECK:
        return default in {"", TICKED}
    if not default:
        return True
    shape = _SHAPES.get(field.kind)
    return bool(shape.fullmatch(default)) if shape else _is_text(default, is_long=field.kind is FieldKind.LONG_TEXT)


def _is_text(text: str, *, is_long: bool) -> bool:
    plain = lines_of(text) if is_long else one_line(text)
    return plain == text and len(text) <= limits.DEFAULT and not any(map(is_control, text))


def _line(key: str, text: str, most: int) -> Iterator[Finding]:
    if len(text) > most:
        yield key, say("A text is longer than {most} characters.", most=most)
    if one_line(text) != text or any(map(is_control, text)):
        yield key, say("A text is not one line: it has other white space than single spaces, or control characters.")


def _codes(key: str, codes: Iterable[Code]) -> Iterator[Finding]:
    for code in codes:
        if code and not (_is_whole(code) and designated(code.scheme) == code.scheme):
            yield key, say("A code has no value, scheme or meaning, or one that is too long.")


def _is_whole(code: Code) -> bool:
    sizes = (
        (code.value, limits.CODE_VALUE), (code.scheme, limits.CODE_VALUE), (code.meaning, limits.CODE_MEANING)
    )  # fmt: skip
    return all(
        0 < len(each) <= most and one_line(each) == each and not any(map(is_control, each)) for each, most in sizes
    )
