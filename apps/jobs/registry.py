"""The kinds of jobs. Each app's `tasks.py` registers its own with `@job`; all of them are found when Django starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from apps.jobs.handle import JobHandle
from apps.saying import say

DEFAULT_ATTEMPTS: Final = 3
DEFAULT_TIMEOUT: Final = 600


class JobFunction(Protocol):
    """`def run(handle, **parameters)`: deterministic and idempotent, its result small enough for a JSON column."""

    def __call__(self, handle: JobHandle, /, **parameters: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered kind: its function, how often it is tried, how many seconds one attempt may take, and its lane."""

    name: str
    function: Callable[..., Any]
    max_attempts: int
    timeout: int
    lane: str = ""


class UnknownKind(LookupError):
    """No installed app registers this kind of job."""


_kinds: dict[str, Kind] = {}


def job(
    name: str, *, max_attempts: int = DEFAULT_ATTEMPTS, timeout: int = DEFAULT_TIMEOUT, lane: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the work of jobs of the kind `name`.

    `timeout` is in seconds and for one attempt. Whatever is heavy to import is imported inside the function: the web
    process loads this module too. Of the kinds of one `lane` (such as those that use all of a core for minutes) only a
    few jobs run at once, so that others don't wait behind them (`lanes`).
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in _kinds:
            raise ValueError(f"Two functions are registered for jobs of the kind {name}.")
        _kinds[name] = Kind(name, function, max_attempts, timeout, lane)
        return function

    return register


def find(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(say("No installed app knows jobs of the kind {name}.", name=name)) from None


def names() -> list[str]:
    return sorted(_kinds)


def lane_of(name: str) -> str:
    """The lane of a kind; empty for none, and for a kind that no app knows."""
    return _kinds[name].lane if name in _kinds else ""


def of_lane(lane: str) -> list[str]:
    """The kinds that share a lane."""
    return [kind.name for kind in _kinds.values() if kind.lane == lane]
