"""What somebody changes in a report: what is not said stays as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from apps.reports.content.checking import (
    MOST_ENTRIES,
    MOST_KEY_IMAGES,
    MOST_MEASUREMENTS,
    UNKNOWN,
    Problem,
    cleaned,
    problem,
)
from apps.reports.content.entries import Answer, Content, Entry, KeyImage, Source
from apps.reports.content.structure import Field, Structure
from apps.saying import say


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What is said of an entry. None leaves the value, or whether it is confirmed, as it is; `source` too, unless
    `has_source` says that it is meant: then a value without one is a person's own."""

    value: Answer | None = None
    source: Source | None = None
    has_source: bool = False
    is_confirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is said of a report's content. An entry that is None goes; `measurements` and `key_images` are all of them,
    None leaves them as they are."""

    entries: Mapping[str, EntryChange | None] = field(default_factory=dict)
    measurements: tuple[int, ...] | None = None
    key_images: tuple[KeyImage, ...] | None = None


def changed(content: Content, change: Change) -> Content:
    """The content with the change, its texts cleaned."""
    entries = dict(content.entries)
    for key, said in change.entries.items():
        if said is None:
            entries.pop(key, None)
        else:
            entries[key] = _entry(entries.get(key), said)
    measurements = content.measurements if change.measurements is None else _once(change.measurements)
    key_images = content.key_images if change.key_images is None else change.key_images
    return replace(content, entries=entries, measurements=measurements, key_images=key_images)


def problems(structure: Structure, content: Content, change: Change) -> tuple[Problem, ...]:
    """What of the change can't be kept in the content that it makes: where, in the words of the request, and why."""
    return (*_of_entries(structure, content, change), *_of_sizes(content))


def _entry(before: Entry | None, said: EntryChange) -> Entry:
    old = before or Entry("")
    return Entry(
        value=old.value if said.value is None else cleaned(said.value),
        source=said.source if said.has_source else old.source,
        is_confirmed=old.is_confirmed if said.is_confirmed is None else said.is_confirmed,
    )


def _once(measurements: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(measurements))


def _of_entries(structure: Structure, content: Content, change: Change) -> Iterator[Problem]:
    fields: Mapping[str, Field] = {each.key: each for each in structure.fields()}
    for key in (key for key, said in change.entries.items() if said is not None):
        wrong = problem(fields[key], content.entries[key].value) if key in fields else UNKNOWN
        if wrong:
            yield f"entries.{key}", wrong


def _of_sizes(content: Content) -> Iterator[Problem]:
    for name, count, most in (
        ("entries", len(content.entries), MOST_ENTRIES),
        ("measurements", len(content.measurements), MOST_MEASUREMENTS),
        ("keyImages", len(content.key_images), MOST_KEY_IMAGES),
    ):
        if count > most:
            yield name, say("At most {most}.", most=most)
