"""Parts of resources: `_elements` and `_summary` (FHIR R4, Search 3.1.1.5.8 and 3.1.1.5.9); pure."""

from typing import Final

from apps.fhir import terms
from apps.fhir.datatypes import Json, coding
from apps.fhir.kinds import Kind
from apps.fhir.parameters import Asked

_ALWAYS: Final = frozenset({"resourceType", "id", "meta"})
SUBSETTED: Final = coding(terms.VALUES, "SUBSETTED")


def shaped(resource: Json, kind: Kind, asked: Asked) -> Json:
    """The resource as it was asked for; a part of one is marked as such."""
    wanted = _wanted(kind, asked)
    if wanted is None:
        return resource
    kept = {name: value for name, value in resource.items() if name in wanted | _ALWAYS | kind.mandatory}
    return {**kept, "meta": {**resource["meta"], "tag": [SUBSETTED]}}


def _wanted(kind: Kind, asked: Asked) -> frozenset[str] | None:
    """None for everything."""
    if asked.elements:
        return frozenset(name.removeprefix(f"{kind.name}.").partition(".")[0] for name in asked.elements)
    return {"true": kind.summary, "text": frozenset({"text"})}.get(asked.summary)
