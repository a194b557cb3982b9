"""Which rules an instance meets, by what the index knows of it: nothing is read or asked here."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fnmatch import translate
from typing import Final

from apps.dicom.names import fold
from apps.routing.models import Rule, When

_COMMAS: Final = re.compile(r"[,;\\\n]")
# Names have commas of their own.
_SEMICOLONS: Final = re.compile(r"[;\\\n]")
_WILD: Final = ("*", "?")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an instance. `physician` is folded (`apps.dicom.names`), `at` its arrival by the site's clock.

    `remote_id` and `calling_title` are the node that it came from, where that is known.
    """

    sop_class_uid: str
    modality: str
    station_name: str
    physician: str
    at: datetime
    calling_title: str = ""
    remote_id: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A time of the day on some days of the week, which may go on past midnight: it is then the day's it began on."""

    first: time | None
    end: time | None
    weekdays: frozenset[int]

    def has(self, moment: datetime) -> bool:
        """Whether the moment lies within, the first included and the end not."""
        day, clock = moment.isoweekday(), moment.time()
        if self.first is not None and self.end is not None and self.first != self.end:
            is_past_midnight = self.end < self.first and clock < self.end
            if is_past_midnight:
                day = (moment - timedelta(days=1)).isoweekday()
            elif not (self.first <= clock and (clock < self.end or self.end < self.first)):
                return False
        return not self.weekdays or day in self.weekdays


@dataclass(frozen=True, slots=True)
class Conditions:
    """A rule made ready to be asked about many instances."""

    pk: int
    when: When
    priority: int
    destinations: frozenset[int]
    span: Span
    tests: tuple[tuple[Callable[[Facts], str], re.Pattern[str]], ...]

    @classmethod
    def of(cls, rule: Rule, destinations: Iterable[int]) -> "Conditions":
        """The rule, and the keys of the remotes that it sends to."""
        wanted: tuple[tuple[Callable[[Facts], str], list[str]], ...] = (
            (lambda facts: facts.calling_title, _listed(rule.calling_titles, _COMMAS)),
            (lambda facts: facts.modality.upper(), [each.upper() for each in _listed(rule.modalities, _COMMAS)]),
            (lambda facts: facts.sop_class_uid, _listed(rule.sop_classes, _COMMAS)),
            (lambda facts: fold(facts.station_name), [fold(each) for each in _listed(rule.station_names, _SEMICOLONS)]),
            (lambda facts: facts.physician, [_name(each) for each in _listed(rule.referring_physicians, _SEMICOLONS)]),
        )
        tests = tuple((value, _any_of(patterns)) for value, patterns in wanted if patterns)
        span = Span(rule.from_time, rule.to_time, frozenset(map(int, rule.weekdays)))
        return cls(rule.pk, When(rule.when), rule.priority, frozenset(destinations), span, tests)

    def met_by(self, facts: Facts) -> bool:
        """Whether every condition is met, and the instance did not come from where the rule would send it."""
        if facts.remote_id is not None and facts.remote_id in self.destinations:
            return False
        return self.span.has(facts.at) and all(pattern.fullmatch(value(facts)) for value, pattern in self.tests)


def _listed(text: str, separator: re.Pattern[str]) -> list[str]:
    return [part.strip() for part in separator.split(text) if part.strip()]


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    r"""The wildcards of DICOM (PS3.4 C.2.2.2.4), of which `[` is none."""
    return re.compile("|".join(translate(pattern.replace("[", "[[]")) for pattern in patterns))


def _name(typed: str) -> str:
    """`Doe, Jane` as a name of DICOM, matched from its beginning unless it has wildcards of its own."""
    parts = [fold(part) for part in typed.replace(",", "^").split("^")]
    name = "^".join(parts).rstrip("^")
    return name if any(sign in name for sign in _WILD) else f"{name}*"
