"""What a source would become, for whoever writes one: the page, what is wrong with it, and what is left out of it."""

from dataclasses import dataclass

from apps.core.languages import translated
from apps.reports.content.structure import Structure
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.reports.mrrt.previewing import preview_of
from apps.reports.mrrt.reading import read


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence in the reader's language, and the line that it is about, where there is one."""

    text: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The page (`html`) is empty, and there is no structure, where there are problems."""

    html: str = ""
    problems: tuple[Told, ...] = ()
    left_out: tuple[Told, ...] = ()
    structure: Structure | None = None


def previewed(source: str) -> Preview:
    """What a source is worth; wrong ones are told, not raised."""
    try:
        reading = read(source)
    except BadTemplate as error:
        return Preview(problems=tuple(map(_told, error.problems)))
    left_out = tuple(map(_told, reading.left_out))
    return Preview(preview_of(reading.structure), left_out=left_out, structure=reading.structure)


def _told(problem: Problem) -> Told:
    return Told(translated(problem.text), problem.line)
