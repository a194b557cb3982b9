"""Lists of a lead as lines that a person can write, such as `Keller, Anna (maiden)` and `yes: images (2024-01-31)`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from apps.practice.models import NameUse
from apps.saying import say

_NAME: Final = re.compile(r"(?P<family>[^,()]*?)(?:,(?P<given>[^()]*?))?\s*(?:\((?P<use>[^()]*)\))?")
_IDENTIFIER: Final = re.compile(r"(?P<value>[^()]*?)\s*(?:\((?P<issuer>[^()]*)\))?")
_CONSENT: Final = re.compile(
    r"(?P<given>yes|no)\s*:\s*(?P<kind>[^()]*?)\s*(?:\((?P<at>[^()]*)\))?\s*(?:[-–—]\s*(?P<note>.*))?",  # noqa: RUF001
    re.IGNORECASE,
)


def of_names(names: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{', '.join(filter(None, (each.get('family'), each.get('given'))))} ({each.get('use') or NameUse.ALIAS})"
        for each in names
    )


def names_of(text: str) -> list[dict[str, str]]:
    """Raises ValueError with what is wrong, as the others do."""
    return [
        {part: value.strip() for part, value in found.items() if value and value.strip()}
        for found in _lines(_NAME, text, "Family name, given name (maiden)")
    ]


def of_identifiers(identifiers: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{each.get('value')}{f' ({issuer})' if (issuer := each.get('issuer')) else ''}" for each in identifiers
    )


def identifiers_of(text: str) -> list[dict[str, str]]:
    found = _lines(_IDENTIFIER, text, "4711 (who gave it)")
    return [{part: value for part, value in each.items() if value} for each in found]


def of_consents(consents: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{'yes' if each.get('given') else 'no'}: {each.get('kind')}"
        f"{f' ({at})' if (at := each.get('at')) else ''}{f' – {note}' if (note := each.get('note')) else ''}"  # noqa: RUF001
        for each in consents
    )


def consents_of(text: str) -> list[dict[str, Any]]:
    return [
        {"kind": found["kind"], "given": found["given"].lower() == "yes", "at": found["at"], "note": found["note"]}
        for found in _lines(_CONSENT, text, "yes: images to the insurance (2024-01-31)")
    ]


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _lines(pattern: re.Pattern[str], text: str, example: str) -> Iterable[dict[str, str]]:
    for line in lines_of(text):
        found = pattern.fullmatch(line)
        if found is None:
            raise ValueError(say("Write each line as: {example}.", example=example))
        yield found.groupdict(default="")
