"""FHIR's clients for the tests: by the server's own test client, and fhirclient's models to check what came."""

import json
from importlib import import_module
from typing import Any

from django.test import Client

BASE = "/api/fhir"
MEDIA_TYPE = "application/fhir+json"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
THEIRS = "https://clinic.example/orders"


def get(client: Client, place: str, **headers: str) -> Any:
    """The answer to GET, with these HTTP_… variables."""
    return client.get(f"{BASE}/{place}", **headers)


def found(client: Client, place: str) -> list[Any]:
    """The matches of a search, each a valid resource of FHIR R4."""
    answer = get(client, place)
    assert (answer.status_code, answer["Content-Type"]) == (200, MEDIA_TYPE), answer.content
    return [each["resource"] for each in valid(answer.json()).get("entry", []) if each["search"]["mode"] == "match"]


def send(client: Client, method: str, place: str, body: Any, **headers: str) -> Any:
    """The answer to a resource, or whatever, that is sent."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.generic(method, f"{BASE}/{place}", data, **{"content_type": MEDIA_TYPE, **headers})


def post(client: Client, resource: Any, **headers: str) -> Any:
    return send(client, "POST", resource["resourceType"], resource, **headers)


def put(client: Client, resource: Any, **headers: str) -> Any:
    return send(client, "PUT", f"{resource['resourceType']}/{resource['id']}", resource, **headers)


def valid(resource: Any) -> Any:
    """The same, if it is a valid resource of FHIR R4 by two libraries of others."""
    kind = resource["resourceType"]
    import_module(f"fhirclient.models.{kind.lower()}").__dict__[kind](resource)
    import_module(f"fhir.resources.R4B.{kind.lower()}").__dict__[kind].model_validate(resource)
    return resource


def issues(answer: Any, status: int) -> list[tuple[str, str]]:
    """Code and expression of each issue of a refusal."""
    assert (answer.status_code, answer["Content-Type"]) == (status, MEDIA_TYPE), answer.content
    told = valid(answer.json())
    assert told["resourceType"] == "OperationOutcome"
    return [(each["code"], "".join(each.get("expression", []))) for each in told["issue"]]


def order(whose: str, /, **elements: Any) -> dict[str, Any]:
    """A panoramic X-ray of this patient on a Monday morning, unless the elements say otherwise."""
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": THEIRS, "value": "O-1"}],
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "code": {"text": "Panoramic X-ray"},
        "orderDetail": [{"coding": [{"system": DCM, "code": "PX"}]}],
        "subject": {"reference": whose},
        "occurrencePeriod": {"start": "2026-03-02T09:30:00Z", "end": "2026-03-02T09:50:00Z"},
        "requester": {"display": "Tooth, Tim"},
        "performer": [
            {"type": "Device", "identifier": {"value": "PANO1"}},
            {"type": "Practitioner", "display": "Ray, Xavier"},
        ],
        "locationReference": [{"type": "Location", "display": "Room 1"}],
        **elements,
    }


def visit(whose: str, /, **elements: Any) -> dict[str, Any]:
    """The same as an appointment."""
    return {
        "resourceType": "Appointment",
        "identifier": [{"system": "https://clinic.example/visits", "value": "A-1"}],
        "status": "booked",
        "serviceType": [{"coding": [{"system": DCM, "code": "PX"}]}],
        "description": "Panoramic X-ray",
        "start": "2026-03-02T09:30:00Z",
        "end": "2026-03-02T09:50:00Z",
        "participant": [
            {"actor": {"reference": whose}, "status": "accepted"},
            {"actor": {"type": "Practitioner", "display": "Tooth, Tim"}, "status": "accepted"},
            {"actor": {"type": "Location", "display": "Room 1"}, "status": "accepted"},
            {"actor": {"type": "Device", "identifier": {"value": "PANO1"}}, "status": "accepted"},
        ],
        **elements,
    }


def person(**elements: Any) -> dict[str, Any]:
    """A patient as a practice's software sends her."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "https://clinic.example/patients", "value": "P-7"}],
        "name": [{"use": "official", "family": "Doe", "given": ["Jane", "Mary"]}, {"use": "maiden", "family": "Roe"}],
        "gender": "female",
        "birthDate": "1980-01-02",
        "telecom": [
            {"system": "phone", "value": "+41 79 123 45 67"}, {"system": "email", "value": "Jane@example.org"},
        ],
        "address": [{"line": ["Elm 1"], "city": "Bern", "postalCode": "3000", "country": "CH"}],
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr"}]}}],
        **elements,
    }  # fmt: skip
