"""The data types of FHIR R4 as this server writes them; pure. What is empty is left out: FHIR has no empty values."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from apps.dicom.spoken import unturned
from apps.fhir import terms

Json = dict[str, Any]

_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_REPRESENTATIONS: Final = {"IDE": 1, "SYL": 2}


def filled(elements: Mapping[str, Any]) -> Json:
    """The elements that have something in them."""
    return {name: value for name, value in elements.items() if value not in _EMPTY}


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding; empty without a code."""
    return filled({"system": system, "code": code, "display": display}) if code else {}


def concept(text: str, *codings: Json) -> Json:
    """A CodeableConcept; empty where nothing is said."""
    return filled({"coding": [each for each in codings if each], "text": text})


def identifier(value: str, system: str, kind: str = "", assigner: str = "") -> Json:
    """An Identifier of a type of terms.IDENTIFIER_TYPES; empty without a value."""
    if not value:
        return {}
    typed = concept("", coding(terms.IDENTIFIER_TYPES, kind))
    named = filled({"display": assigner})
    return filled({"type": typed, "system": system, "value": value, "assigner": named})


def reference(kind: str, key: object, display: str = "") -> Json:
    """A literal Reference to a resource of this server."""
    return filled({"reference": f"{kind}/{key}", "display": display})


def named(display: str, kind: str = "") -> Json:
    """A Reference to what has no resource here, by what people call it; empty without that."""
    return filled({"type": kind, "display": display}) if display else {}


def device(title: str) -> Json:
    """A Reference to a device by its AE title."""
    return {"type": "Device", "identifier": identifier(title, terms.AE_TITLE), "display": title} if title else {}


def names_of(pn: str) -> list[Json]:
    """A PN (PS3.5 6.2) as HumanNames: one for each component group, the other ones marked as what they are."""
    groups = [*unturned(pn).split("="), "", ""]
    alphabetic = name_of(groups[0])
    others = [name_of(groups[place], representation) for representation, place in _REPRESENTATIONS.items()]
    return [each for each in (alphabetic, *others) if each]


def name_of(group: str, representation: str = "") -> Json:
    """A HumanName of a component group of a PN; empty for an empty one."""
    family, given, middle, prefix, suffix = (part.strip() for part in [*group.split("^"), *[""] * 5][:5])
    parts = filled({"family": family, "given": [each for each in (given, middle) if each]})
    if not parts:
        return {}
    titles = filled({"prefix": [prefix] if prefix else [], "suffix": [suffix] if suffix else []})
    marked = [{"url": terms.REPRESENTATION, "valueCode": representation}] if representation else []
    return filled({"extension": marked, "use": "official", **parts, **titles})


def instant(moment: datetime) -> str:
    """An instant, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def versioned(resource: Json, kind: str, key: object, changed_at: datetime | None = None) -> Json:
    """The resource with its type, id and meta. Its version follows from its content: the same has the same."""
    content = filled(resource)
    updated = {"lastUpdated": instant(changed_at)} if changed_at else {}
    meta = {"versionId": version_of(content), **updated}
    return {"resourceType": kind, "id": str(key), "meta": meta, **content}


def version_of(content: Json) -> str:
    """What tells two contents apart, as an id of FHIR."""
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=10).hexdigest()
