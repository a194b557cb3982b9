"""Values of the rendering query parameters (PS3.18 8.3.5.1), strictly read."""

import re

from apps.saying import say

_DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?")


class InvalidParameter(ValueError):
    """A query parameter that can't be used; the text names it and says what it may be."""


def decimals(name: str, value: str, least: int, most: int) -> list[float | None]:
    """Read comma-separated decimal numbers of the parameter `name`; an empty one is None.

    Raises InvalidParameter unless there are `least` to `most`.
    """
    parts = value.split(",")
    if not least <= len(parts) <= most:
        raise InvalidParameter(
            say("{name}: {least} to {most} numbers are needed, separated by commas.", name=name, least=least, most=most)
        )
    return [decimal(name, part) if part.strip() else None for part in parts]


def decimal(name: str, value: str) -> float:
    """Read a decimal number of the parameter `name`. Raises InvalidParameter."""
    if not _DECIMAL.fullmatch(value.strip()):
        raise InvalidParameter(say("{name}: {value!r} is no number.", name=name, value=value[:40]))
    return float(value)


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Read one of the `allowed` words, in any case. Raises InvalidParameter."""
    word = value.strip().lower()
    if word not in allowed:
        raise InvalidParameter(
            say("{name}: {value!r} is none of {names}.", name=name, value=value[:40], names=", ".join(allowed))
        )
    return word
