"""What is changed in OHIF's own files: where they are found, and code that a strict Content-Security-Policy forbids.

Every patch states how often it must match, so that another version of OHIF fails here and not in a browser.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.viewer.package import BuildError
from apps.viewer.recipe import javascript

SUFFIXES: Final = frozenset({".js", ".css"})


@dataclass(frozen=True, slots=True)
class Patch:
    """Put `replacement` for `pattern`, which is found `times` times in all files with `suffix` together."""

    name: str
    suffix: str
    pattern: re.Pattern[str]
    replacement: str
    times: int


def patches_for(base: str) -> tuple[Patch, ...]:
    """Return all patches for files that are served below `base` ("/viewer/<build>/")."""
    return (
        Patch("public path", ".js", re.compile(r'(?<=__webpack_require__\.p = ")/(?=";)'), base, 8),
        Patch(
            "whole-slide viewer", ".js", re.compile(r"(?<=browserImportFunction\(')/(?=dicom-micro)"), base, 1
        ),
        Patch("fonts", ".css", re.compile(r"(?<=url\()/(?=\w)"), base, 5),
        *_without_eval(),
    )


def apply(root: Path, patches: tuple[Patch, ...]) -> None:
    """Patch the files below `root` in place. Raises BuildError if a patch matches more or less often than it must."""
    found: Counter[str] = Counter()
    for file in sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES):
        found.update(_patch(file, [patch for patch in patches if patch.suffix == file.suffix]))
    wrong = [
        f"{patch.name}: {found[patch.name]}, not {patch.times}"
        for patch in patches
        if found[patch.name] != patch.times
    ]
    if wrong:
        raise BuildError(
            f"These patches do not fit this version of the viewer (matches): {'; '.join(wrong)}."
        )


def _patch(file: Path, patches: list[Patch]) -> Counter[str]:
    text = file.read_text(encoding="utf-8")
    counts: Counter[str] = Counter()
    for patch in patches:
        text, counts[patch.name] = patch.pattern.subn(lambda _, new=patch.replacement: new, text)
    if counts.total():
        file.write_text(text, encoding="utf-8")
    return counts


def _without_eval() -> tuple[Patch, ...]:
    """Functions that compile code at run time (`new Function`), and so need 'unsafe-eval', in the JPEG, JPEG-LS, JPEG
    2000 and HTJ2K decoders, in surface conversion, and in the reading and writing of segmentations."""
    return (
        _rewritten(
            "createNamedFunction",
            r"function createNamedFunction\(name, ?body\).{1,300}?\)\(body\);?\s*\}",
            11,
        ),
        _rewritten(
            "craftInvokerFunction",
            r"function craftInvokerFunction\(.{1,8000}?return (?:invokerFunction|"
            r"createNamedFunction\(humanName,invokerFn\));?\s*\}",
            13,
        ),
        _rewritten(
            "craftEmvalAllocator",
            r"function craftEmvalAllocator\(.{1,1500}?,functionBody\)\([\w,.]+\)\}",
            9,
        ),
        _rewritten(
            "getMethodCaller",
            r"function __emval_get_method_caller\(.{1,2500}?=returnId;return returnId\}",
            2,
        ),
        _rewritten(
            "getMethodCallerByKind",
            r"var __emval_get_method_caller=.{1,2500}?createNamedFunction\(functionName,invokerFunction\)\)\}",
            2,
        ),
        _rewritten(
            "compileConstructor",
            r"function compileConstructor\(.{1,8000}?return procedure\(CACHED_CONSTRUCTORS\[dtype\], order\)\s*\}",
            4,
        ),
    )


def _rewritten(name: str, pattern: str, times: int) -> Patch:
    replacement = javascript(f"eval_free/{name}.js").strip()
    return Patch(name, ".js", re.compile(pattern, re.DOTALL), replacement, times)
