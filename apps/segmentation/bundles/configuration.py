"""A bundle's configs/inference.json, worked out as MONAI's ConfigParser would, but without running what it says; pure.

Only what is asked for is worked out: what a bundle says of data sets, handlers and loops is never looked at.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from apps.saying import say
from apps.segmentation.bundles.documents import document
from apps.segmentation.bundles.expressions import REFERENCE, Forbidden, Known, evaluate
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.bundles.targets import home_of

FILE: Final = "configs/inference.json"
TARGET: Final = "_target_"
# Where the weights are: whatever of these a configuration says, else the place that the specification gives them.
_WEIGHTS: Final = ("checkpointloader#load_path", "checkpoint", "ckpt_path", "load_path")
WEIGHTS: Final = "models/model.pt"
_ROOT: Final = "bundle_root"
MOST_DEPTH: Final = 40
# Arguments of a network that would have it fetch weights.
_FETCHING: Final = ("pretrained", "use_pretrained")

# Makes what a target stands for: its module and class, and its arguments.
Make = Callable[[str, str, dict[str, Any]], Any]


class Configuration:
    """`make` and `known` say what targets and the types of numbers stand for: real ones in the process that segments,
    and mere names where a bundle is only looked at."""

    def __init__(self, folder: Path, make: Make, known: Known) -> None:
        """Raises Faulty where the file can't be read."""
        self._document = document(folder, FILE)
        self._make, self._known = make, known
        self._worked_out: dict[str, Any] = {_ROOT: str(folder)}
        self._at_work: list[str] = []

    def has(self, name: str) -> bool:
        return name in self._worked_out or self._found(name) is not None

    def value(self, name: str) -> Any:
        """What `name` (`network_def`, `a#b`) stands for; the same object each time. Raises Faulty."""
        name = name.replace("::", "#")
        if name not in self._worked_out:
            self._worked_out[name] = self._once(name)
        return self._worked_out[name]

    def _once(self, name: str) -> Any:
        written = self._found(name)
        if written is None or name in self._at_work or len(self._at_work) >= MOST_DEPTH:
            raise Faulty(say("{file} refers to {name}, which it doesn't define.", file=FILE, name=f"@{name}"))
        self._at_work.append(name)
        try:
            return self._of(written, MOST_DEPTH)
        finally:
            self._at_work.pop()

    def _found(self, name: str) -> Any:
        found: Any = self._document
        for part in name.split("#"):
            if isinstance(found, dict):
                found = found.get(part)
            elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            else:
                return None
        return found

    def _of(self, written: Any, depth: int) -> Any:
        if depth <= 0:
            raise Faulty(say("{file} is nested too deeply.", file=FILE))
        match written:
            case str():
                return self._text(written)
            case list():
                parts = (self._of(part, depth - 1) for part in written)
                return [part for part in parts if part is not _DISABLED]
            case dict() if TARGET in written:
                return self._target(written, depth)
            case dict():
                return {key: self._of(part, depth - 1) for key, part in written.items()}
        return written

    def _text(self, text: str) -> Any:
        if text.startswith("$"):
            try:
                return evaluate(text[1:], lambda name: self.value(name[1:]), self._known)
            except (Forbidden, ArithmeticError, TypeError) as error:
                problem = say("{file} has an expression that isn't allowed: {text}", file=FILE, text=text[:80])
                raise Faulty(problem) from error
        if REFERENCE.fullmatch(text):
            return self.value(text[1:])
        if text.startswith("%"):
            raise Faulty(say("{file} takes parts from other files.", file=FILE))
        return text

    def _target(self, written: Mapping[str, Any], depth: int) -> Any:
        if written.get("_disabled_") is True:
            return _DISABLED
        name = str(written[TARGET])
        home = home_of(name)
        if home is None:
            raise Faulty(say("{file} wants {name}, which is not allowed here.", file=FILE, name=name[:80]))
        given = {key: part for key, part in written.items() if not key.startswith("_")}
        if any(given.get(key) for key in _FETCHING) or written.get("_mode_", "default") != "default":
            raise Faulty(say("{file} wants {name} in a way that is not allowed here.", file=FILE, name=name[:80]))
        return self._make(*home, {key: self._of(part, depth - 1) for key, part in given.items()})


def network_of(configuration: Configuration) -> Any:
    """The network: `network_def`, else `network` where it isn't made of that. Raises Faulty."""
    return configuration.value("network_def" if configuration.has("network_def") else "network")


def weights_of(configuration: Configuration, folder: Path) -> str:
    """The path of the weights' file in the bundle. Raises Faulty for one that is elsewhere."""
    said = next((name for name in _WEIGHTS if configuration.has(name)), None)
    path = Path(str(configuration.value(said))) if said else folder / WEIGHTS
    whole = path if path.is_absolute() else folder / path
    if not whole.is_relative_to(folder) or ".." in whole.parts:
        raise Faulty(say("{file} has its weights outside the bundle.", file=FILE))
    return whole.relative_to(folder).as_posix()


class _Disabled:
    """Stands for what a configuration has switched off."""


_DISABLED: Final = _Disabled()
