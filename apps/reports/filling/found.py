"""An answer to a word of a template, before it is put into a field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from apps.reports.content.entries import SourceKind


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer is from: as `apps.reports.content.entries.Source` tells it. What a machine has found and nobody
    stands for is not `is_confirmed`."""

    kind: SourceKind
    said: str
    reference: str = ""
    link: str = ""
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. `text` is it in words, in the template's language, with its unit.

    `number` is in `unit` (UCUM). `names` are what an option is chosen by, beside the text. `exact` is a date
    (YYYY-MM-DD) or a time (HH:MM).
    """

    text: str
    origin: Origin
    number: float | None = None
    unit: str = ""
    names: tuple[str, ...] = ()
    exact: str = ""


# What a text is put into a report by: nothing where it says nothing.
Make = Callable[[str], Found | None]
NOTHING: Final = None


def texts(origin: Origin) -> Make:
    """What makes an answer from this origin of a text; of an empty one, none."""
    return lambda text: Found(text, origin, names=(text,)) if text else None
