"""A patient's measurements over time: those of the same thing, in the order of their studies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.dicom.sr_tree import Code
from apps.measurements.models import Measurement
from apps.worklist.moments import moment

# Of one patient; what is older is left out.
MOST_VALUES: Final = 5000


@dataclass(frozen=True, slots=True)
class Point:
    """A value, and when the study was made that it was measured in."""

    at: datetime
    measurement: Measurement

    @property
    def value(self) -> float:
        return self.measurement.value


@dataclass(frozen=True, slots=True)
class Line:
    """Values of one thing, from the oldest study on. `tracking_uid` is empty where its name alone tells what it is."""

    tracking_uid: str
    points: tuple[Point, ...]

    @property
    def newest(self) -> Measurement:
        return self.points[-1].measurement

    @property
    def name(self) -> str:
        """What it is of, and what was measured of it."""
        newest = self.newest
        of = newest.label or newest.finding.said or newest.site.said
        return " · ".join(filter(None, (of, newest.concept.said, newest.derivation.said)))


# What is measured, how it was worked out, and its unit.
_What = tuple[str, ...]


def lines_of(measurements: Sequence[Measurement]) -> list[Line]:
    """Lines of the measurements, given newest first, those with the most studies first.

    The same Tracking Unique Identifier in several studies is one thing. Else it is what has the same label, finding and
    site; what was drawn in an image and has none of them could be anything, and is in no line.
    """
    kept = list(_newest_of_each(measurements))
    tracked = _in_several_studies(kept)
    found: defaultdict[tuple[str, _What], list[Measurement]] = defaultdict(list)
    for each in kept:
        if each.tracking_uid in tracked:
            found[each.tracking_uid, _what(each)].append(each)
        elif _is_named(each):
            found["", (*_what(each), each.label, each.finding.exact, each.site.exact)].append(each)
    lines = [Line(uid, _points(rows)) for (uid, _), rows in found.items()]
    return sorted(lines, key=lambda line: (-len({each.measurement.study_id for each in line.points}), line.name))


def taken_at(measurement: Measurement) -> datetime:
    """When its study was made; when it was measured, where the study has no date."""
    study = measurement.study
    found = moment(study.study_date + study.study_time) or moment(study.study_date)
    return found or measurement.measured_at


def _newest_of_each(measurements: Iterable[Measurement]) -> Iterator[Measurement]:
    """Without what was measured again of the same thing in the same study."""
    seen: set[tuple[int, str, _What]] = set()
    for each in measurements:
        key = each.study_id, each.tracking_uid, _what(each)
        if not each.tracking_uid or key not in seen:
            seen.add(key)
            yield each


def _in_several_studies(measurements: Iterable[Measurement]) -> frozenset[str]:
    studies: defaultdict[str, set[int]] = defaultdict(set)
    for each in measurements:
        studies[each.tracking_uid].add(each.study_id)
    return frozenset(uid for uid, those in studies.items() if uid and len(those) > 1)


def _what(measurement: Measurement) -> _What:
    codes: tuple[Code, ...] = (measurement.concept, measurement.derivation, measurement.unit)
    return tuple(code.exact for code in codes)


def _is_named(measurement: Measurement) -> bool:
    """Whether its words tell what it is of; what is of no place in an image is of the whole study."""
    is_of_study = not measurement.coordinates and not measurement.sop_instance_uid
    return bool(measurement.label or measurement.finding or measurement.site or is_of_study)


def _points(measurements: Iterable[Measurement]) -> tuple[Point, ...]:
    points = [Point(taken_at(each), each) for each in measurements]
    return tuple(sorted(points, key=lambda point: (point.at, point.measurement.pk)))
