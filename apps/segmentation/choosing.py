"""All segmenters that this site has: the classical ones, MONAI bundles, and external commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from apps.core.errors import Conflict, NotFound
from apps.core.version import __version__
from apps.saying import Sentence, say
from apps.segmentation.bundles import listing as bundles
from apps.segmentation.bundles.listing import Bundle
from apps.segmentation.commands import listing as commands
from apps.segmentation.commands.listing import Command
from apps.segmentation.objects.segments import Segment
from apps.segmentation.segmenters import registry
from apps.segmentation.segmenters.registry import Option, Segmenter

BUNDLE: Final = "bundle:"
COMMAND: Final = "command:"


class Origin(StrEnum):
    """Where a segmenter comes from: it is a part of this software, or a site's own network or program."""

    CLASSICAL = "classical"
    BUNDLE = "bundle"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Described:
    """A segmenter as people choose it: `name` is `lung`, `bundle:NAME` or `command:NAME`.

    `modalities` are those it is made for (PS3.3 C.7.3.1.1.1), none: any; `needs_hu` that voxels must be in Hounsfield
    units. `digest` changes with whatever of it could change its answer, `algorithm` and `version` are what an object
    says of it. `problems` are for who administers the site: one with any can't be used.
    """

    name: str
    title: str
    origin: Origin
    segments: tuple[Segment, ...]
    modalities: tuple[str, ...]
    needs_hu: bool
    version: str
    digest: str
    options: tuple[Option, ...] = ()
    problems: tuple[Sentence, ...] = ()

    @property
    def is_usable(self) -> bool:
        return not self.problems

    def takes(self, modality: str) -> bool:
        return not self.modalities or modality in self.modalities


def every() -> list[Described]:
    """All of them, those with problems too, the classical ones first."""
    return [*map(_classical, registry.every()), *map(_bundle, bundles.every()), *map(_command, commands.every())]


def usable(modality: str) -> Iterator[Described]:
    """Those that volumes of this modality can be segmented with."""
    return (each for each in every() if each.is_usable and each.takes(modality))


def find(name: str) -> Described | None:
    return next((each for each in every() if each.name == name), None)


def run_function(name: str) -> tuple[str, dict[str, Any]]:
    """Which function segments by it in a process of its own (`apps.analysis.apart`), and what that is asked besides.

    `memory` among the latter are the bytes that the process should be given. Raises NotFound, and Conflict where it has
    problems.
    """
    described = find(name)
    if described is None:
        raise NotFound(say("There is no segmenter {name} here. /api/segmenters shows which there are.", name=name))
    if described.problems:
        raise Conflict(say("{title} can't be used at present: ask who administers this site.", title=described.title))
    if described.origin is Origin.BUNDLE:
        return bundles.run_function(name.removeprefix(BUNDLE))
    if described.origin is Origin.COMMAND:
        return commands.run_function(name.removeprefix(COMMAND))
    segmenter = registry.find(name)
    assert segmenter is not None
    return segmenter.function, {"segmenter": name}
