"""Typed reading of a data set in the DICOM JSON Model (PS3.18 annex F), as the archive's index keeps it."""

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Attributes: TypeAlias = Mapping[str, Mapping[str, Any]]


def values(attributes: Attributes, tag: str) -> list[Any]:
    """Return the values of `tag` ("00280010") that are not null; none where the attribute is absent."""
    held = attributes.get(tag, {}).get("Value")
    return [value for value in held if value is not None] if isinstance(held, list) else []


def numbers(attributes: Attributes, tag: str) -> list[float]:
    """Return the finite numbers among the values of `tag`, be they JSON numbers or strings (DS, IS)."""
    return [number for number in map(_finite, values(attributes, tag)) if number is not None]


def number(attributes: Attributes, tag: str) -> float | None:
    """Return the first number of `tag`, or None."""
    return next(iter(numbers(attributes, tag)), None)


def integer(attributes: Attributes, tag: str) -> int | None:
    """Return the first number of `tag` as an integer, or None."""
    first = number(attributes, tag)
    return None if first is None else int(first)


def text(attributes: Attributes, tag: str) -> str:
    """Return the first value of `tag` as stripped text (of a name, the alphabetic group); empty if absent."""
    first = next(iter(values(attributes, tag)), "")
    if isinstance(first, Mapping):
        first = first.get("Alphabetic", "")
    return str(first).strip()


def items(attributes: Attributes, tag: str) -> Iterator[Attributes]:
    """Yield the items of the sequence `tag`."""
    return (item for item in values(attributes, tag) if isinstance(item, Mapping))


def octets(attributes: Attributes, tag: str) -> bytes | None:
    """Return the InlineBinary of `tag` decoded (words are little endian), or None where there is none."""
    encoded = attributes.get(tag, {}).get("InlineBinary")
    if not isinstance(encoded, str):
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None


def words(attributes: Attributes, tag: str) -> NDArray[np.uint16] | None:
    """Return `tag` as 16-bit words, be it held as numbers (US, SS) or InlineBinary (OW); None if neither."""
    data = octets(attributes, tag)
    if data is not None:
        return np.frombuffer(data[: len(data) // 2 * 2], "<u2").astype(np.uint16)
    held = numbers(attributes, tag)
    return (np.array(held, np.int64) & 0xFFFF).astype(np.uint16) if held else None


def _finite(value: object) -> float | None:
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
