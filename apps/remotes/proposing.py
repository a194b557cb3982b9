"""The presentation contexts that are proposed to send instances in (PS3.8 7.1.1.13), on as few associations as can be.

For each SOP class: one context for each transfer syntax that its instances leave in, and one for what is uncompressed,
so that the peer has a choice of its own in none that matters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from apps.archive.leaving import leaves_in
from apps.archive.retrieve import StoredInstance
from apps.dicom.network.pdu import MAX_CONTEXTS
from apps.remotes.sending import UNCOMPRESSED

Contexts = list[tuple[str, Sequence[str]]]


@dataclass(slots=True)
class Load:
    """What one association is opened for: the contexts to propose, and the instances to send, in order."""

    contexts: Contexts = field(default_factory=list)
    instances: list[StoredInstance] = field(default_factory=list)


def loads(instances: Iterable[StoredInstance], preferences: Sequence[str] = ()) -> list[Load]:
    """Spread instances over as few associations as can propose the contexts for all of them.

    With `preferences` no other transfer syntaxes are proposed. SOP classes stay together, instances in order.
    """
    of_class: dict[str, list[StoredInstance]] = {}
    for stored in instances:
        of_class.setdefault(stored.sop_class_uid, []).append(stored)
    found = [Load()]
    for sop_class, members in of_class.items():
        contexts = _contexts(sop_class, members, preferences)
        if len(found[-1].contexts) + len(contexts) > MAX_CONTEXTS:
            found.append(Load())
        found[-1].contexts += contexts
        found[-1].instances += members
    return found if of_class else []


def proposals(instances: Iterable[StoredInstance], preferences: Sequence[str] = ()) -> list[Contexts]:
    """The contexts alone, for each association."""
    return [load.contexts for load in loads(instances, preferences)]


def _contexts(sop_class: str, members: Iterable[StoredInstance], preferences: Sequence[str]) -> Contexts:
    if preferences:
        return [(sop_class, (syntax,)) for syntax in preferences]
    return [(sop_class, syntaxes) for syntaxes in _syntaxes(sorted(set(map(leaves_in, members))))]


def _syntaxes(stored: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from ((syntax,) for syntax in stored)
    if fallback := tuple(syntax for syntax in UNCOMPRESSED if syntax not in stored):
        yield fallback
