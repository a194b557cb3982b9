"""The summary of an import, as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Final

from apps.archive.store import Status
from apps.uploads.entries import Kind
from apps.uploads.summary import Group, Summary

WIDTH: Final = 18
MAX_REASONS: Final = 20
NOTES: Final = {
    Status.STORED: "",
    Status.KNOWN: "were in the archive already",
    Status.OVERWRITTEN: "took the place of other bytes under the same SOP Instance UID",
    Status.QUARANTINED: "have the SOP Instance UID of a stored object and other bytes: decide in the admin",
}


def lines(summary: Summary) -> Iterator[str]:
    """What became of everything that was come upon, and the reasons of what was refused, each with an example."""
    for name, count, note in _rows(summary):
        if count:
            yield f"{name:<{WIDTH}}{count:>10,}  {note}".rstrip()
    yield from _reasons(summary.refused)
    if summary.stopped_by:
        yield f"Stopped: {summary.stopped_by} Run the same command again to go on."
    if summary.is_interrupted:
        yield "Interrupted: run the same command again to go on."


def _rows(summary: Summary) -> Iterator[tuple[str, int, str]]:
    yield "would be read", summary.found, "look like DICOM objects"
    for status, note in NOTES.items():
        yield status.value, summary.statuses[status], note
    yield "unchanged", summary.unchanged, "were finished by an earlier import and are still stored"
    for kind in Kind:
        yield kind.value, summary.kinds[kind], "passed over"
    if summary.missing:
        yield "missing", summary.missing.count, f"named by a DICOMDIR, such as {summary.missing.example}"
    yield "refused", summary.refusals, ""


def _reasons(groups: Mapping[str, Group]) -> Iterator[str]:
    by_count = sorted(groups.items(), key=lambda item: -item[1].count)
    for reason, group in by_count[:MAX_REASONS]:
        yield f"    {group.count:>8,}  {reason} Such as {group.example}"
    if rest := sum(group.count for _, group in by_count[MAX_REASONS:]):
        yield f"    {rest:>8,}  for other reasons"
