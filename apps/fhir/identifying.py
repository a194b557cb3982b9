"""Identifiers of other systems: kept with what they are of, each once in a practice, and read many at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from apps.core.errors import Conflict
from apps.fhir import terms
from apps.fhir.elements import Element
from apps.fhir.models import SYSTEM_LENGTH, VALUE_LENGTH, Identifier
from apps.saying import say


@dataclass(frozen=True, slots=True)
class Given:
    """An identifier that came with a resource; `kind` is its code of terms.IDENTIFIER_TYPES."""

    system: str
    value: str
    kind: str = ""


def given(owner: str, rows: Sequence[Any]) -> dict[int, list[Identifier]]:
    """The identifiers that other systems have given to these rows; `owner` is a field of Identifier."""
    found: defaultdict[int, list[Identifier]] = defaultdict(list)
    for each in Identifier.objects.filter(**{f"{owner}__in": rows}):
        found[getattr(each, f"{owner}_id")].append(each)
    return found


def read(resource: Element) -> list[Given]:
    """The identifiers of a resource, each once. Raises Unprocessable."""
    found = [_read(each) for each in resource.each("identifier")]
    return list(dict.fromkeys(each for each in found if each.value))


def foreign(identifiers: Sequence[Given]) -> list[Given]:
    """Those of other systems."""
    own = (terms.OWN, terms.DICOM_UID)
    return [each for each in identifiers if not each.system.startswith(own) and each.kind != terms.TYPE_ACCESSION]


def external_id(identifiers: Sequence[Given], most: int) -> str:
    """What the practice's software calls it: by the system that stands for this, else the first that fits."""
    named = [each.value for each in identifiers if each.system == terms.EXTERNAL_ID]
    fitting = [each.value for each in foreign(identifiers) if len(each.value) <= most]
    return next(iter([*named, *fitting]), "")


def own(identifiers: Sequence[Given], system: str, kind: str = "") -> str:
    """The value in a system of this server, or of a type; empty for none."""
    return next((each.value for each in identifiers if each.system == system or (kind and each.kind == kind)), "")


def make_sure_new(owner: str, practice_id: int, identifiers: Sequence[Given], reference: str) -> None:
    """Raises Conflict, which names the resource, for an identifier that one of the practice has."""
    for each in foreign(identifiers):
        known = Identifier.objects.filter(practice=practice_id, system=each.system, value=each.value)
        row = known.filter(**{f"{owner}__isnull": False}).first()
        if row is not None:
            raise is_known(each.value, f"{reference}{getattr(row, f'{owner}_id')}")


def is_known(value: str, reference: str) -> Conflict:
    """The error for what has been made already."""
    return Conflict(
        say(
            "There is a resource of the identifier {value} already: {reference}. Change that one.",
            value=value,
            reference=reference,
        )
    )


def keep(owner: str, row: Any, identifiers: Sequence[Given]) -> None:
    """Let the row have these identifiers of other systems, and no others. Raises Conflict for another row's."""
    mine = Identifier.objects.filter(**{owner: row})
    known = {(each.system, each.value): each.pk for each in mine}
    wanted = {(each.system, each.value) for each in foreign(identifiers)}
    mine.filter(pk__in=[pk for pair, pk in known.items() if pair not in wanted]).delete()
    new = dict.fromkeys((each.system, each.value) for each in foreign(identifiers))
    rows = [
        Identifier(practice_id=row.practice_id, system=system, value=value, **{owner: row})
        for system, value in new
        if (system, value) not in known
    ]
    try:
        with transaction.atomic():
            Identifier.objects.bulk_create(rows)
    except IntegrityError as error:
        raise Conflict(say("Another resource of this type has one of these identifiers.")) from error


def _read(node: Element) -> Given:
    system, value = node.text("system", SYSTEM_LENGTH), node.text("value", VALUE_LENGTH)
    codings = node.at("type").each("coding")
    kind = next((each.text("code") for each in codings if each.text("system") in ("", terms.IDENTIFIER_TYPES)), "")
    return Given(system, value, kind)
