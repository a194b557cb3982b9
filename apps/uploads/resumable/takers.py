"""What becomes of an upload once it is whole: each app that can do something with a file says so at its start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from apps.accounts.principal import Principal
from apps.core.errors import Invalid
from apps.jobs.models import Job
from apps.saying import say
from apps.uploads.models import Upload

PURPOSE: Final = "purpose"
WRONG: Final = say("The upload was not begun: see errors.")


class Taker(Protocol):
    """Takes whole files for one purpose."""

    def check(self, practice_id: int, facts: Mapping[str, str]) -> None:
        """Before a byte comes: raises Invalid with what is wrong in the facts that the sender gives of the file."""
        ...

    def take(self, upload: Upload, path: Path, principal: Principal, facts: Mapping[str, str]) -> Job:
        """The job that goes on with the file, in a transaction of the caller's.

        The file goes after the commit: a taker that needs it makes a link to it. Done again after a crash, it must do
        no harm.
        """
        ...


_takers: dict[str, Taker] = {}
# What an upload is for that says nothing: the last that was registered as such.
_usual: list[str] = []


def register(purpose: str, taker: Taker, *, is_usual: bool = False) -> None:
    """Let uploads of this purpose be taken; with `is_usual`, those too that name none."""
    _takers[purpose] = taker
    if is_usual:
        _usual.append(purpose)


def find(purpose: str) -> Taker:
    """Raises Invalid for a purpose that nobody knows."""
    if purpose not in _takers:
        known = ", ".join(sorted(_takers))
        raise Invalid(WRONG, [(PURPOSE, say("There is no such purpose. These are: {known}.", known=known))])
    return _takers[purpose]


def usual() -> str:
    """The purpose of an upload that names none."""
    return _usual[-1]
