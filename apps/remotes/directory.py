"""Who is known: this server's AE titles and the remotes that may call them, kept in memory for a few seconds.

A flood of calls costs no queries. Who is not found is looked for once more in the database, so that a remote is known
as soon as it was added.
"""

import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from apps.archive.outcomes import DuplicatePolicy
from apps.dicom.network.addresses import Network, parse_network
from apps.remotes.certificates import certificates_of
from apps.remotes.models import ApplicationEntity, Protocol, Remote, Service

logger = logging.getLogger(__name__)

# Seconds that what was read counts, and that it counts for somebody who isn't in it.
REMEMBERED: Final = 5.0
RENEWED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Known:
    """A remote as it may call. `fingerprints` are the SHA-256 of its certificates (DER), none where it needs none."""

    remote_id: int
    name: str
    title: str
    practice_id: int
    host: str
    networks: tuple[Network, ...]
    fingerprints: frozenset[bytes]
    requires_user: bool
    services: frozenset[Service]
    duplicates: DuplicatePolicy | None
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """`practices` by our AE titles; remotes by practice and AE title, of which several may have the same."""

    practices: Mapping[str, int]
    remotes: Mapping[tuple[int, str], tuple[Known, ...]]
    read_at: float


_lock = Lock()
_directory: Directory | None = None


def current(*, newer_than: float = REMEMBERED) -> Directory:
    """What is known, as it was read at most so many seconds ago."""
    global _directory  # noqa: PLW0603 - one directory a process
    known = _directory
    if known is not None and time.monotonic() - known.read_at < newer_than:
        return known
    with _lock:
        known = _directory
        if known is None or time.monotonic() - known.read_at >= newer_than:
            known = _directory = _read()
        return known


def forget_all() -> None:
    """Read everything again, after a change in this process."""
    global _directory  # noqa: PLW0603 - one directory a process
    _directory = None


def networks_of(text: str) -> tuple[Network, ...]:
    """The addresses and networks in a text that separates them by spaces or commas. Raises ValueError."""
    return tuple(parse_network(part) for part in text.replace(",", " ").split())


def _read() -> Directory:
    read_at = time.monotonic()
    practices = dict(ApplicationEntity.objects.values_list("title", "practice_id"))
    by_title: dict[tuple[int, str], list[Known]] = defaultdict(list)
    for remote in Remote.objects.filter(is_active=True, protocol=Protocol.DIMSE).exclude(title="").order_by("pk"):
        try:
            known = _known(remote)
        except ValueError:
            logger.warning("Remote %d may not call: its networks or its certificate can't be read.", remote.pk)
            continue
        by_title[known.practice_id, known.title].append(known)
    return Directory(practices, {key: tuple(remotes) for key, remotes in by_title.items()}, read_at)


def _known(remote: Remote) -> Known:
    """Raises ValueError."""
    return Known(
        remote_id=remote.pk,
        name=remote.name,
        title=remote.title.strip(),
        practice_id=remote.practice_id,
        host=remote.host,
        networks=networks_of(remote.networks),
        fingerprints=frozenset(hashlib.sha256(der).digest() for der in certificates_of(remote.certificate)),
        requires_user=remote.requires_user,
        services=frozenset(service for service in Service if remote.may(service)),
        duplicates=DuplicatePolicy(remote.duplicates) if remote.duplicates else None,
        transfer_syntaxes=tuple(remote.transfer_syntaxes.split()),
    )
