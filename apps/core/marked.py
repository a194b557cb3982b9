"""The texts of the product that are to be translated, found in its modules and templates."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation.template import templatize

# By what marks a text: which of its arguments are the context, the text and its plural.
_ONE, _MANY = (None, 0, None), (None, 0, 1)
_ONE_IN, _MANY_IN = (0, 1, None), (0, 1, 2)
MARKS: Final[dict[str, tuple[int | None, int, int | None]]] = {
    **dict.fromkeys(("_", "say", "gettext", "gettext_lazy", "gettext_noop"), _ONE),
    **dict.fromkeys(("say_count", "ngettext", "ngettext_lazy"), _MANY),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _ONE_IN),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _MANY_IN),
}
# What Django makes of a template: its texts as calls, the rest as rows of X.
_CALL: Final = re.compile(r"\b(?:n?p?gettext|_)\(")
_PLACES: Final = re.compile(r"%\((\w+)\)[sd]|%%|\{(\w+)[^{}]*\}")


@dataclass(frozen=True, slots=True, order=True)
class Marked:
    """A text to translate: its `context` and `plural` are empty where it has none."""

    text: str
    plural: str = ""
    context: str = ""


def marked(root: Path) -> dict[Marked, list[tuple[str, int]]]:
    """All texts below `root`, with the files (relative to it) and lines where they stand."""
    found: dict[Marked, list[tuple[str, int]]] = {}
    for path in _files(root):
        place = path.relative_to(root).as_posix()
        source = path.read_text(encoding="utf-8")
        for text, line in in_template(source) if path.suffix in {".html", ".txt"} else in_module(source):
            found.setdefault(text, []).append((place, line))
    return found


def _files(root: Path) -> Iterator[Path]:
    yield from sorted((root / "templates").rglob("*.html"))
    yield from sorted((root / "templates").rglob("*.txt"))
    for folder in ("apps", "config"):
        yield from sorted(path for path in (root / folder).rglob("*.py") if "migrations" not in path.parts)


def in_module(source: str) -> Iterator[tuple[Marked, int]]:
    """The texts of a Python module, with their lines. Raises SyntaxError."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (text := _text_of(node)):
            yield text, node.lineno


def in_template(source: str) -> Iterator[tuple[Marked, int]]:
    """The texts of a template of Django's, with their lines."""
    made = templatize(source)
    for match in _CALL.finditer(made):
        call = _call_at(made, match.start())
        if call is not None and (text := _text_of(call)):
            yield text, made.count("\n", 0, match.start()) + 1


def _call_at(made: str, start: int) -> ast.Call | None:
    """The call that begins here: up to the first bracket with which it is one."""
    end = made.find(")", start)
    while end != -1:
        try:
            parsed = ast.parse(made[start : end + 1], mode="eval").body
        except SyntaxError:
            end = made.find(")", end + 1)
            continue
        return parsed if isinstance(parsed, ast.Call) else None
    return None


def _text_of(call: ast.Call) -> Marked | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name not in MARKS:
        return None
    context, text, plural = (_argument(call, place) for place in MARKS[name])
    return Marked(text, plural, context) if text else None


def _argument(call: ast.Call, place: int | None) -> str:
    if place is None or place >= len(call.args):
        return ""
    given = call.args[place]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def places(texts: Iterable[str]) -> frozenset[str]:
    """What is filled in somewhere in these texts, by its name: `%(name)s` and `{name}`."""
    return frozenset(name for text in texts for pair in _PLACES.findall(text) for name in pair if name)
