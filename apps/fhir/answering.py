"""Answers with a resource: its version as the entity tag, where it is, and as much of it as is wished (3.1.0.1.9)."""

from datetime import datetime
from typing import Final

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from apps.fhir import terms
from apps.fhir.bundles import BASE
from apps.fhir.datatypes import Json
from apps.fhir.kinds import Writer
from apps.fhir.negotiation import preferences
from apps.fhir.outcomes import outcome, warning
from apps.fhir.writing import Done, Written

_STATUSES: Final = {Done.CREATED: 201, Done.CHANGED: 200, Done.FOUND: 200}


def answered(body: Json, status: int = 200) -> HttpResponse:
    """The resource as JSON, with its version where it has one."""
    response = HttpResponse(orjson.dumps(body), content_type=terms.MEDIA_TYPE, status=status)
    meta = body.get("meta", {})
    if "versionId" in meta:
        response.headers["ETag"] = f'W/"{meta["versionId"]}"'
    if "lastUpdated" in meta:
        response.headers["Last-Modified"] = http_date(datetime.fromisoformat(meta["lastUpdated"]).timestamp())
    return response


def written(request: HttpRequest, writer: Writer, made: Written) -> HttpResponse:
    """The answer to a create or an update: the resource, nothing, or an OperationOutcome, as Prefer says."""
    resource, status = made.resource, _STATUSES[made.done]
    response = answered(resource, status)
    match preferences(request).get("return"):
        case "minimal":
            response.content = b""
        case "operationoutcome":
            told = outcome(warning(text) for text in writer.remarks(made.row))
            response.content = orjson.dumps(told)
    if made.done is Done.CREATED:
        address = f"{site_of(request)}{BASE}/{resource['resourceType']}/{resource['id']}"
        response.headers["Location"] = f"{address}/_history/{resource['meta']['versionId']}"
    return response


def site_of(request: HttpRequest) -> str:
    """How this server is called from outside, without a slash at the end."""
    return settings.PUBLIC_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
