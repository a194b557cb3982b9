"""What the columns of a table say, guessed from their names in English, French, German and Spanish."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from apps.core.errors import Invalid
from apps.core.tables import plain
from apps.practice.leads.importing import words
from apps.saying import say

# What a column may say, by its name here, and how people call it.
TARGETS: Final[Mapping[str, str]] = {
    "external_id": say("ID elsewhere"),
    "family_name": say("Family name"),
    "given_name": say("Given name"),
    "middle_name": say("Middle name"),
    "full_name": say("Whole name"),
    "maiden_name": say("Name before marriage"),
    "prefix": say("Title"),
    "suffix": say("Suffix"),
    "birth_date": say("Birth date"),
    "sex": say("Sex"),
    "phone": say("Telephone"),
    "email": say("E-mail"),
    "line": say("Street and number"),
    "number": say("House number"),
    "postcode": say("Postcode"),
    "city": say("City"),
    "region": say("Region"),
    "country": say("Country"),
    "preferred_language": say("Language"),
    "health_number": say("Health-insurance number"),
    "health_number_system": say("Whose health-insurance number"),
    "patient_id": say("Patient ID of the devices"),
    "status": say("Status"),
}
# Of these, several columns may say something.
SEVERAL: Final = frozenset({"phone", "email"})

_KNOWN: Final = words.by_name("columns") | {plain(target): target for target in TARGETS}
# Whose number a column with such a name holds.
_SYSTEMS: Final = words.by_name("systems")


def guess(headers: Sequence[str]) -> tuple[str, ...]:
    """What each column says, by the names in TARGETS; empty for one that is not known, or says what another did."""
    found: list[str] = []
    for header in headers:
        target = _KNOWN.get(plain(header), "")
        found.append(target if target in SEVERAL or target not in found else "")
    # In French and German, and where there are given names, a column Name or Nom is the family's; alone, it is all.
    if "given_name" not in found and "full_name" not in found:
        found = ["full_name" if target == "family_name" and _is_bare(header) else target
                 for target, header in zip(found, headers, strict=True)]  # fmt: skip
    return tuple(found)


def system_of(header: str) -> str:
    """Whose number the column holds, where its name tells; else empty."""
    return _SYSTEMS.get(plain(header), "")


def check(targets: Sequence[str], headers: Sequence[str]) -> None:
    """Raises Invalid where the columns can't be taken so."""
    unknown = [target for target in targets if target and target not in TARGETS]
    if unknown or len(targets) > len(headers):
        raise Invalid(
            say("The columns are not those of this table."), [("columns", say("Say for each column what it is."))]
        )
    twice = sorted(_twice(targets))
    if twice:
        detail = say("Two columns say the same, “{name}”: leave one out.", name=TARGETS[twice[0]])
        raise Invalid(detail, [("columns", say("Say each thing once."))])
    if not {"family_name", "given_name", "full_name"} & set(targets):
        raise Invalid(say("Say which column has the name."), [("columns", say("Say which column has the name."))])


def _twice(targets: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {one for one in targets if one and one not in SEVERAL and (one in seen or seen.add(one))}  # type: ignore[func-returns-value]


def _is_bare(header: str) -> bool:
    return plain(header) in ("name", "nom")
