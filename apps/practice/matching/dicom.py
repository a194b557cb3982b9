"""The person that the attributes of the Patient Module (PS3.3 C.7.1.1) describe."""

import datetime as dt
from collections.abc import Iterator, Sequence

from apps.practice.matching.person import Facts, Person, WrittenAddress, WrittenName, person


def person_of(
    *,
    names: Sequence[str] = (),
    ids: Sequence[tuple[str, str]] = (),
    birth_date: str | dt.date | None = None,
    sex: str = "",
    address: str = "",
    telephones: Sequence[str] = (),
) -> Person:
    """The person of a DICOM patient, from the values as they are in the data set.

    `names` are PN (PS3.5 6.2.1.2), Patient's Name first, then Other Patient Names and Patient's Birth Name; each of the
    three groups between "=" is a variant of its own. `ids` are (Patient ID, Issuer of Patient ID), with those of Other
    Patient IDs Sequence. Patient's Address (LO) has no parts: its words are compared with a street's.
    """
    return person(
        Facts(
            names=tuple(written for pn in names for written in _groups(pn)),
            birth_date=birth_date,
            sex=sex,
            identifiers=tuple(ids),
            phones=tuple(telephones),
            addresses=(WrittenAddress(line=address.replace("^", " ")),) if address.strip() else (),
        )
    )


def _groups(pn: str) -> Iterator[WrittenName]:
    for group in pn.split("=")[:3]:
        family, given, middle = [*group.split("^"), "", "", ""][:3]
        yield WrittenName(family=family, given=f"{given} {middle}")
