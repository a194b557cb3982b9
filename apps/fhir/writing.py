"""Resources made and changed (RESTful API 3.1.0.4 to 3.1.0.8), also on conditions: criteria, and versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import parse_qsl

from django.db import transaction

from apps.accounts.principal import Principal
from apps.core.conditional import CHANGED, lock
from apps.core.errors import Invalid, PreconditionFailed
from apps.fhir import parameters, searching
from apps.fhir.datatypes import Json
from apps.fhir.elements import UNREADABLE, Element
from apps.fhir.errors import Duplicate, Unprocessable
from apps.fhir.kinds import Kind, Source, Writer
from apps.fhir.parameters import MOST_PARAMETERS, Asked
from apps.saying import say

# Where the fields of our own records stand in resources.
_PATHS: Final[Mapping[str, Mapping[str, str]]] = {
    "ServiceRequest": {
        "leadId": "subject", "patientId": "subject", "patientName": "subject", "modality": "orderDetail",
        "startDate": "occurrence[x]", "startTime": "occurrence[x]", "minutes": "occurrence[x]",
        "startAt": "occurrence[x]", "stationTitles": "performer",
        "performingPhysician": "performer", "referringPhysician": "requester",
        "requestedDescription": "code", "description": "code", "location": "locationReference",
        "accessionNumber": "identifier", "stepId": "identifier", "externalId": "identifier", "attributes": "code",
    },
    "Appointment": {
        "leadId": "participant", "practitioner": "participant", "location": "participant",
        "stationTitle": "participant", "startAt": "start", "minutes": "minutesDuration", "modality": "serviceType",
        "externalId": "identifier",
    },
    "Patient": {
        "familyName": "name", "givenName": "name", "middleName": "name", "prefix": "name", "suffix": "name",
        "otherNames": "name", "birthDate": "birthDate", "sex": "gender", "phones": "telecom", "emails": "telecom",
        "addresses": "address", "preferredLanguage": "communication",
    },
}  # fmt: skip


class Done(Enum):
    """What became of a resource that came."""

    CREATED = "created"
    CHANGED = "changed"
    # A conditional create found it.
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Written:
    """A row, its resource as it is now, and what became of it."""

    row: Any
    resource: Json
    done: Done


def create(who: Principal, kind: Kind, writer: Writer, body: Element, criteria: str = "") -> Written:
    """Make a resource; with criteria (If-None-Exist) only where none meets them. Raises Duplicate where several do."""
    with transaction.atomic():
        lock(f"fhir {kind.name}")
        if criteria:
            row = _only(who, kind, writer, criteria)
            if row is not None:
                return _written(who, kind, writer, row, Done.FOUND)
        made = _in_its_words(kind, lambda: writer.create(who, body))
        return _written(who, kind, writer, made, Done.CREATED)


def change(who: Principal, kind: Kind, writer: Writer, row: Any, body: Element, if_match: str) -> Written:
    """Change a resource, of the version that is named where one is. Raises PreconditionFailed."""
    with transaction.atomic():
        lock(f"fhir {kind.name}")
        _check_version(who, kind, row, if_match)
        changed = _in_its_words(kind, lambda: writer.change(who, row, body))
        return _written(who, kind, writer, changed, Done.CHANGED)


def put(who: Principal, kind: Kind, writer: Writer, body: Element, criteria: str, if_match: str) -> Written:
    """Change the resource that meets the criteria, or make one. Raises Duplicate where several do."""
    with transaction.atomic():
        lock(f"fhir {kind.name}")
        row = _only(who, kind, writer, criteria)
        if row is None:
            return create(who, kind, writer, body)
        return change(who, kind, writer, row, body, if_match)


def shown(who: Principal, kind: Kind, row: Any) -> Json:
    """The resource of a row."""
    return source_of(kind, row).show(who, [row])[0]


def source_of(kind: Kind, row: Any) -> Source:
    """Which of the type's tables a row is of."""
    return next(source for source in kind.sources if isinstance(row, source.model))


def _written(who: Principal, kind: Kind, writer: Writer, row: Any, done: Done) -> Written:
    source = source_of(kind, row)
    fresh = source.rows(who, writer.permission).get(pk=row.pk)
    return Written(fresh, source.show(who, [fresh])[0], done)


def _only(who: Principal, kind: Kind, writer: Writer, criteria: str) -> Any | None:
    row, are_several = searching.strictly_one(who, kind, _asked(kind, criteria), writer.permission)
    if are_several:
        raise Duplicate(say("Several resources meet these criteria. Say more of the one that you mean."))
    return row


def _asked(kind: Kind, criteria: str) -> Asked:
    """The criteria, in which nothing is overlooked. Raises Invalid, also for none at all."""
    try:
        pairs = parse_qsl(criteria.partition("?")[2] or criteria, max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise Invalid(say("A search has at most {most} parameters.", most=MOST_PARAMETERS)) from error
    asked = parameters.read(pairs, kind.parameters, is_strict=True)
    if not asked.filters:
        raise Invalid(say("The criteria are parameters of a search, such as identifier=system|value."))
    return asked


def _check_version(who: Principal, kind: Kind, row: Any, if_match: str) -> None:
    named = {each.strip().removeprefix("W/").strip('"') for each in if_match.split(",") if each.strip()}
    if named and "*" not in named and shown(who, kind, row)["meta"]["versionId"] not in named:
        raise PreconditionFailed(CHANGED)


def _in_its_words(kind: Kind, do: Any) -> Any:
    """What services say of fields, said of elements."""
    try:
        return do()
    except Unprocessable:
        raise
    except Invalid as error:
        paths = _PATHS[kind.name]
        wrong = [(_path(kind, paths, field), detail) for field, detail in error.errors]
        detail = error.detail if not wrong else UNREADABLE
        raise Unprocessable(detail, wrong) from error


def _path(kind: Kind, paths: Mapping[str, str], field: str) -> str:
    """An element's FHIRPath; the type's own where a field has none."""
    element = paths.get(field.partition(".")[0], "")
    return f"{kind.name}.{element}" if element else kind.name
