"""The MONAI bundles of this site: one in each folder below FOVEA_BUNDLES, each looked at without running any of it."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from apps.dicom.sr_tree import Code
from apps.saying import Sentence, say
from apps.segmentation.bundles import configuration, metadata, sums
from apps.segmentation.bundles.configuration import Configuration, network_of, weights_of
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.bundles.metadata import Metadata, metadata_of
from apps.segmentation.naming.segments import named
from apps.segmentation.objects.segments import Algorithm, Segment

WORK: Final = "apps.segmentation.bundles.working:segment"
MOST: Final = 100
# CID 7162.
ARTIFICIAL_INTELLIGENCE: Final = Code("Artificial Intelligence", "123110", "DCM")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(slots=True)
class Bundle:
    """One folder. `digest` changes with any of its files that matter; `sums` are their SHA-256, None unless checked.
    `problems` say why it can't be used."""

    name: str
    folder: Path
    title: str = ""
    version: str = ""
    modality: str = ""
    needs_hu: bool = False
    segments: tuple[Segment, ...] = ()
    channels: int = 0
    weights: str = configuration.WEIGHTS
    digest: str = ""
    sums: dict[str, str] | None = None
    problems: list[Sentence] = field(default_factory=list)


def every() -> list[Bundle]:
    """All of them by name, at most MOST."""
    return [_looked_at(folder) for folder in _folders()]


def find(name: str) -> Bundle | None:
    return next((_looked_at(folder) for folder in _folders() if folder.name == name), None)


def run_function(name: str) -> tuple[str, dict[str, Any]]:
    """As `apps.segmentation.choosing.run_function`, for a bundle that is known and has no problems."""
    bundle = find(name)
    if bundle is None:
        raise LookupError(name)
    return WORK, {
        "bundle": str(bundle.folder),
        "weights": bundle.weights,
        "sums": bundle.sums,
        "numbers": [segment.number for segment in bundle.segments],
        "channels": bundle.channels,
        "memory": settings.SEGMENTER_MEMORY_BYTES,
    }


def check_weights(bundle: Bundle) -> None:
    """Whether its weights are as SHA256SUMS says, which takes a while. Raises Faulty."""
    if bundle.sums is not None:
        sums.check(bundle.folder, bundle.sums, bundle.weights)


def _folders() -> list[Path]:
    root: Path | None = settings.BUNDLES
    if root is None or not root.is_dir():
        return []
    named_well = (folder for folder in root.iterdir() if _NAME.fullmatch(folder.name) and folder.is_dir())
    return sorted(named_well, key=lambda folder: folder.name)[:MOST]


def _looked_at(folder: Path) -> Bundle:
    bundle = Bundle(name=folder.name, folder=folder.resolve(), title=folder.name)
    if find_spec("monai") is None or find_spec("torch") is None:
        bundle.problems.append(say("PyTorch and MONAI are not installed here (requirements/ai.txt)."))
    with _noted(bundle):
        _take_over(bundle, metadata_of(bundle.folder))
    with _noted(bundle):
        _look_at_configuration(bundle)
    with _noted(bundle):
        _look_at_files(bundle)
    return bundle


@contextmanager
def _noted(bundle: Bundle) -> Iterator[None]:
    """What is faulty becomes one of the bundle's problems."""
    try:
        yield
    except Faulty as error:
        bundle.problems.append(error.text)


def _take_over(bundle: Bundle, known: Metadata) -> None:
    bundle.title, bundle.version = known.title, known.version
    bundle.modality, bundle.needs_hu, bundle.channels = known.modality, known.needs_hu, known.channels
    algorithm = Algorithm(known.title[:64], known.version, family=ARTIFICIAL_INTELLIGENCE)
    bundle.segments = tuple(named(number, known.labels[number], algorithm) for number in sorted(known.labels))


def _look_at_configuration(bundle: Bundle) -> None:
    """Whether all that is wanted of it may be had."""
    known = Configuration(bundle.folder, lambda _home, name, _arguments: name, _stands_for)
    for name in ("preprocessing", "inferer", "postprocessing"):
        known.value(name)
    network_of(known)
    bundle.weights = weights_of(known, bundle.folder)


def _stands_for(name: str) -> Any:
    """What stands for `torch.float32` and its like where a bundle is only looked at."""
    return {"torch.cuda.is_available": lambda: False, "torch.device": str}.get(name, name)


def _look_at_files(bundle: Bundle) -> None:
    """Whether its weights are there, and whether its files are those that were checked when it came."""
    weights = bundle.folder / bundle.weights
    if not weights.is_file():
        raise Faulty(say("{file} is missing: its weights must be put there, nothing is fetched.", file=bundle.weights))
    known = sums.sums_of(bundle.folder)
    if known is None and not settings.BUNDLES_UNCHECKED:
        raise Faulty(
            say(
                "{sums} is missing: check its files, then have sha256sum write it (docs/segmenters.md).", sums=sums.FILE
            )
        )
    bundle.sums = _sums_that_matter(bundle, known) if known is not None else None
    bundle.digest = _digest(bundle, weights)


def _sums_that_matter(bundle: Bundle, known: dict[str, str]) -> dict[str, str]:
    """Raises Faulty; the weights' sum is looked at by who loads them."""
    sums.check(bundle.folder, known, metadata.FILE, configuration.FILE)
    if bundle.weights not in known:
        raise Faulty(say("{sums} doesn't have {file}.", sums=sums.FILE, file=bundle.weights))
    return {name: known[name] for name in (metadata.FILE, configuration.FILE, bundle.weights)}


def _digest(bundle: Bundle, weights: Path) -> str:
    known = [sums.digest_of(bundle.folder / name) for name in (metadata.FILE, configuration.FILE)]
    found = weights.stat()
    # Without sums the weights are known by what tells that they were replaced.
    last = bundle.sums[bundle.weights] if bundle.sums else f"{found.st_size} {found.st_mtime_ns}"
    return hashlib.sha256("\n".join([*known, last]).encode()).hexdigest()
