"""A report filled in again: with what has come since, where nobody has written anything else."""

from collections.abc import Iterator, Mapping
from typing import Final

from apps.accounts.principal import Principal
from apps.reports.content.changing import Change, EntryChange
from apps.reports.content.checking import answered
from apps.reports.content.entries import Content, Entry, SourceKind
from apps.reports.filling.entering import filled
from apps.reports.models import Report
from apps.reports.reaching import open_report_of
from apps.reports.saving import Saving, save
from apps.reports.templates_finding import structure_of_version

# What a person has put in on purpose.
_BY_PEOPLE: Final = frozenset({SourceKind.PHRASE, SourceKind.DICTATION})


def refill(who: Principal, report_pk: int, revision: int | None = None, *, source: str = "") -> Report:
    """Fill in what is empty or as it was filled in; the report as it is then, one revision on where that changes it.

    `revision` is the one that was read; without it, the one there is. Measurements and key images are chosen where none
    are. Raises NotFound, Refused, Invalid, and Conflict for a signed report and for one of another revision.
    """
    report = open_report_of(who, report_pk)
    fresh = filled(report.study, structure_of_version(report.version), who)
    change = change_for(Content.from_json(report.content), fresh)
    if change == Change() and revision in (None, report.revision):
        return report
    return save(who, report_pk, report.revision if revision is None else revision, Saving(change), source=source)


def change_for(content: Content, fresh: Content) -> Change:
    """What of `fresh` takes the place of what is there."""
    return Change(
        entries=dict(_entries(content.entries, fresh.entries)),
        measurements=fresh.measurements if fresh.measurements and not content.measurements else None,
        key_images=fresh.key_images if fresh.key_images and not content.key_images else None,
    )


def _entries(there: Mapping[str, Entry], fresh: Mapping[str, Entry]) -> Iterator[tuple[str, EntryChange]]:
    for key, entry in fresh.items():
        if _gives_way(there.get(key)) and _is_other(there.get(key), entry):
            yield key, EntryChange(entry.value, entry.source, has_source=True, is_confirmed=entry.is_confirmed)


def _gives_way(entry: Entry | None) -> bool:
    """Whether nobody has written it: it is empty, or as it was filled in. What was emptied stays empty."""
    if entry is None:
        return True
    if entry.source is None:
        return not answered(entry.value)
    return not entry.is_edited and entry.source.kind not in _BY_PEOPLE


def _is_other(there: Entry | None, fresh: Entry) -> bool:
    """Whether another value is known now; who has confirmed the same one need not do so again."""
    return there is None or there.value != fresh.value
