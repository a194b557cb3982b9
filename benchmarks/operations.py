"""What is measured: operations with a check of their answer, each run often enough for /proc's clock."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.dataset import FAMILY_NAMES, StoredStudy
from benchmarks.targets import Target

JSON = "application/dicom+json"
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*'

Check = Callable[[dict[str, str], bytes], bool]


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` does it once; `times` is how often a round does it; `each` how many objects one run handles."""

    name: str
    run: Callable[[Target], None]
    times: int
    each: int = 1


def operations(large: StoredStudy, small: list[StoredStudy], first_token: int) -> Iterator[Operation]:
    """All operations, storing last: what it leaves behind makes the searches no slower."""
    study, series = f"/studies/{large.uid}", f"/studies/{large.uid}/series/{large.series_uid}"
    slices = [f"{series}/instances/{uid}" for uid in large.sop_uids]
    pixels = [file[-512 * 512 * 2 :] for file in large.files]
    yield _get("QIDO-RS: 100 of 200 studies", ["/studies?limit=100"], 100, _has(100))
    by_name = len([one for one in small if one.files and FAMILY_NAMES[1].encode() in one.files[0][:4096]])
    names = [f"/studies?PatientName={name[:4]}*" for name in FAMILY_NAMES]
    yield _get(f"QIDO-RS: {by_name} by name", names, 200, _has(by_name))
    yield _get("QIDO-RS: one by Patient ID", [f"/studies?PatientID={one.patient_id}" for one in small], 300, _has(1))
    yield _get("QIDO-RS: series of a study", [f"/studies/{one.uid}/series" for one in small], 300, _has(1))
    yield _get("QIDO-RS: 500 instances of a series", [f"{series}/instances?limit=1000"], 20, _has(500))
    yield _get("metadata of 500 slices", [f"{study}/metadata"], 20, _has(500))
    yield _get("metadata of 500 slices, gzip accepted", [f"{study}/metadata"], 30, _is_ok, encoding="gzip")
    yield _get("metadata of one instance", [f"{one}/metadata" for one in slices], 200, _has(1))
    yield _get("one frame of 512 KiB", [f"{one}/frames/1" for one in slices], 300, _holds(pixels[0]), OCTETS)
    yield _get("one instance of 512 KiB", slices, 300, _holds(pixels[0]), FILES)
    yield _get("whole study, per instance", [study], 3, _holds(pixels[0]), FILES, each=len(slices))
    yield _get("rendered JPEG", [f"{one}/rendered" for one in slices], 100, _is_ok, "image/jpeg")
    yield _get("rendered PNG", [f"{one}/rendered" for one in slices], 40, _is_ok, "image/png")
    yield _get("thumbnail", [f"{one}/thumbnail" for one in slices], 100, _is_ok, "image/jpeg")
    yield _store("STOW-RS: 512 KiB instances, 10 a request", large, 10, 30, first_token)
    yield _store("STOW-RS: 512 KiB instances, one a request", large, 1, 100, first_token + 1000)


def _get(
    name: str, paths: list[str], times: int, check: Check, accept: str = JSON, *, encoding: str = "", each: int = 1
) -> Operation:
    places = itertools.cycle(paths)
    checked: set[str] = set()

    def run(target: Target) -> None:
        path = paths[0] if target.name not in checked else next(places)
        status, headers, body = target.get(path, accept, encoding)
        if status != 200 or (target.name not in checked and not check(headers, body)):
            raise RuntimeError(f"{target.name} answers {status} to {name}: {body[:200]!r}")
        checked.add(target.name)

    return Operation(name, run, times, each)


def _store(name: str, study: StoredStudy, each: int, times: int, first_token: int) -> Operation:
    tokens = itertools.count(first_token)
    waiting: dict[str, list[bytes]] = {}

    def run(target: Target) -> None:
        files = waiting.setdefault(target.name, [])
        if len(files) < each:
            files += study.renewed(next(tokens)).files
        target.store([files.pop() for _ in range(each)])

    return Operation(name, run, times, each)


def _has(count: int) -> Check:
    return lambda _, body: len(json.loads(body)) == count


def _holds(content: bytes) -> Check:
    return lambda _, body: content in body


def _is_ok(_: dict[str, str], body: bytes) -> bool:
    return len(body) > 200
