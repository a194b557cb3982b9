"""How far two values of a field agree."""

from enum import StrEnum


class Level(StrEnum):
    """From the same to not known; each field uses some of them."""

    EXACT = "exact"
    PARTIAL = "partial"  # a part of it: one of two family names, a given name without the second
    NICKNAME = "nickname"
    CLOSE = "close"  # but for one letter or digit, or by the sound
    INITIAL = "initial"
    ALIKE = "alike"  # but for two letters or digits or so
    STRAIGHT = "straight"
    SWAPPED = "swapped"  # family and given name, day and month
    SHORT = "short"  # the same, but so short that others have it too
    NEIGHBOUR = "neighbour"  # the next number: that of a twin, perhaps
    OTHER = "other"  # of another kind, or nobody knows of which
    DIFFERENT = "different"
    MISSING = "missing"
