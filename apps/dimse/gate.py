"""How many associations work at once: each of them may hold a connection to the database."""

from threading import Condition


class Gate:
    """So many places; who finds none waits for one."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting = 0
        self._changed = Condition()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a place."""
        return self._waiting > 0

    def enter(self, seconds: float) -> bool:
        """Take a place, if there is one within so many seconds."""
        with self._changed:
            self._waiting += 1
            try:
                if not self._changed.wait_for(lambda: self._free > 0, seconds):
                    return False
                self._free -= 1
                return True
            finally:
                self._waiting -= 1

    def leave(self) -> None:
        """Give the place back."""
        with self._changed:
            self._free += 1
            self._changed.notify()
