"""What the active rules of the practices make of instances: which go where, and by which rule."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from apps.routing.loops import Place
from apps.routing.models import Rule, When
from apps.routing.rules import Conditions, Facts


@dataclass(frozen=True, slots=True)
class Known:
    """An instance, by its key and SOP Instance UID."""

    key: int
    sop_instance_uid: str


# Instances by the key of the rule and of the remote, in the order in which they came.
Parcels = dict[tuple[int, int], list[Known]]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The active rules of one practice in their order, and their destinations."""

    rules: tuple[Conditions, ...] = ()
    places: tuple[Place, ...] = ()

    @property
    def sends_at_once(self) -> bool:
        return any(rule.when is When.AT_ONCE for rule in self.rules)

    def priority(self, rule_pk: int) -> int:
        return next(rule.priority for rule in self.rules if rule.pk == rule_pk)

    def destinations(self, facts: Facts, whens: Collection[When], sources: frozenset[int]) -> dict[int, int]:
        """Where an instance goes by the rules of these kinds: the first rule that sends it to each remote."""
        found: dict[int, int] = {}
        for rule in self.rules:
            if rule.when in whens and rule.met_by(facts):
                for remote_id in rule.destinations - sources:
                    found.setdefault(remote_id, rule.pk)
        return found


@dataclass(slots=True)
class Sorting:
    """What is to go, as it is sorted."""

    book: RuleBook
    parcels: Parcels = field(default_factory=dict)

    def add(self, known: Known, facts: Facts, whens: Collection[When], sources: frozenset[int]) -> None:
        for remote_id, rule_pk in self.book.destinations(facts, whens, sources).items():
            self.parcels.setdefault((rule_pk, remote_id), []).append(known)


def rule_books(practice_ids: Iterable[int]) -> Mapping[int, RuleBook]:
    """The active rules of these practices; looks the names of destinations up."""
    rules = Rule.objects.filter(is_active=True, practice__in=practice_ids).order_by("position", "pk")
    conditions: dict[int, list[Conditions]] = {}
    places: dict[int, dict[int, Place]] = {}
    for rule in rules.prefetch_related("destinations"):
        remotes = rule.destinations.all()
        conditions.setdefault(rule.practice_id, []).append(Conditions.of(rule, [each.pk for each in remotes]))
        places.setdefault(rule.practice_id, {}).update({each.pk: Place.of(each) for each in remotes})
    return {pk: RuleBook(tuple(found), tuple(places[pk].values())) for pk, found in conditions.items()}
