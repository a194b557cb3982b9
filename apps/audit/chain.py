"""The chain of a practice's events: each has a keyed hash (HMAC-SHA-256) over itself and the hash before it.

Nobody who writes to the database alone can make a hash that fits: the key (FOVEA_AUDIT_KEY) lies outside it.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.audit.entries import COLUMNS, Entry, fitting

# Of what belongs to no practice.
SITE: Final = 0
# Before the first event of a chain.
NOTHING: Final = "0" * 64
HASHED: Final = (*COLUMNS, "sequence")
WRITTEN: Final = (*HASHED, "prev_hash", "hash")
INSERT: Final = f"INSERT INTO audit_event ({', '.join(WRITTEN)}) VALUES ({', '.join(['%s'] * len(WRITTEN))})"  # noqa: S608
_FORMAT: Final = "fovea-audit-1"
_PAGE: Final = 500


def keyed(purpose: str, *parts: str) -> str:
    """The keyed hash of these texts, as 64 hexadecimal digits; no two purposes share any."""
    return hmac.digest(settings.AUDIT_KEY.encode(), orjson.dumps([purpose, *parts]), "sha256").hex()


def hash_of(facts: Mapping[str, Any], prev_hash: str) -> str:
    """The hash of an event with these facts (`HASHED`) after the one whose hash is given."""
    return keyed(_FORMAT, *(_text(facts[name]) for name in HASHED), prev_hash)


def seal_of(chain: int, sequence: int, head: str) -> str:
    """What shows that a chain ended here once."""
    return keyed("head", str(chain), str(sequence), head)


def append(cursor: CursorWrapper, entries: Sequence[Entry]) -> None:
    """Add these events, each to the chain of its practice, in their order. The caller holds a transaction.

    A chain has one writer until that transaction ends: call it as late in it as can be. Several chains are taken in
    one order, so that no two writers wait for each other.
    """
    now = timezone.now()
    for chain in sorted({entry.practice_id or SITE for entry in entries}):
        members = [entry for entry in entries if (entry.practice_id or SITE) == chain]
        for start in range(0, len(members), _PAGE):
            _extend(cursor, chain, members[start : start + _PAGE], now)


def _extend(cursor: CursorWrapper, chain: int, entries: Sequence[Entry], now: datetime) -> None:
    sequence, head = _locked_head(cursor, chain)
    adapt = cursor.db.ops.adapt_datetimefield_value
    rows: list[list[Any]] = []
    for entry in entries:
        sequence += 1
        facts: dict[str, Any] = {name: fitting(name, getattr(entry, name)) for name in COLUMNS}
        facts |= {"at": entry.at or now, "sequence": sequence}
        previous, head = head, hash_of(facts, head)
        facts |= {"at": adapt(facts["at"]), "until": adapt(entry.until), "prev_hash": previous, "hash": head}
        rows.append([facts[name] for name in WRITTEN])
    cursor.executemany(INSERT, rows)
    cursor.execute(
        "UPDATE audit_head SET sequence = %s, hash = %s, seal = %s WHERE chain = %s",
        [sequence, head, seal_of(chain, sequence, head), chain],
    )


def _locked_head(cursor: CursorWrapper, chain: int) -> tuple[int, str]:
    """Where the chain ends, which nobody else moves until the transaction ends. SQLite has one writer anyway."""
    select = "SELECT sequence, hash FROM audit_head WHERE chain = %s"
    if cursor.db.vendor == "postgresql":
        select += " FOR UPDATE"
    cursor.execute(select, [chain])
    row = cursor.fetchone()
    if row is None:
        cursor.execute(
            "INSERT INTO audit_head (chain, sequence, hash, seal) VALUES (%s, 0, %s, %s) ON CONFLICT DO NOTHING",
            [chain, NOTHING, seal_of(chain, 0, NOTHING)],
        )
        cursor.execute(select, [chain])
        row = cursor.fetchone()
    return int(row[0]), str(row[1])


def _text(value: object) -> str:
    """A fact as it is hashed: times in UTC to the microsecond, and nothing as an empty text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return "" if value is None else str(value)
