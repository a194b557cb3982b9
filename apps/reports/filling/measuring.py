"""The words about measurements: values by what was measured, of what and where."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.timezone import localtime

from apps.archive.models import Study
from apps.archive.viewing import viewer_url
from apps.dicom.spoken import unturned
from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content import concepts
from apps.measurements.models import Measurement
from apps.measurements.showing import standing, what_of
from apps.reports.content.document import Past
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call, Pick, Show
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.histories import change_since
from apps.reports.filling.rows import is_same, stands
from apps.reports.filling.units import factor
from apps.reports.filling.wording import listed, previous, quantity
from apps.saying import Sentence, say

# Of a list.
MOST_LINES: Final = 100
# What is told of segments (`apps.segmentation.reporting`).
SEGMENT_VALUES: Final[Mapping[str, Code]] = {
    "volume": concepts.VOLUME, "mean": concepts.MEAN, "standardDeviation": concepts.STANDARD_DEVIATION,
    "minimum": concepts.MINIMUM, "maximum": concepts.MAXIMUM,
}  # fmt: skip

# By the codes of `apps.measurements.showing.standing`.
_STANDING: Final[Mapping[str, Sentence]] = {
    "verified": say("verified"), "person": say("by a person"), "machine": say("by a machine, unverified"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which measurement is meant; of codes that are NO_CODE, and of an empty text, any is. A value that was worked out
    of several, such as a mean, is meant only where `derivation` says so."""

    concept: Code
    unit: str = ""
    derivation: Code = NO_CODE
    finding: Code = NO_CODE
    site: Code = NO_CODE
    label: str = ""
    is_of_segment: bool = False

    def fits(self, row: Measurement) -> bool:
        return (
            is_same(self.concept, row.concept_value, row.concept_scheme)
            and is_same(self.derivation, row.derivation_value, row.derivation_scheme)
            and (not self.unit or factor(row.unit_value, self.unit) is not None)
            and _is_any(self.finding, row.finding_value, row.finding_scheme)
            and _is_any(self.site, row.site_value, row.site_scheme)
            and self.label.casefold() in ("", row.label.casefold(), row.tracking_identifier.casefold())
            and (row.segment_number is not None or not self.is_of_segment)
        )


def measurement(facts: Facts, call: Call) -> Found | None:
    """The value that is meant: a verified one before one of a person, that before a machine's, then as `pick` says."""
    codes = call.codes
    wanted = Wanted(
        codes.get("concept", NO_CODE), call.texts.get("unit", ""), codes.get("derivation", NO_CODE),
        codes.get("finding", NO_CODE), codes.get("site", NO_CODE), call.texts.get("label", ""),
    )  # fmt: skip
    return _picked(facts, call, wanted) if wanted.concept else None


def segment(facts: Facts, call: Call) -> Found | None:
    """A statistic of a segment, by its property type, anatomy or label."""
    type_, site = call.codes.get("type", NO_CODE), call.codes.get("site", NO_CODE)
    wanted = Wanted(
        SEGMENT_VALUES[call.detail], finding=type_, site=site, label=call.texts.get("label", ""), is_of_segment=True
    )
    return _picked(facts, call, wanted)


def measurements(facts: Facts, call: Call) -> Found | None:
    """A line for each measurement that counts, those drawn in images first measured first."""
    return _lines(facts, [row for row in reversed(facts.rows) if row.segment_number is None and stands(row)])


def segments(facts: Facts, call: Call) -> Found | None:
    """A line for each statistic of segments."""
    return _lines(facts, [row for row in reversed(facts.rows) if row.segment_number is not None])


def said(row: Measurement, history: tuple[Past, ...] = ()) -> str:
    """A measurement as a line: `Nodule, Length: 14.4 mm (previous 12 mm on 2026-03-01, +20 %)`."""
    of = row.label or row.finding.said or row.site.said
    return f"{unturned(listed((of, what_of(row))))}: {_both(row, history, row.unit_value)}"


def origin_of(study: Study, row: Measurement) -> Origin:
    """Where a value is from: the report with it in front is what the link shows."""
    what, date = unturned(what_of(row)), f"{localtime(row.measured_at):%Y-%m-%d}"
    stands_for = _STANDING[standing(row)[0]]
    told = say("{what}, measured on {date}: {standing}", what=what, date=date, standing=stands_for)
    link = viewer_url(study.study_instance_uid, row.report.instance.series.series_instance_uid)
    kind = SourceKind.MEASUREMENT if row.segment_number is None else SourceKind.SEGMENTATION
    return Origin(kind, told, f"measurement {row.pk}", link, is_confirmed=stands(row))


def _is_any(code: Code, value: str, scheme: str) -> bool:
    return not code or is_same(code, value, scheme)


def _picked(facts: Facts, call: Call, wanted: Wanted) -> Found | None:
    fitting = [row for row in facts.rows if wanted.fits(row)]
    if not fitting:
        return None
    by = _PICKS[Pick(call.texts.get("pick", Pick.NEWEST))]
    row = max(fitting, key=lambda each: (_rank(each), by(each)))
    return _told(facts, row, wanted.unit or row.unit_value, Show(call.texts.get("show", Show.VALUE)))


def _rank(row: Measurement) -> int:
    return 2 * row.report.is_verified + (not row.report.is_machine_made)


def _told(facts: Facts, row: Measurement, unit: str, show: Show) -> Found | None:
    times = factor(row.unit_value, unit)
    origin = origin_of(facts.study, row)
    if times is None:
        return None
    history = facts.histories.get(row.pk, ()) if show is not Show.VALUE else ()
    if show is Show.PREVIOUS:
        return texts(origin)(_before(row, history, unit))
    text = _both(row, history, unit)
    return Found(text, origin, number=row.value * times, unit=unit)


def _both(row: Measurement, history: tuple[Past, ...], unit: str) -> str:
    value = quantity(row.value * (factor(row.unit_value, unit) or 1), unit)
    before = _before(row, history, unit)
    return f"{value} ({before})" if before else value


def _before(row: Measurement, history: tuple[Past, ...], unit: str) -> str:
    if not history:
        return ""
    last, times = history[-1], factor(row.unit_value, unit) or 1
    return previous(Past(last.date, last.value * times), unit, change_since(row.value, history))


def _lines(facts: Facts, rows: Sequence[Measurement]) -> Found | None:
    """The lines; not confirmed where one of them is a machine's that nobody stands for."""
    if not rows:
        return None
    kind = SourceKind.SEGMENTATION if rows[0].segment_number is not None else SourceKind.MEASUREMENT
    link = viewer_url(facts.study.study_instance_uid)
    origin = Origin(kind, say("From what was measured in the study"), link=link, is_confirmed=all(map(stands, rows)))
    return Found("\n".join(_cut(facts, rows)), origin)


def _cut(facts: Facts, rows: Sequence[Measurement]) -> Iterator[str]:
    for row in rows[:MOST_LINES]:
        yield said(row, facts.histories.get(row.pk, ()))
    if len(rows) > MOST_LINES:
        yield "…"


_PICKS: Final[Mapping[Pick, Callable[[Measurement], Any]]] = {
    Pick.NEWEST: lambda row: (row.measured_at, row.pk),
    Pick.LARGEST: lambda row: row.value,
    Pick.SMALLEST: lambda row: -row.value,
}
