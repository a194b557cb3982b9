"""All matches of a search, for those who read to the end: which they are is settled first, their rows come in pages.

So no match is missed or told twice, whatever is stored while they are told, and no query stays open meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from apps.accounts.principal import Principal
from apps.archive.query.answers import Answer
from apps.archive.query.computed import OF_PATIENT, OF_STUDY, compute
from apps.archive.query.keys import Level
from apps.archive.query.levels import PATIENT_MODULE, belongs
from apps.archive.query.search import Plan, Search, plan
from apps.archive.query.shared import without_others
from apps.core.errors import Refused
from apps.saying import say


@dataclass(frozen=True, slots=True)
class Listing:
    """The matches by their keys, newest first. `has_more` says that there are others beside them.

    `ignored` are the tag paths of the keys that could not be matched, `unanswered` the tags that were asked for and no
    match can tell of at this level.
    """

    keys: Sequence[int]
    has_more: bool
    unanswered: frozenset[str]
    _principal: Principal
    _plan: Plan
    _computed: frozenset[str]
    _is_of_patients: bool = False

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def ignored(self) -> tuple[str, ...]:
        return self._plan.ignored

    def pages(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """The matches in DICOM JSON, so many at a time; one that is gone by then is left out."""
        for start in range(0, len(self.keys), size):
            yield self._page(self.keys[start : start + size])

    def _page(self, keys: Sequence[int]) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(*self._plan.statement.rows(keys))
            found = {row[0]: row[1:] for row in cursor.fetchall()}
        there = [key for key in keys if key in found]
        answers = self._dicts([found[key] for key in there])
        if self._computed:
            computed = compute(self._principal, self._computed, there)
            answers = [answer | computed[key] for key, answer in zip(there, answers, strict=True)]
        return answers

    def _dicts(self, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        columns = self._plan.statement.columns
        if columns.series:
            rows = without_others(self._principal, columns, rows)
        answers = Answer(columns, rows, self._plan.looked_up, False, None, 0, ()).dicts()
        if not self._is_of_patients:
            return answers
        return [{tag: answer[tag] for tag in answer if tag in PATIENT_MODULE} for answer in answers]


def listing(principal: Principal, search: Search, most: int) -> Listing:
    """The matches that the principal may see, up to so many; the limit and offset of `search` don't count.

    Raises Invalid for values or UIDs that can't be.
    """
    computed = OF_STUDY & frozenset(search.include) if search.level is Level.STUDY else frozenset()
    planned = plan(principal, _without(search, computed))
    keys = _keys(planned.statement.keys(most + 1))
    unanswered = frozenset(tag for tag in search.include if not belongs(tag, search.level)) - computed
    return Listing(keys[:most], len(keys) > most, unanswered, principal, planned, computed)


def patients(principal: Principal, search: Search, most: int) -> Listing:
    """The patients with a study, in the principal's sight, that matches; up to so many, who came last first.

    A patient's attributes are those of the latest of these studies, as it leaves: merged patients count as the one
    they were merged into. The level of `search` is the study's. Raises Invalid, and Refused for a share.
    """
    if principal.shared:
        raise Refused(say("A share is of one study, and not of its patient."))
    asked = frozenset(search.include)
    computed = OF_PATIENT & asked
    unanswered = asked - PATIENT_MODULE - computed
    planned = plan(principal, _without(search, computed | unanswered))
    keys = _keys(planned.statement.patients(most + 1))
    return Listing(keys[:most], len(keys) > most, unanswered, principal, planned, computed, _is_of_patients=True)


def _without(search: Search, computed: Iterable[str]) -> Search:
    """The search without what no row has."""
    return replace(search, include=frozenset(search.include) - frozenset(computed))


def _keys(query: tuple[str, list[Any]]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(*query)
        return [key for (key,) in cursor.fetchall()]
