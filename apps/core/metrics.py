"""What is counted as it happens (Prometheus). `apps.ops.metrics` shows it, with what the database knows."""

import fcntl
import os
from functools import cache
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_slot: tuple[int, int, int] = (0, 0, -1)


def _process_slot() -> int:
    """A small number that is this process's own as long as it lives.

    Process ids would leave a file behind for every process that ever ran, and workers are replaced all day long.
    """
    global _slot  # noqa: PLW0603
    if _slot[0] != os.getpid():
        _slot = (os.getpid(), *_claim_slot(Path(os.environ[DIRECTORY_VARIABLE])))
    return _slot[1]


def _claim_slot(folder: Path) -> tuple[int, int]:
    """The first number whose lock file nobody holds, and the open file that now holds it."""
    number = 0
    while True:
        lock = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            number += 1
        else:
            return number, lock


if DIRECTORY_VARIABLE in os.environ:
    values.ValueClass = values.MultiProcessValue(_process_slot)

# Its `_count` is the number of requests: a counter beside it would cost each of them as much again.
REQUESTS = Histogram(
    "fovea_http_request_seconds", "Requests and the time to answer.", ["route", "method", "status"], buckets=BUCKETS
)
RECEIVED = Counter("fovea_instances_received", "Instances received.", ["source", "outcome"])
STORED_BYTES = Counter("fovea_stored_bytes_received", "Bytes of the instances that were stored.", ["source"])
ASSOCIATIONS = Histogram(
    "fovea_dicom_association_seconds", "Associations of the DICOM network and how long they lasted.", ["ending"],
    buckets=(0.01, 0.1, 1.0, 10.0, 100.0, 1000.0),
)  # fmt: skip
MESSAGES = Histogram(
    "fovea_dicom_message_seconds", "Requests of the DICOM network and the time to answer.", ["service"], buckets=BUCKETS
)
CONNECTIONS = Gauge("fovea_dicom_connections", "Open connections of the DICOM network.", multiprocess_mode="livesum")
HL7_MESSAGES = Histogram(
    "fovea_hl7_message_seconds", "HL7 messages, by kind and answer, and the time to answer.", ["kind", "answer"],
    buckets=BUCKETS,
)  # fmt: skip
HL7_CONNECTIONS = Gauge("fovea_hl7_connections", "Open connections of HL7 senders.", multiprocess_mode="livesum")
ROUTED = Counter("fovea_routed_instances", "Instances sent by routing, and what became of each.", ["remote", "outcome"])
CACHE_READS = Counter("fovea_cache_reads", "Reads of what is kept ready, and whether it was.", ["cache", "outcome"])
ERRORS = Counter("fovea_errors", "Faults of the server's own.", ["kind"])


def request_done(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is the template of its address."""
    _requests_of(route, method if method in METHODS else "OTHER", status).observe(seconds)


@cache
def _requests_of(route: str, method: str, status: int) -> Histogram:
    return REQUESTS.labels(route, method, status)


def instance_received(source: str, outcome: str) -> None:
    """Count an instance that came in by `source` (such as STOW-RS) and was stored, known, refused..."""
    RECEIVED.labels(source, outcome).inc()


def bytes_stored(source: str, size: int) -> None:
    """Count the bytes that a batch from `source` added to the storage."""
    STORED_BYTES.labels(source).inc(size)


def association_ended(ending: str, seconds: float) -> None:
    """Count a connection of the DICOM network, by how it ended (such as released, timed out, refused)."""
    ASSOCIATIONS.labels(ending).observe(seconds)


@cache
def _messages_of(service: str) -> Histogram:
    return MESSAGES.labels(service)


def message_answered(service: str, seconds: float) -> None:
    """Count an answered request of a service such as C-STORE."""
    _messages_of(service).observe(seconds)


@cache
def _hl7_messages_of(kind: str, answer: str) -> Histogram:
    return HL7_MESSAGES.labels(kind, answer)


def hl7_message_answered(kind: str, answer: str, seconds: float) -> None:
    """Count an HL7 message: its kind such as ADT (of those that there are), and AA, AE or AR."""
    _hl7_messages_of(kind, answer).observe(seconds)


def instances_routed(remote: str, outcome: str, count: int) -> None:
    """Count instances that were sent to a remote, by its name: taken, warned, parked, or to be sent again later."""
    if count:
        ROUTED.labels(remote, outcome).inc(count)


@cache
def _cache_reads_of(name: str, *, was_ready: bool) -> Counter:
    return CACHE_READS.labels(name, "ready" if was_ready else "made")


def cache_read(name: str, *, was_ready: bool) -> None:
    """Count a read from a cache (such as metadata) by somebody who waits for it."""
    _cache_reads_of(name, was_ready=was_ready).inc()


def cache_reads() -> dict[tuple[str, str], int]:
    """How many reads of each cache all processes of this node have counted, by cache and outcome (ready, made)."""
    registry = REGISTRY
    if DIRECTORY_VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return {
        (sample.labels["cache"], sample.labels["outcome"]): int(sample.value)
        for metric in registry.collect()
        if metric.name == "fovea_cache_reads"
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def error_seen(error: BaseException) -> None:
    """Count a fault by its class."""
    ERRORS.labels(type(error).__name__).inc()
