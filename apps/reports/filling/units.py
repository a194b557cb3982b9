"""From a unit of UCUM into another one of the same kind: lengths, areas, volumes, masses, times, doses."""

from collections.abc import Mapping
from typing import Final

_KINDS: Final[tuple[Mapping[str, float], ...]] = (
    {"um": 1e-3, "mm": 1.0, "cm": 10.0, "m": 1000.0},
    {"mm2": 1.0, "cm2": 100.0, "m2": 1e6},
    {"mm3": 1.0, "cm3": 1000.0, "mL": 1000.0, "ml": 1000.0, "L": 1e6, "l": 1e6},
    {"mg": 1.0, "g": 1000.0, "kg": 1e6},
    {"ms": 1.0, "s": 1000.0, "min": 60_000.0},
    {"mGy": 1.0, "cGy": 10.0, "dGy": 100.0, "Gy": 1000.0},
    # Codes of the standard for what has no unit (PS3.16 CID 7181, 42).
    {"1": 1.0, "{no units}": 1.0, "{ratio}": 1.0},
    {"Gy.m2": 1e5, "dGy.cm2": 1.0, "Gy.cm2": 10.0, "mGy.cm2": 0.01},
)


def factor(unit: str, into: str) -> float | None:
    """What a value in `unit` is multiplied by to be one in `into`; None where that can't be."""
    if unit == into:
        return 1.0
    kind = next((each for each in _KINDS if unit in each and into in each), None)
    return None if kind is None else kind[unit] / kind[into]
