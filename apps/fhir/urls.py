"""The addresses of FHIR below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.accounts.permissions import Permission
from apps.core.routes import route
from apps.fhir import api
from apps.fhir.registry import KINDS
from apps.fhir.reports import binary
from apps.fhir.studies import endpoints


def _of(name: str) -> list[URLPattern]:
    kind = KINDS[name]
    by_form = {"POST": (Permission.VIEW, api.search(kind))}
    return [
        route(f"fhir/{name}", api.view(api.of_type(kind)), f"fhir-{name}-type"),
        route(f"fhir/{name}/_search", api.view(by_form), f"fhir-{name}-search"),
        route(f"fhir/{name}/<str:key>", api.view(api.of_resource(kind)), f"fhir-{name}"),
    ]


urlpatterns: Final[list[URLPattern]] = [
    route("fhir/metadata", api.view(api.METADATA), "fhir-metadata"),
    route("fhir/Endpoint", api.view(api.ENDPOINTS), "fhir-Endpoint-type"),
    route(f"fhir/Endpoint/{endpoints.DICOMWEB}", api.view(api.ENDPOINT), "fhir-Endpoint"),
    route("fhir/Binary/<str:key>", api.view(api.BINARY, binary.accept), "fhir-Binary"),
    *(address for name in KINDS for address in _of(name)),
]
