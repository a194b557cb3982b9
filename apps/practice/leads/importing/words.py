"""How people call columns, and what they write in them, in English, French, German and Spanish: `words.json`."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import orjson

from apps.core.tables import plain


def by_name(kind: str) -> dict[str, str]:
    """What each word of this kind (columns, systems, sexes, statuses, languages) means, by its `plain` form."""
    return {plain(name): meaning for meaning, names in _all()[kind].items() for name in names}


@lru_cache(maxsize=1)
def _all() -> Mapping[str, Mapping[str, list[str]]]:
    words: Mapping[str, Mapping[str, list[str]]] = orjson.loads(Path(__file__).with_name("words.json").read_bytes())
    return words
