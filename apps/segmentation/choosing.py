"""All segmenters that this site has: the classical ones, MONAI bundles, and external commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from apps.analysis.apart.refusing import Unanswerable
from apps.core.errors import Conflict, NotFound
from apps.saying import Sentence, say
from apps.segmentation.bundles import listing as bundles
from apps.segmentation.bundles.listing import Bundle
from apps.segmentation.bundles.wording import refusal as refusal_of_the_site
from apps.segmentation.commands import listing as commands
from apps.segmentation.commands.listing import Command
from apps.segmentation.objects.segments import Segment
from apps.segmentation.segmenters import named, registry, wording
from apps.segmentation.segmenters.options import Option
from apps.segmentation.segmenters.registry import Segmenter

BUNDLE: Final = "bundle:"
COMMAND: Final = "command:"
_CLASSICAL: Final = "apps.segmentation.segmenters.working:segment"


class Origin(StrEnum):
    """Where a segmenter comes from: it is a part of this software, or a site's own network or program."""

    CLASSICAL = "classical"
    BUNDLE = "bundle"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Described:
    """A segmenter as people choose it: `name` is `lung`, `bundle:NAME` or `command:NAME`.

    `modalities` are those it is made for (PS3.3 C.7.3.1.1.1), none: any; with `needs_hu` voxels must be in Hounsfield
    units. `digest` changes with whatever of it could change its answer. `problems` are for who administers the site:
    with any it can't be used.
    """

    name: str
    title: str
    origin: Origin
    segments: tuple[Segment, ...]
    modalities: tuple[str, ...]
    needs_hu: bool
    version: str
    digest: str
    description: str = ""
    options: tuple[Option, ...] = ()
    problems: tuple[Sentence, ...] = ()

    @property
    def is_usable(self) -> bool:
        return not self.problems

    def takes(self, modality: str) -> bool:
        """Whether it is made for images of this modality."""
        return not self.modalities or modality in self.modalities


def every() -> list[Described]:
    """All of them, those with problems too, the classical ones first."""
    return [*map(_classical, registry.every()), *map(_bundle, bundles.every()), *map(_command, commands.every())]


def usable(modality: str) -> Iterator[Described]:
    """Those that volumes of this modality can be segmented with."""
    return (each for each in every() if each.is_usable and each.takes(modality))


def find(name: str) -> Described | None:
    """The segmenter of that name, also one with problems."""
    if name.startswith(BUNDLE):
        bundle = bundles.find(name.removeprefix(BUNDLE))
        return _bundle(bundle) if bundle else None
    if name.startswith(COMMAND):
        command = commands.find(name.removeprefix(COMMAND))
        return _command(command) if command else None
    segmenter = registry.find(name)
    return _classical(segmenter) if segmenter else None


def run_function(name: str) -> tuple[str, dict[str, Any]]:
    """Which function segments by it in a process of its own (`apps.analysis.apart`), and what that is asked besides the
    voxels, the run's `folder` and `options`.

    `memory`, where it is said, are the bytes that the process is to have. Raises NotFound, and Conflict where it can't
    be used.
    """
    described = find(name)
    if described is None:
        raise NotFound(say("There is no segmenter {name} here. /api/segmenters shows which there are.", name=name))
    if not described.is_usable:
        raise Conflict(say("{title} can't be used at present: ask who administers this site.", title=described.title))
    match described.origin:
        case Origin.BUNDLE:
            return bundles.run_function(name.removeprefix(BUNDLE))
        case Origin.COMMAND:
            return commands.run_function(name.removeprefix(COMMAND))
        case Origin.CLASSICAL:
            return _CLASSICAL, {"segmenter": name}


def refusal(why: Unanswerable) -> Sentence:
    """Why a segmenter gave no labels, for people. Raises KeyError for a reason that is no segmenter's."""
    found = wording.refusal(why.reason) or refusal_of_the_site(why.reason, why.values)
    if found is None:
        raise KeyError(why.reason)
    return found


def _classical(segmenter: Segmenter) -> Described:
    return Described(
        name=segmenter.name,
        title=segmenter.title,
        origin=Origin.CLASSICAL,
        segments=segmenter.segments,
        modalities=segmenter.modalities,
        needs_hu=segmenter.needs_hu,
        version=named.VERSION,
        digest=f"{segmenter.name} {named.VERSION}",
        description=segmenter.description,
        options=segmenter.options,
    )


def _bundle(bundle: Bundle) -> Described:
    return Described(
        name=f"{BUNDLE}{bundle.name}",
        title=bundle.title,
        origin=Origin.BUNDLE,
        segments=bundle.segments,
        modalities=(bundle.modality,) if bundle.modality else (),
        needs_hu=bundle.needs_hu,
        version=bundle.version,
        digest=bundle.digest,
        problems=tuple(bundle.problems),
    )


def _command(command: Command) -> Described:
    return Described(
        name=f"{COMMAND}{command.name}",
        title=command.title,
        origin=Origin.COMMAND,
        segments=command.segments,
        modalities=command.modalities,
        needs_hu=command.needs_hu,
        version=command.version,
        digest=command.digest,
        problems=tuple(command.problems),
    )
