"""Whether the record is what was written: every event, its place, the ends of the chains, and the anchors."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from apps.audit import anchors, append_only, chain
from apps.audit.anchors import Anchor
from apps.audit.models import Event, Head

_COLUMNS: Final = (*chain.HASHED, "prev_hash", "hash")
_AT_ONCE: Final = 2000
_SEEN_EVERY: Final = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written, in words. `sequence` is 0 for what concerns no single event."""

    chain: int
    sequence: int
    problem: str

    def __str__(self) -> str:
        where = f"practice {self.chain}" if self.chain else "site"
        return f"{where}, event {self.sequence}: {self.problem}" if self.sequence else f"{where}: {self.problem}"


def count() -> int:
    """How many events there are, about: what a progress bar needs."""
    return sum(Head.objects.values_list("sequence", flat=True))


def verify(seen: Callable[[int], Any] = lambda _: None) -> Iterator[Finding]:
    """Walk all chains; gives what is wrong. `seen` is told of each some hundred events that were looked at.

    It may be done while the server writes: what is added meanwhile is looked at as far as it has come.
    """
    if missing := append_only.missing(connection):
        names = ", ".join(missing)
        yield Finding(chain.SITE, 0, f"the database no longer refuses changes: these triggers are missing: {names}")
    anchored = defaultdict[int, list[Anchor]](list)
    for anchor in anchors.read():
        if anchor.problem:
            yield Finding(anchor.chain, 0, f"line {anchor.line} of the anchors {anchor.problem}")
        elif anchor.sequence:
            anchored[anchor.chain].append(anchor)
    heads = {head.chain: head for head in Head.objects.all()}
    practices = Event.objects.order_by().values_list("practice_id", flat=True).distinct()
    for name in sorted({practice or chain.SITE for practice in practices} | set(heads) | set(anchored)):
        yield from _Walk(name, anchored[name], heads.get(name), seen).findings()


@dataclass(slots=True)
class _Walk:
    """A walk along one chain, from its first event to its last."""

    name: int
    anchors: list[Anchor]
    head: Head | None
    seen: Callable[[int], Any]
    sequence: int = 0
    hash: str = chain.NOTHING
    awaited: dict[int, str] = field(default_factory=dict)

    def findings(self) -> Iterator[Finding]:
        self.awaited = {anchor.sequence: f"the anchor of {anchor.when}" for anchor in self.anchors}
        hashes = {anchor.sequence: anchor.hash for anchor in self.anchors}
        if self.head:
            self.awaited[self.head.sequence] = "the chain's end"
            hashes.setdefault(self.head.sequence, self.head.hash)
        mine = Event.objects.filter(practice_id=self.name) if self.name else Event.objects.filter(practice=None)
        events = mine.order_by("sequence", "id").values(*_COLUMNS)
        for number, facts in enumerate(events.iterator(_AT_ONCE), start=1):
            if number % _SEEN_EVERY == 0:
                self.seen(_SEEN_EVERY)
            yield from self._event(facts)
            yield from self._witnesses(hashes)
        yield from self._end()

    def _event(self, facts: Mapping[str, Any]) -> Iterator[Finding]:
        sequence = facts["sequence"]
        if sequence > self.sequence + 1:
            yield self._found(sequence, f"{_several(sequence - self.sequence - 1)} before it deleted")
        elif sequence <= self.sequence:
            yield self._found(sequence, "inserted: another event has this place")
        if chain.hash_of(facts, facts["prev_hash"]) != facts["hash"]:
            yield self._found(sequence, "changed, or inserted: its hash does not fit what it says")
        elif sequence == self.sequence + 1 and facts["prev_hash"] != self.hash:
            yield self._found(sequence, "does not follow the event before it, which was replaced")
        self.sequence, self.hash = sequence, facts["hash"]

    def _witnesses(self, hashes: Mapping[int, str]) -> Iterator[Finding]:
        """What the anchors and the head say of the event just seen."""
        if (witness := self.awaited.pop(self.sequence, None)) and hashes[self.sequence] != self.hash:
            yield self._found(self.sequence, f"{witness} has another hash: the event was replaced")

    def _end(self) -> Iterator[Finding]:
        for sequence, witness in sorted(self.awaited.items()):
            if sequence > self.sequence:
                yield self._found(
                    sequence, f"the chain was cut off after event {self.sequence}: {witness} knows this one"
                )
        head = Head.objects.filter(chain=self.name).first()
        if head is None:
            yield self._found(0, "the chain's end is not kept any more")
        elif head.seal != chain.seal_of(head.chain, head.sequence, head.hash):
            yield self._found(0, "the chain's end was changed: its seal does not fit")
        elif self.sequence > head.sequence:
            yield self._found(self.sequence, f"inserted: the chain ends with event {head.sequence}")

    def _found(self, sequence: int, problem: str) -> Finding:
        return Finding(self.name, sequence, problem)


def _several(number: int) -> str:
    return "an event" if number == 1 else f"{number} events"
