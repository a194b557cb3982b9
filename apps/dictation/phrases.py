"""Whose phrases can be said: apps above this one register where they keep them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text that is written when "macro" and its name are said."""

    name: str
    text: str


# Called with the user's key, the practice's key and a language; gives the user's own before the practice's.
Source = Callable[[int, int, str], Iterable[Spoken]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let these phrases be said. Called once each, when Django starts."""
    if source not in _sources:
        _sources.append(source)


def phrases_of(user_id: int, practice_id: int, language: str) -> list[Spoken]:
    """The phrases that a user may say in a practice, the first MOST of them."""
    found = (spoken for source in _sources for spoken in source(user_id, practice_id, language))
    return list(islice(found, MOST))
