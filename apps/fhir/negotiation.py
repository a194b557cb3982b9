"""What a client asks for beside the resource itself: JSON alone, how unknown parameters are taken, what comes back."""

from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from apps.core.errors import Invalid, NotAcceptable, Unsupported
from apps.fhir import terms
from apps.fhir.parameters import MOST_PARAMETERS, Pair
from apps.saying import say

JSON: Final = frozenset({terms.MEDIA_TYPE, "application/json", "text/json"})
JSON_RANGES: Final = JSON | {"*/*", "application/*", "text/*"}
FORM: Final = "application/x-www-form-urlencoded"
_FORMATS: Final = JSON | {"json"}
_VERSIONS: Final = ("4.0", "4.0.1")


def accept(request: HttpRequest) -> None:
    """Raises NotAcceptable for who wants anything but JSON of this version (FHIR R4, 3.1.0.1.11)."""
    wanted = request.GET.get("_format", "").replace(" ", "+").lower()
    named, _, parameters = wanted.partition(";")
    is_known = named in _FORMATS if wanted else bool(_accepted(request) & JSON_RANGES)
    said = f"{parameters};{request.META.get('HTTP_ACCEPT', '')}".replace(" ", "").lower()
    version = said.partition("fhirversion=")[2].split(";")[0].split(",")[0] or _VERSIONS[0]
    if not is_known or version not in _VERSIONS:
        raise NotAcceptable(say("FHIR is spoken as JSON of version 4.0 here: ask for application/fhir+json."))


def _accepted(request: HttpRequest) -> set[str]:
    """The media ranges of Accept, without their parameters."""
    return {f"{each.main_type}/{each.sub_type}" for each in request.accepted_types} or {"*/*"}


def take(request: HttpRequest) -> None:
    """Raises Unsupported for a body that is not declared as JSON."""
    if request.content_type not in JSON:
        raise Unsupported(say("Send the resource as application/fhir+json."))


def preferences(request: HttpRequest) -> dict[str, str]:
    """What Prefer says (RFC 7240), by name: `return`, `handling`."""
    header = request.META.get("HTTP_PREFER", "").replace(",", ";")
    pairs = (each.partition("=") for each in header.split(";"))
    return {name.strip().lower(): value.strip(' "').lower() for name, _, value in pairs if name.strip()}


def pairs(request: HttpRequest) -> list[Pair]:
    """The parameters of a search in their order: of the address, and of a form (`_search`)."""
    if request.method == "POST" and request.content_type != FORM:
        raise Unsupported(say("Send the parameters as a form, application/x-www-form-urlencoded."))
    try:
        sent = (request.GET, request.POST)
    except SuspiciousOperation as error:
        raise Invalid(say("A search has at most {most} parameters.", most=MOST_PARAMETERS)) from error
    return [(name, value) for given in sent for name, values in given.lists() for value in values]
