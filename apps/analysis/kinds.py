"""The kinds of analyses. Each app's `analyses.py` registers its own; all of them are found when Django starts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from rest_framework.serializers import Serializer

from apps.archive.models import Study
from apps.saying import Sentence


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an analysis is worked out of: the archive's keys of its instances, and a SHA-256 over their hashes.

    `flags` are those of the volumes they make; `is_quantifiable` is False where one of them forbids to measure.
    """

    series_instance_uids: tuple[str, ...]
    digest: str
    flags: tuple[str, ...] = ()
    is_quantifiable: bool = True


class Telling(Protocol):
    def __call__(self, done: int, total: int, text: Sentence | str = "") -> None:
        """Say how far it is. Raises apps.jobs.handle.Cancelled where it is to stop."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `parameters` are valid ones, as the kind's serializer gives them. `seed` is the same whenever the same
    is worked out of the same by the same code: UIDs are made of it (`apps.analysis.uids`). `folder` is the run's own,
    for the files it makes, gone afterwards. `asked_by` is the person who asked, as a value of PN; empty for nobody.
    """

    study: Study
    parameters: dict[str, Any]
    inputs: Inputs
    seed: str
    folder: Path
    tell: Telling
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: DICOM files to be stored, all of the study asked about, and what is said of them in JSON."""

    files: Iterator[Path] | tuple[Path, ...]
    summary: dict[str, Any] = field(default_factory=dict)


# What a parameter may be, by its name outside: values, and what people call them.
Choices = Mapping[str, Sequence[tuple[Any, str]]]


def _no_choices(_: Study) -> Choices:
    return {}


def _untold(flag: str) -> str:
    return flag


@dataclass(frozen=True, slots=True)
class Table:
    """Something of a result as people read it: a title, the names of the columns, and the rows, in their words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _no_tables(_: dict[str, Any]) -> Sequence[Table]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: its name in the API, what people call it, its parameters, and its two functions.

    `inputs_of` says what the analysis would be worked out of, quickly and in the request (headers alone); it raises
    Invalid, with `errors` by parameter, and Conflict for what can't be analysed. `run` does the work, in a worker; what
    is heavy is imported inside. `code_version` is raised when the same parameters give another result.

    `choices` says what of a study people may choose for a parameter; where it names one and has nothing for it, the
    study has nothing that could be analysed so. `flag_text` puts a flag of the inputs into words, `tables` the result's
    summary. `is_finding` is true where a machine says something of the patient: it is unverified until a person accepts
    it. `is_long` is true for what may take minutes: what is quick doesn't wait behind it.
    """

    name: str
    title: Sentence
    parameters: type[Serializer[Any]]
    inputs_of: Callable[[Study, dict[str, Any]], Inputs]
    run: Callable[[Run], Result]
    code_version: int = 1
    choices: Callable[[Study], Choices] = _no_choices
    flag_text: Callable[[str], str] = _untold
    tables: Callable[[dict[str, Any]], Sequence[Table]] = _no_tables
    is_finding: bool = False
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class later:  # noqa: N801 - it is called like the function that it stands for
    """The function `module:name`, imported when it is called: what analyses need is nothing for a server's start."""

    name: str

    @property
    def function(self) -> Callable[..., Any]:
        """Raises ImportError and AttributeError where there is none."""
        module, _, name = self.name.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found

    def __call__(self, *asked: Any) -> Any:
        return self.function(*asked)


_kinds: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Have it known. Raises ValueError for a second one of that name."""
    if kind.name in _kinds:
        raise ValueError(f"Two kinds of analyses are called {kind.name}.")
    _kinds[kind.name] = kind


def find(name: str) -> Kind | None:
    return _kinds.get(name)


def every() -> list[Kind]:
    return [_kinds[name] for name in sorted(_kinds)]
