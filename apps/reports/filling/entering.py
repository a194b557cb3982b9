"""The entries that a report begins with: what is known already, put into the template's fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from django.utils.translation import override

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.languages import translated
from apps.measurements.models import Measurement
from apps.reports.content.checking import MOST_KEY_IMAGES, MOST_MEASUREMENTS, answered, cleaned, problem
from apps.reports.content.entries import Answer, Content, Entry, Source
from apps.reports.content.fillings import WrongFill, filling_of
from apps.reports.content.structure import Field, FieldKind, Structure
from apps.reports.filling.answering import answer
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found
from apps.reports.filling.rows import stands
from apps.reports.filling.units import factor
from apps.reports.filling.wording import plain_number
from apps.reports.keyimages import noted

_LONGEST_SAID: Final = 500


def filled(study: Study, structure: Structure, who: Principal) -> Content:
    """What is known of the study for the template's fields, the measurements for its table, and what images somebody
    has noted.

    Values are in the template's language; where they are from is told in the active one. A field without an answer has
    no entry: the template's default is not put in here.
    """
    facts = Facts(study, structure, who)
    entries = dict(_entries(facts))
    return Content(entries, chosen(facts.rows), tuple(noted(who, study)[:MOST_KEY_IMAGES]))


def chosen(rows: Sequence[Measurement]) -> tuple[int, ...]:
    """Those for the table: what people have measured or verified, in the order of measuring."""
    ordered = sorted(filter(stands, rows), key=lambda row: (row.measured_at, row.report_id, row.group, row.number))
    return tuple(row.pk for row in ordered[:MOST_MEASUREMENTS])


def _entries(facts: Facts) -> Iterator[tuple[str, Entry]]:
    for field in facts.structure.fields():
        with override(facts.structure.language):
            found = _found(facts, field)
        value = None if found is None else value_for(field, found)
        if found is not None and value is not None:
            yield field.key, Entry(value, _source(found, value), found.origin.is_confirmed)


def _found(facts: Facts, field: Field) -> Found | None:
    try:
        filling = filling_of(field)
    except WrongFill:
        # A version that was taken in when words were others: it can still be written with.
        return None
    return None if filling is None else answer(facts, field, filling)


def _source(found: Found, value: Answer) -> Source:
    origin = found.origin
    return Source(origin.kind, translated(origin.said)[:_LONGEST_SAID], value, origin.reference, origin.link)


def value_for(field: Field, found: Found) -> Answer | None:
    """The answer as the field keeps it; None where it takes no such one, such as a number in another unit."""
    value = cleaned(_VALUES[field.kind](field, found))
    return value if answered(value) and problem(field, value) is None else None


def _text(_field: Field, found: Found) -> Answer:
    return found.text


def _line(_field: Field, found: Found) -> Answer:
    return " ".join(found.text.splitlines())


def _number(field: Field, found: Found) -> Answer:
    times = factor(found.unit, field.unit.value) if field.unit else 1.0
    return "" if found.number is None or times is None else plain_number(found.number * times)


def _exact(_field: Field, found: Found) -> Answer:
    return found.exact


def _choice(field: Field, found: Found) -> Answer:
    return next(iter(_options(field, found)), "")


def _options(field: Field, found: Found) -> tuple[str, ...]:
    """The values of the options that an answer names: by their values, labels or codes."""
    names = {name.casefold() for name in (found.text, *found.names)}
    return tuple(
        each.value
        for each in field.options
        if names & {name.casefold() for name in (each.value, each.label, each.code.value) if name}
    )


def _nothing(_field: Field, _found: Found) -> Answer:
    return ""


_VALUES: Final[Mapping[FieldKind, Callable[[Field, Found], Answer]]] = {
    FieldKind.TEXT: _line,
    FieldKind.LONG_TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _exact,
    FieldKind.TIME: _exact,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _options,
    FieldKind.CHECK: _nothing,
}
