"""The reference tables of a site: read from files of which people say what they are, and asked where a score stands."""

import hashlib
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.audit.record import tell
from apps.calcium.models import CITATION_LENGTH, NAME_LENGTH, ReferenceTable
from apps.calcium.scoring.percentiles import Group, Standing, WrongTable, read, standing
from apps.calcium.scoring.risk import Ethnicity, Sex
from apps.core.errors import Conflict, Invalid, NotFound
from apps.saying import say

MOST_TABLES: Final = 20
# Who works at the command line.
OPERATOR: Final = "operator"
WRONG: Final = say("The table can't be taken over: see errors.")


@dataclass(frozen=True, slots=True)
class Given:
    """A table as somebody gives it: `data` are the bytes of the CSV file, `sha256` what they should hash to."""

    name: str
    citation: str
    sha256: str
    data: bytes


def keep(who: Principal | None, given: Given, *, source: str = "") -> ReferenceTable:
    """Take the table over; one of the same name is replaced. `who` is None at the command line.

    Raises Invalid where the file is not the one that the checksum is of, where it is no table (`percentiles.read`), and
    without a name or a citation; Conflict for too many.
    """
    groups = _read(given)
    with transaction.atomic():
        known = ReferenceTable.objects.select_for_update().filter(name=given.name).first()
        if known is None and ReferenceTable.objects.count() >= MOST_TABLES:
            raise Conflict(say("There are {most} reference tables. Remove one first.", most=MOST_TABLES))
        table = known or ReferenceTable(name=given.name)
        table.citation, table.sha256 = given.citation, _sha256(given.data)
        table.groups = [group.to_json() for group in groups]
        table.save()
        _tell(who, table, "imported", source)
    return table


def remove(who: Principal | None, name: str, *, source: str = "") -> None:
    """Raises NotFound where there is none of that name."""
    with transaction.atomic():
        table = ReferenceTable.objects.filter(name=name).first()
        if table is None:
            raise NotFound(say("There is no such reference table."))
        _tell(who, table, "removed", source)
        table.delete()


def digest() -> str:
    """What the tables are now, in a word: another one where another standing might come out."""
    held = ReferenceTable.objects.order_by("name").values_list("name", "sha256")
    return hashlib.sha256("\n".join(f"{name} {sha256}" for name, sha256 in held).encode()).hexdigest()


def standings(
    agatston: float, *, sex: Sex, age: float, ethnicity: Ethnicity | None
) -> list[tuple[ReferenceTable, Standing]]:
    """Where a score stands by each table that knows people like this."""
    found = []
    for table in ReferenceTable.objects.order_by("name")[:MOST_TABLES]:
        groups = map(Group.from_json, table.groups)
        place = standing(groups, agatston, sex=sex, age=age, ethnicity=ethnicity)
        if place is not None:
            found.append((table, place))
    return found


def _read(given: Given) -> tuple[Group, ...]:
    if not (0 < len(given.name) <= NAME_LENGTH and 0 < len(given.citation) <= CITATION_LENGTH):
        told = say("A table has a name and a citation, of {name} and {citation} characters at most.",
                   name=NAME_LENGTH, citation=CITATION_LENGTH)  # fmt: skip
        raise Invalid(WRONG, [("citation", told)])
    if _sha256(given.data) != given.sha256.strip().lower():
        raise Invalid(WRONG, [("sha256", say("The file has another checksum (SHA-256) than the one that was given."))])
    try:
        return read(given.data)
    except WrongTable as error:
        raise Invalid(WRONG, [("file", error.reason)]) from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _tell(who: Principal | None, table: ReferenceTable, what: str, source: str) -> None:
    detail = f"reference table of calcium {table.name} {what} (SHA-256 {table.sha256})"
    tell(Event.Action.EDIT, principal=who, actor=OPERATOR, detail=detail, source=source)
