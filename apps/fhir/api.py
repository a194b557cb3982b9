"""FHIR R4 over HTTP (RESTful API 3.1.0): read, search, create and update, each for who may do the same in /api."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.authentication import sign_in
from apps.accounts.guards import Guard, Open, admit
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit import access
from apps.core.bodies import json_of
from apps.core.errors import MethodNotAllowed, NotFound
from apps.fhir import bundles, capability, negotiation, parameters, searching, writing
from apps.fhir.answering import answered, site_of, written
from apps.fhir.elements import Element, resource_of
from apps.fhir.errors import Gone
from apps.fhir.kinds import Kind, Writer
from apps.fhir.reports import binary
from apps.fhir.shaping import shaped
from apps.fhir.studies import endpoints
from apps.saying import say

Handler = Callable[..., HttpResponse]
Methods = Mapping[str, tuple[Guard, Handler]]

NO_SUCH: Final = say("There is no such resource.")
SCOPE: Final = "FHIR"


def view(methods: Methods, accept: Callable[[HttpRequest], None] = negotiation.accept) -> Handler:
    """The view of an address: what each of its methods asks for, and does; `accept` refuses what it has no form for."""

    @csrf_exempt
    def answer(request: HttpRequest, **named: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in methods:
            sign_in(request)
            raise MethodNotAllowed(say("There is {methods} at this address.", methods=", ".join(methods)))
        guard, handler = methods[method]
        admit(request, guard)
        accept(request)
        return handler(request, **named)

    answer.guards = {method: guard for method, (guard, _) in methods.items()}  # type: ignore[attr-defined]
    answer.keeps_versions = True  # type: ignore[attr-defined]
    return answer


def metadata(request: HttpRequest) -> HttpResponse:
    """The CapabilityStatement (3.1.0.14)."""
    return answered(capability.statement(site_of(request)))


def search(kind: Kind) -> Handler:
    """Search by GET, and by POST of a form (3.1.0.9)."""

    def handler(request: HttpRequest) -> HttpResponse:
        who = sign_in(request)
        is_strict = negotiation.preferences(request).get("handling") == "strict"
        asked = parameters.read(negotiation.pairs(request), kind.parameters, is_strict=is_strict)
        bundle = bundles.found(who, kind, asked, site_of(request))
        matches = [each for each in bundle.get("entry", ()) if each["search"]["mode"] == "match"]
        access.note_search(who, f"{SCOPE} {kind.words}", sorted({each.name for each in asked.filters}), len(matches))
        return answered(bundle)

    return handler


def read(kind: Kind) -> Handler:
    """Read one resource (3.1.0.2)."""

    def handler(request: HttpRequest, key: str) -> HttpResponse:
        who = sign_in(request)
        resource = writing.shown(who, kind, _row(who, kind, key, Permission.VIEW))
        asked = parameters.read(negotiation.pairs(request), (), is_strict=False)
        access.note_search(who, f"{SCOPE} {kind.words}", ["_id"], 1)
        return answered(shaped(resource, kind, asked))

    return handler


def create(kind: Kind, writer: Writer) -> Handler:
    """Make a resource, or where If-None-Exist says so only one that there isn't yet (3.1.0.8)."""

    def handler(request: HttpRequest) -> HttpResponse:
        body = _body(request, kind)
        criteria = request.META.get("HTTP_IF_NONE_EXIST", "")
        made = writing.create(sign_in(request), kind, writer, body, criteria)
        return written(request, writer, made)

    return handler


def update(kind: Kind, writer: Writer) -> Handler:
    """Say all of a resource (3.1.0.4). None is made under an id of the client's."""

    def handler(request: HttpRequest, key: str) -> HttpResponse:
        who, body = sign_in(request), _body(request, kind)
        row = _row(who, kind, key, writer.permission)
        if body.text("id") != key:
            body.at("id").wrong(say("The id of the resource is the one of its address."))
        if_match = request.META.get("HTTP_IF_MATCH", "")
        return written(request, writer, writing.change(who, kind, writer, row, body, if_match))

    return handler


def conditional_update(kind: Kind, writer: Writer) -> Handler:
    """Say all of the resource that the parameters find, or make it where they find none (3.1.0.4.3)."""

    def handler(request: HttpRequest) -> HttpResponse:
        who, body = sign_in(request), _body(request, kind)
        query, if_match = request.META.get("QUERY_STRING", ""), request.META.get("HTTP_IF_MATCH", "")
        return written(request, writer, writing.put(who, kind, writer, body, query, if_match))

    return handler


def endpoint(request: HttpRequest) -> HttpResponse:
    """The one Endpoint there is."""
    return answered(endpoints.endpoint(site_of(request)))


def all_endpoints(request: HttpRequest) -> HttpResponse:
    """All Endpoints, whatever is searched for."""
    site = site_of(request)
    return answered(bundles.of_resources([endpoints.endpoint(site)], site))


def of_type(kind: Kind) -> Methods:
    """What there is at the address of a type."""
    methods: dict[str, tuple[Guard, Handler]] = {"GET": (Permission.VIEW, search(kind))}
    if kind.writer:
        methods["POST"] = (kind.writer.permission, create(kind, kind.writer))
        methods["PUT"] = (kind.writer.permission, conditional_update(kind, kind.writer))
    return methods


def of_resource(kind: Kind) -> Methods:
    """What there is at the address of a resource."""
    methods: dict[str, tuple[Guard, Handler]] = {"GET": (Permission.VIEW, read(kind))}
    if kind.writer:
        methods["PUT"] = (kind.writer.permission, update(kind, kind.writer))
    return methods


BINARY: Final[Methods] = {"GET": (Permission.VIEW, binary.read)}
METADATA: Final[Methods] = {"GET": (Open.TO_ANYBODY, metadata)}
ENDPOINT: Final[Methods] = {"GET": (Permission.VIEW, endpoint)}
ENDPOINTS: Final[Methods] = {"GET": (Permission.VIEW, all_endpoints)}


def _body(request: HttpRequest, kind: Kind) -> Element:
    negotiation.take(request)
    return resource_of(json_of(request), kind.name)


def _row(who: Principal, kind: Kind, key: str, permission: Permission) -> Any:
    """The row of an id. Raises NotFound, and Gone for a lead that was deleted."""
    row = searching.by_key(who, kind, key, permission)
    if row is None:
        raise NotFound(NO_SUCH)
    if getattr(row, "deleted_at", None):
        raise Gone(say("This has been deleted."))
    return row
