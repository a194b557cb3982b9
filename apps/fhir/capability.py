"""CapabilityStatement: what of FHIR this server speaks, told from what there is (FHIR R4, CapabilityStatement)."""

from collections.abc import Iterator
from typing import Final

from apps.core.version import VERSION
from apps.fhir import terms
from apps.fhir.bundles import BASE
from apps.fhir.datatypes import Json, concept, filled
from apps.fhir.kinds import Kind
from apps.fhir.registry import KINDS
from apps.fhir.reports.mapping import BINARY
from apps.fhir.studies import endpoints

# When what is told here last changed.
DATE: Final = "2026-11-22"


def statement(site: str) -> Json:
    """The CapabilityStatement of the server at this address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": {"name": "Fovea", "version": VERSION},
        "implementation": {"description": "An open imaging archive", "url": f"{site}{BASE}"},
        "fhirVersion": terms.FHIR_VERSION,
        "format": ["json", terms.MEDIA_TYPE],
        "rest": [{"mode": "server", "security": _security(), "resource": list(_resources())}],
    }


def _security() -> Json:
    said = "A bearer token of Fovea, HTTP Basic, or the session of a browser of the same origin."
    return {"service": [concept("Bearer token"), concept("HTTP Basic")], "description": said}


def _resources() -> Iterator[Json]:
    for kind in KINDS.values():
        yield _resource(kind)
    yield {"type": BINARY, "interaction": _interactions("read"), "versioning": "versioned"}
    yield {"type": endpoints.KIND, "interaction": _interactions("read", "search-type"), "versioning": "versioned"}


def _resource(kind: Kind) -> Json:
    writes = ("create", "update") if kind.writer else ()
    conditional = {"conditionalCreate": True, "conditionalUpdate": True, "updateCreate": False} if writes else {}
    parameters = ({"name": name, "type": each.kind} for name, each in sorted(kind.parameters.items()))
    return filled(
        {
            "type": kind.name,
            "interaction": _interactions("read", "search-type", *writes),
            "versioning": "versioned",
            "readHistory": False,
            "conditionalRead": "not-match",
            **conditional,
            "searchInclude": [f"{kind.name}:{name}" for name in kind.includes],
            "searchParam": [each for each in parameters if "." not in each["name"]],
        }
    )


def _interactions(*names: str) -> list[Json]:
    return [{"code": name} for name in names]
