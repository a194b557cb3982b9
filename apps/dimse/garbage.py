"""Collecting garbage in a server that makes much, and keeps little of it."""

import gc
from typing import Final

# How much is made between two collections, by its age: `gc.set_threshold`.
THRESHOLDS: Final = (20_000, 20, 20)


def leave_alone() -> None:
    """Collect it less often, and never look through what is loaded for good: a header is a thousand new objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
