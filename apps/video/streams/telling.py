"""How long work says how far it is, and is stopped."""

from collections.abc import Callable

# The name of a stage, how much is done, and of how much (0 where that is not known; both in one unit). Who wants the
# work to stop raises an exception in it.
Tell = Callable[[str, int, int], None]


def quiet(stage: str, done: int, total: int) -> None:
    """Nobody is told."""
