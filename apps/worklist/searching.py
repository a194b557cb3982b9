"""The modality worklist's search (PS3.4 K.4.1): SQL narrows by the columns, attribute matching does the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import connection

from apps.archive.query import values
from apps.archive.query.conditions import Condition, all_of, has_wildcard, one_of
from apps.archive.query.keys import Kind
from apps.core.errors import Invalid
from apps.dicom.values import Element
from apps.saying import say
from apps.worklist.items import STEP_SEQUENCE, STEP_SUPPORTED, SUPPORTED, attributes_of
from apps.worklist.matching import START_DATE, Attributes, Matcher, matcher
from apps.worklist.models.scheduled import StepState
from apps.worklist.predicates import UNMATCHED, key_of, text_of
from apps.worklist.wording import day_of

# Rows that are read from the database together.
PAGE: Final = 1000
START_TIME: Final = "00400003"
STATION: Final = "00400001"
# Keys that lead to few rows, with their columns: of the patient and the request, and of the step.
_COLUMNS: Final = {
    "00080050": "accession_number",
    "00100020": "patient_id",
    "0020000D": "study_instance_uid",
    "00401001": "requested_procedure_id",
}
_STEP_COLUMNS: Final = {"00080060": "modality", "00400009": "step_id"}
_FIELDS: Final = "item, station_titles = '', start_time IS NULL"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An identifier's keys of PS3.4 table K.6-1: those of the request, and those in the step's item.

    Others are not supported, and match everything (C.2.2.1.3).
    """

    request: Mapping[str, Element]
    step: Mapping[str, Element]

    @classmethod
    def of(cls, identifier: Attributes) -> "_Asked":
        """Raises Invalid for a Scheduled Procedure Step Sequence of several items."""
        items = identifier.get(STEP_SEQUENCE, {}).get("Value") or [{}]
        if len(items) > 1:
            raise Invalid(say("Sequence {step_sequence} has more than one item.", step_sequence=STEP_SEQUENCE))
        request = {tag: key for tag, key in identifier.items() if tag in SUPPORTED and tag != STEP_SEQUENCE}
        return cls(request, {tag: key for tag, key in (items[0] or {}).items() if tag in STEP_SUPPORTED})

    def without(self, *tags: str) -> dict[str, Element]:
        """The identifier, but for these keys of the step."""
        step = {tag: key for tag, key in self.step.items() if tag not in tags}
        return {**self.request, STEP_SEQUENCE: {"vr": "SQ", "Value": [step]}}


def find(
    practice_id: int, identifier: Attributes, most: int, *, fuzzy: bool = False, combined: bool = False
) -> Iterator[Attributes]:
    """The practice's steps that match, whole and in order of their start, `most` of them at most.

    Those that are scheduled are answered, and with FOVEA_WORKLIST_STARTED those in progress too. A step for any device
    matches every Scheduled Station AE Title, and is answered with the one that was asked for; a step at any time of the
    day matches every time. Raises Invalid, before the first answer, for values that can't be of their attribute.
    """
    asked = _Asked.of(identifier)
    matchers = {
        (anywhere, anytime): matcher(
            asked.without(*[STATION] * anywhere, *[START_TIME] * anytime), fuzzy=fuzzy, combined=combined
        )
        for anywhere in (False, True)
        for anytime in (False, True)
    }
    return _found(_narrowed(practice_id, asked), matchers, _only(asked.step.get(STATION)), most)


def _found(
    where: Condition, matchers: Mapping[tuple[bool, bool], Matcher], station: str, most: int
) -> Iterator[Attributes]:
    count = 0
    for packed, anywhere, anytime in _rows(where):
        item = attributes_of(packed)
        if not matchers[bool(anywhere), bool(anytime)](item):
            continue
        if anywhere and station:
            item[STEP_SEQUENCE]["Value"][0][STATION] = {"vr": "AE", "Value": [station]}
        yield item
        count += 1
        if count >= most:
            return


def _rows(where: Condition) -> Iterator[tuple[Any, ...]]:
    """The rows of the condition, page by page."""
    sql = (
        f"SELECT {_FIELDS} FROM worklist_scheduledstep WHERE {where.sql}"  # noqa: S608 - columns of our own
        " ORDER BY start_date, start_time, id LIMIT %s OFFSET %s"
    )
    for offset in range(0, settings.DIMSE_MATCHES + PAGE, PAGE):
        with connection.cursor() as cursor:
            cursor.execute(sql, [*where.params, PAGE, offset])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < PAGE:
            return


def _narrowed(practice_id: int, asked: _Asked) -> Condition:
    states = [StepState.SCHEDULED, StepState.IN_PROGRESS] if settings.WORKLIST_STARTED else [StepState.SCHEDULED]
    return all_of(
        [
            Condition("practice_id = %s", (practice_id,)),
            one_of("state", [state.value for state in states]),
            *_dates(_only(asked.step.get(START_DATE))),
            *_equal(asked.request, _COLUMNS),
            *_equal(asked.step, _STEP_COLUMNS),
        ]
    )


def _equal(keys: Mapping[str, Element], columns: Mapping[str, str]) -> Iterator[Condition]:
    """Single values, and lists of them, that no wildcard opens."""
    for tag, column in columns.items():
        element = keys.get(tag, {"vr": "UN"})
        texts = [text_of(value) for value in element.get("Value") or ()]
        if texts and element["vr"] not in UNMATCHED and all(text and not has_wildcard(text) for text in texts):
            yield one_of(column, texts)


def _dates(text: str) -> Iterator[Condition]:
    if not text:
        return
    days = values.dates(key_of(START_DATE, Kind.DATE), text)
    for sign, bound in ((">=", days.low), ("<=", days.high)):
        if bound:
            yield Condition(f"start_date {sign} %s", (_day(bound),))


def _day(text: str) -> date:
    """Raises Invalid for a day that the calendar doesn't have."""
    day = day_of(text)
    if day is None:
        raise Invalid(
            say("There is no day {text}-{text_2}-{text_3}.", text=text[:4], text_2=text[4:6], text_3=text[6:])
        )
    return day


def _only(element: Element | None) -> str:
    """The key's one value; nothing for none, for several, and for one with wildcards."""
    held = [text_of(value) for value in (element or {}).get("Value") or ()]
    text = held[0] if len(held) == 1 else ""
    return "" if has_wildcard(text) else text
