"""The words about the main series: what its images say of how they were made."""

from collections.abc import Callable, Mapping
from typing import Final

from apps.archive.models import Series
from apps.dicom.attributes import Attributes, text
from apps.dicom.spoken import unturned
from apps.reports.content.filling_words import Call
from apps.reports.filling.acquisition import NUMBERS, number_in, text_in
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.headers import origin_of
from apps.reports.filling.persons import dated
from apps.reports.filling.studies import counted, timed
from apps.reports.filling.technique import technique_of
from apps.reports.filling.wording import quantity


def series(facts: Facts, call: Call) -> Found | None:
    """Of the main series, or of that of the modality which is asked for."""
    main = facts.main_series(call.texts.get("modality", ""))
    if main is None:
        return None
    header, origin = facts.header(main), origin_of(facts, main)
    match call.detail:
        case "date":
            return dated(text(header, "00080021") or main.performed_start_date, origin)
        case "time":
            return timed(text(header, "00080031") or main.performed_start_time, origin)
        case "imageCount":
            return counted(main.instance_count, origin)
        case "technique":
            return texts(origin)(technique_of(facts, main, header))
    return _said(main, header, call.detail, origin)


def measured(found: tuple[float, str] | None, origin: Origin) -> Found | None:
    """A number with its unit as an answer."""
    if found is None:
        return None
    value, unit = found
    return Found(quantity(value, unit), origin, number=value, unit=unit)


def _said(main: Series, header: Attributes, detail: str, origin: Origin) -> Found | None:
    if detail in NUMBERS:
        return measured(number_in(header, detail), origin)
    row = _OF_ROW.get(detail)
    return texts(origin)(row(main) if row else text_in(header, detail))


_OF_ROW: Final[Mapping[str, Callable[[Series], str]]] = {
    "modality": lambda row: row.modality,
    "description": lambda row: unturned(row.series_description),
    "bodyPart": lambda row: row.body_part_examined,
    "station": lambda row: row.station_name,
}
