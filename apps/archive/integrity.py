"""Whether the index and the files agree: every row has its bytes, every file has its row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from blake3 import blake3

from apps.archive.models import Instance, Quarantined
from apps.archive.storage import PIECE, indexed, site_objects
from apps.core.errors import Unavailable

KEYS_AT_ONCE: Final = 500
UNINDEXED: Final = "no row of the index names it"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: which object, and what is wrong with it."""

    file_key: str
    problem: str


def check(*, contents: bool = True, seen: Callable[[], object] = lambda: None) -> Iterator[Finding]:
    """Go through the index, then through the storage; `seen` is called for each object that was looked at.

    With `contents`, every byte is read and compared with the hash that was taken when it was stored.
    """
    for model in (Instance, Quarantined):
        for file_key, size, digest in model.objects.order_by("pk").values_list("file_key", "size", "digest").iterator():
            if problem := _problem(file_key, size, bytes(digest), contents):
                yield Finding(file_key, problem)
            seen()
    yield from _unindexed()


def count() -> int:
    """How many objects the index names."""
    return Instance.objects.count() + Quarantined.objects.count()


def remove(finding: Finding) -> None:
    """Remove a file without a row."""
    if not indexed([finding.file_key]):
        site_objects().delete(finding.file_key)


def _problem(file_key: str, size: int, digest: bytes, contents: bool) -> str:
    found = site_objects().size(file_key)
    if found is None:
        return "its file is missing"
    if found != size:
        return f"its file has {found} bytes instead of {size}"
    if not contents:
        return ""
    try:
        return "" if _hash(file_key, size) == digest else "its bytes have changed"
    except Unavailable as error:
        return f"its file can't be read: {error.detail}"


def _hash(file_key: str, size: int) -> bytes:
    digest = blake3()
    for offset in range(0, size, PIECE):
        digest.update(site_objects().read(file_key, offset, min(PIECE, size - offset)))
    return digest.digest()


def _unindexed() -> Iterator[Finding]:
    """Files that no row names. Those of a batch that is being stored at this moment are among them."""
    waiting: list[str] = []
    for key in site_objects().all_keys():
        waiting.append(key)
        if len(waiting) == KEYS_AT_ONCE:
            yield from _without_row(waiting)
            waiting.clear()
    yield from _without_row(waiting)


def _without_row(keys: list[str]) -> Iterator[Finding]:
    known = indexed(keys) if keys else set()
    yield from (Finding(key, UNINDEXED) for key in keys if key not in known)
