"""Finds a ready file of the viewer for a request: one of the variants that were compressed once."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
# Segments without a leading dot: no parent folder, no hidden file, nothing that is special to a file system.
SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,7}", re.ASCII)
MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file to send as it is: where it lies, what it is, and its Content-Encoding ("" for none)."""

    path: Path
    media_type: str
    encoding: str
    size: int


def find(root: Path, name: str, accept_encoding: str) -> ReadyFile | None:
    """Return the smallest variant of `name` below `root` that the client takes, or None if none is there."""
    if len(name) > MAX_NAME or not SAFE_NAME.fullmatch(name):
        return None
    path = root / name
    media_type = MEDIA_TYPES.get(path.suffix)
    if media_type is None or not path.is_file():
        return None
    accepted = _accepted(accept_encoding)
    for encoding, suffix in ENCODINGS:
        variant = path.with_name(path.name + suffix)
        if encoding in accepted and variant.is_file():
            return ReadyFile(variant, media_type, encoding, variant.stat().st_size)
    return ReadyFile(path, media_type, "", path.stat().st_size)


def _accepted(header: str) -> set[str]:
    """The codings that Accept-Encoding names, but for those of weight zero (RFC 9110 12.5.3)."""
    codings = (entry.partition(";") for entry in header.lower().split(","))
    return {coding.strip() for coding, _, weight in codings if not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)}
