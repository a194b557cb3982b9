"""What each level of agreement weighs (Fellegi and Sunter 1969).

In bits: log2 of how much likelier the level is between two records of one person than between those of two people.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Self

from apps.practice.matching.comparing import Comparison, Field
from apps.practice.matching.levels import Level

# No level is so rare that seeing it proves anything by itself.
RAREST: Final = 1e-6


class Chances(NamedTuple):
    """How often a level is seen between two records of one person (m), and of two people (u)."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        """What the level weighs."""
        return math.log2(max(self.m, RAREST) / max(self.u, RAREST))


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How many of a practice's leads have a family or given name (folded, words joined), of how many leads."""

    family: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)
    people: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """From which probability a lead is linked, or shown to a person; how many bits the next lead must be behind.

    `waived`: the vetoes (`vetoes.Veto`) that a practice does without.
    """

    link: float = 0.95
    review: float = 0.005
    lead_bits: float = 7.0
    waived: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weights:
    """The chances of each level of each field (what isn't known weighs nothing), and where the limits lie."""

    version: str
    chances: Mapping[Field, Mapping[Level, Chances]]
    limits: Limits = field(default_factory=Limits)

    def bits(self, comparison: Comparison, frequencies: Frequencies | None = None) -> float:
        """What the comparison weighs in all; 0 says nothing, 10 makes one person 1024 times likelier than two."""
        return sum(weight for _, _, weight in self.parts(comparison, frequencies))

    def parts(self, comparison: Comparison, frequencies: Frequencies | None = None) -> list[tuple[Field, Level, float]]:
        """What each field adds. The same name weighs by how rare it is in the practice, where that is known."""
        common = _commonness(comparison, frequencies) if frequencies and frequencies.people else {}
        return [
            (name, level, self.level_bits(name, level) if name not in common else self._named(name, common[name]))
            for name, level in comparison.levels
        ]

    def level_bits(self, name: Field, level: Level) -> float:
        """What one level of one field weighs, whatever the names are."""
        return self._bits.get((name, level), 0.0)

    def _named(self, name: Field, share: float) -> float:
        return math.log2(max(self.chances[name][Level.EXACT].m, RAREST) / share)

    @cached_property
    def _bits(self) -> dict[tuple[Field, Level], float]:
        return {
            (name, level): chances.bits for name, levels in self.chances.items() for level, chances in levels.items()
        }

    @classmethod
    def of_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError for anything else."""
        try:
            read = json.loads(text)
            chances = {
                Field(name): {Level(level): _chances(*pair) for level, pair in levels.items()}
                for name, levels in read["fields"].items()
            }
            return cls(str(read["version"]), chances, _limits(**read["limits"]) if "limits" in read else Limits())
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"These are no weights: {error!r}") from error

    def to_json(self) -> str:
        """As JSON: {"version": …, "limits": {…}, "fields": {field: {level: [m, u]}}}."""
        fields = {
            name.value: {level.value: [round(pair.m, 8), round(pair.u, 8)] for level, pair in levels.items()}
            for name, levels in self.chances.items()
        }
        return json.dumps({"version": self.version, "limits": asdict(self.limits), "fields": fields}, indent=1)


def _limits(*, link: float, review: float, lead_bits: float, waived: list[str]) -> Limits:
    if not 0 < review <= link < 1:
        raise ValueError(f"The limits lie between 0 and 1, that for a link above: not {review} and {link}.")
    return Limits(float(link), float(review), float(lead_bits), tuple(map(str, waived)))


def _chances(m: float, u: float) -> Chances:
    if not (0 <= m <= 1 and 0 <= u <= 1):
        raise ValueError(f"Chances lie between 0 and 1, not {m} and {u}.")
    return Chances(float(m), float(u))


def _commonness(comparison: Comparison, frequencies: Frequencies) -> dict[Field, float]:
    """For the names that are the same, which share of the practice's people have them."""
    names = comparison.names
    rows = (
        (Field.FAMILY, names.family, names.family_words[0], frequencies.family),
        (Field.GIVEN, names.given, names.given_words[0], frequencies.given),
    )
    return {
        name: max(counts.get(word, 0), 1) / (frequencies.people + 1)
        for name, level, word, counts in rows
        if level is Level.EXACT
    }


SHIPPED: Final = Weights.of_json(Path(__file__).with_name("shipped.json").read_text(encoding="utf-8"))
