"""What is measured: operations with a check of their answer, and the share of a peer's CPU that each may cost."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks import dataset
from benchmarks.dataset import FAMILY_NAMES, FIRST_YEAR, FRAMES, StoredStudy
from benchmarks.targets import Target

JSON = "application/dicom+json"
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
JPEG_FRAMES = 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50'
FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*'
# What many clients at once may cost more than one does.
CROWD = 8
CROWD_SHARE = 1.3
FRESH_STUDIES = 3
# Requests a client in one round of storing.
STORES = 10

Check = Callable[[dict[str, str], bytes], bool]
Run = Callable[[Target], None]


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` does it once, and one run handles `each` objects.

    `clients` do it at the same time, each `times` in a round, or for a moment where that is 0. `prepare` comes before
    a round and is not measured. `aim` is the most that it may cost, as a share of the peer's CPU; `by_rate` says that
    it is the least rate instead, as a multiple of the peer's.
    """

    name: str
    run: Run
    aim: float | None = None
    each: int = 1
    clients: int = 1
    times: int = 0
    prepare: Run | None = None
    by_rate: bool = False


@dataclass(frozen=True, slots=True)
class Studies:
    """What is stored before anything is measured."""

    large: StoredStudy
    small: tuple[StoredStudy, ...]
    grayscale: StoredStudy
    jpeg: StoredStudy
    long: StoredStudy | None = None

    def all(self) -> Iterator[StoredStudy]:
        yield from (self.large, *self.small, self.grayscale, self.jpeg)
        if self.long:
            yield self.long


def operations(studies: Studies, first_token: int) -> Iterator[Operation]:
    """All operations, storing last: what it leaves behind makes the searches no slower."""
    for operation in (*_searches(studies), *_metadata(studies), *_retrievals(studies)):
        yield operation
        if operation.each == 1 and operation.aim:
            crowd = f"{operation.name}, {CROWD} clients"
            yield replace(operation, name=crowd, clients=CROWD, aim=operation.aim * CROWD_SHARE)
    yield from _pictures(studies)
    yield from _first_metadata(first_token + 100_000)
    yield from _stores(studies.large, first_token)


def _searches(studies: Studies) -> Iterator[Operation]:
    small, large = studies.small, studies.large
    by_name = sum(FAMILY_NAMES[1].encode() in one.files[0][:4096] for one in small)
    by_date = sum(f"{FIRST_YEAR}".encode() + b"0" in one.files[0][:4096] for one in small)
    names = [f"/studies?PatientName={name[:4]}*" for name in FAMILY_NAMES]
    years = [f"/studies?StudyDate={FIRST_YEAR + number}0101-{FIRST_YEAR + number}1231" for number in range(10)]
    yield _get("QIDO-RS: 100 of 200 studies", ["/studies?limit=100"], _has(100), aim=0.05)
    yield _get(f"QIDO-RS: {by_name} studies by name", names, _has(by_name), aim=0.25)
    yield _get(f"QIDO-RS: about {by_date} studies by date", years, _is_ok, aim=0.2)
    patients = [f"/studies?PatientID={one.patient_id}" for one in small]
    yield _get("QIDO-RS: one study by Patient ID", patients, _has(1), aim=0.95)
    yield _get("QIDO-RS: series of a study", [f"/studies/{one.uid}/series" for one in small], _has(1), aim=0.85)
    slices = f"{large.series}/instances?limit=1000"
    yield _get("QIDO-RS: 500 instances of a series", [slices], _has(len(large.sop_uids)), aim=0.01)


def _metadata(studies: Studies) -> Iterator[Operation]:
    large, long = studies.large, studies.long
    whole = f"/studies/{large.uid}/metadata"
    yield _get("metadata of 500 slices", [whole], _has(len(large.sop_uids)), aim=0.15)
    yield _get("metadata of 500 slices, gzip accepted", [whole], _is_ok, aim=0.02, encoding="gzip")
    if long:
        count = len(long.sop_uids)
        yield _get(f"metadata of {count} slices", [f"/studies/{long.uid}/metadata"], _has(count), aim=0.15)
        path = [f"/studies/{long.uid}/metadata"]
        yield _get(f"metadata of {count} slices, gzip accepted", path, _is_ok, aim=0.02, encoding="gzip")
    yield _get("metadata of one instance", [f"{one}/metadata" for one in _instances(large)], _has(1), aim=0.3)


def _first_metadata(first_token: int) -> Iterator[Operation]:
    """What the first reader of a study waits for: each run stores a study of its own."""
    study, tokens = dataset.long(500), itertools.count(first_token)
    fresh: dict[str, list[str]] = {}

    def prepare(target: Target) -> None:
        for _ in range(FRESH_STUDIES):
            renewed = study.renewed(next(tokens))
            target.store_all(renewed.files)
            fresh.setdefault(target.name, []).append(renewed.uid)

    def run(target: Target) -> None:
        status, _, body = target.get(f"/studies/{fresh[target.name].pop()}/metadata", JSON)
        if status != 200 or len(json.loads(body)) != len(study.sop_uids):
            raise RuntimeError(f"{target.name} answers {status} with {len(body)} bytes")

    yield Operation("metadata of 500 slices, first time after storing", run, 0.05, times=FRESH_STUDIES, prepare=prepare)


def _retrievals(studies: Studies) -> Iterator[Operation]:
    large, places = studies.large, _instances(studies.large)
    pixels = large.files[0][-512 * 512 * 2 :]
    yield _get("one frame of 512 KiB", [f"{one}/frames/1" for one in places], _holds(pixels), OCTETS, aim=0.6)
    yield _get("one instance of 512 KiB", places, _holds(pixels), FILES, aim=0.5)
    for name, study, accept, holds in (
        ("16 bits", studies.grayscale, OCTETS, studies.grayscale.files[0][-512 * 512 * 2 * FRAMES :][: 512 * 512 * 2]),
        ("JPEG as stored", studies.jpeg, JPEG_FRAMES, b"\xff\xd8\xff"),
    ):
        frames = [f"{_instances(study)[0]}/frames/{number * 37 % FRAMES + 1}" for number in range(FRAMES)]
        yield _get(f"a random frame of 100, {name}", frames, _holds(holds), accept, aim=0.5)
    whole = f"/studies/{large.uid}"
    yield _get("whole study, per instance", [whole], _holds(pixels), FILES, aim=1.0, each=len(places))


def _pictures(studies: Studies) -> Iterator[Operation]:
    places = _instances(studies.large)
    yield _get("rendered JPEG", [f"{one}/rendered" for one in places], _is_ok, "image/jpeg", aim=0.8)
    yield _get("rendered PNG", [f"{one}/rendered" for one in places], _is_ok, "image/png", aim=0.4)
    yield _get("thumbnail", [f"{one}/thumbnail" for one in places[:100]], _is_ok, "image/jpeg", aim=0.15)


def _stores(large: StoredStudy, first_token: int) -> Iterator[Operation]:
    name = "STOW-RS: 512 KiB instances, 10 a request"
    yield _store(name, large, 10, first_token, aim=0.6)
    yield _store(f"{name}, 4 clients", large, 10, first_token + 1000, aim=1.5, clients=4, by_rate=True)
    yield _store("STOW-RS: 512 KiB instances, one a request, 4 clients", large, 1, first_token + 2000, clients=4)


def _instances(study: StoredStudy) -> list[str]:
    return [f"{study.series}/instances/{uid}" for uid in study.sop_uids]


def _get(
    name: str,
    paths: list[str],
    check: Check,
    accept: str = JSON,
    *,
    aim: float | None = None,
    encoding: str = "",
    each: int = 1,
) -> Operation:
    places = itertools.cycle(paths)
    checked: set[str] = set()

    def run(target: Target) -> None:
        path = paths[0] if target.name not in checked else next(places)
        status, headers, body = target.get(path, accept, encoding)
        if status != 200 or (target.name not in checked and not check(headers, body)):
            raise RuntimeError(f"{target.name} answers {status} to {name}: {body[:200]!r}")
        checked.add(target.name)

    return Operation(name, run, aim, each)


def _store(
    name: str,
    study: StoredStudy,
    each: int,
    first_token: int,
    *,
    aim: float | None = None,
    clients: int = 1,
    by_rate: bool = False,
) -> Operation:
    tokens = itertools.count(first_token)
    waiting: dict[str, list[bytes]] = {}

    def prepare(target: Target) -> None:
        files = waiting.setdefault(target.name, [])
        while len(files) < each * clients * STORES:
            files += study.renewed(next(tokens)).files

    def run(target: Target) -> None:
        files = waiting[target.name]
        target.store([files.pop() for _ in range(each)])

    return Operation(name, run, aim, each, clients, STORES, prepare, by_rate)


def _has(count: int) -> Check:
    return lambda _, body: len(json.loads(body)) == count


def _holds(content: bytes) -> Check:
    return lambda _, body: content in body


def _is_ok(_: dict[str, str], body: bytes) -> bool:
    return len(body) > 200
