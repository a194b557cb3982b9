"""The Retrieve Capabilities transaction (PS3.18 8.9, annex H): what this server does, in WADL or in JSON."""

from typing import Any, Final
from xml.etree import ElementTree as ET

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.core.errors import NotFound
from apps.dicomweb.accept import Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import JSON
from apps.dicomweb.responses import chosen
from apps.dicomweb.routes import ROUTES, Route, Transaction
from apps.saying import say

WADL: Final = "application/vnd.sun.wadl+xml"
NAMESPACE: Final = "http://wadl.dev.java.net/2009/02"
OFFERS: Final = (Offer(WADL), Offer(JSON), Offer("application/xml"), Offer("text/xml"))


def capabilities(request: HttpRequest) -> HttpResponseBase:
    """All resources below the root, with their methods. It names no data, so that nobody has to sign in."""
    offer = chosen(request, OFFERS)
    base = f"{base_url(request)}/"
    document = (
        orjson.dumps(as_json(base)) if offer.type == JSON else ET.tostring(as_wadl(base), "utf-8", xml_declaration=True)
    )
    headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
    return HttpResponse(document, content_type=offer.type, headers=headers)


def nothing_here(request: HttpRequest, **_: object) -> HttpResponseBase:
    """Raises NotFound, for an address below the root that is no resource's."""
    raise NotFound(
        say("There is no such resource. OPTIONS on the root of DICOMweb lists them all; UIDs are digits and dots.")
    )


def as_wadl(base: str) -> ET.Element:
    """The capabilities as a WADL application (annex H), `base` being the root's address with its slash."""
    application = ET.Element("application", xmlns=NAMESPACE)
    resources = ET.SubElement(application, "resources", base=base)
    nodes: dict[str, ET.Element] = {"": resources}
    for route in sorted(ROUTES, key=lambda route: route.template):
        node = _node(nodes, route.template)
        for method, transaction in route.transactions.items():
            _add_method(node, method, transaction)
    return application


def _node(nodes: dict[str, ET.Element], template: str) -> ET.Element:
    """The element of a resource inside those of the resources above it; made where it isn't there yet."""
    if template not in nodes:
        above, _, step = template.rpartition("/")
        node = nodes[template] = ET.SubElement(_node(nodes, above), "resource", path=step)
        if step.startswith("{"):
            ET.SubElement(node, "param", name=step[1:-1], style="template", required="true")
    return nodes[template]


def _add_method(node: ET.Element, method: str, transaction: Transaction) -> None:
    element = ET.SubElement(node, "method", name=method, id=transaction.name.title().replace(" ", ""))
    request = ET.SubElement(element, "request")
    if transaction.gives:
        accept = ET.SubElement(request, "param", name="Accept", style="header", default=transaction.gives[0])
        for media_type in transaction.gives:
            ET.SubElement(accept, "option", value=media_type)
    for name in transaction.parameters:
        ET.SubElement(request, "param", name=name, style="query")
    for media_type in transaction.takes:
        ET.SubElement(request, "representation", mediaType=media_type)
    response = ET.SubElement(element, "response", status="200" if transaction.gives else "204")
    for media_type in transaction.gives:
        ET.SubElement(response, "representation", mediaType=media_type)


def as_json(base: str) -> dict[str, Any]:
    """The same as a JSON object: the base, and each resource with its methods."""
    return {"base": base, "resources": [_resource(route) for route in ROUTES]}


def _resource(route: Route) -> dict[str, Any]:
    methods = [
        {
            "name": method,
            "id": transaction.name,
            "section": transaction.section,
            "parameters": transaction.parameters,
            "accepts": transaction.takes,
            "representations": transaction.gives,
        }
        for method, transaction in route.transactions.items()
    ]
    return {"path": route.template, "methods": methods}
