"""Bundle of a search (FHIR R4, Search 3.1.1.1): what matches, what it refers to, and where the rest is."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from apps.accounts.principal import Principal
from apps.fhir import searching
from apps.fhir.datatypes import Json
from apps.fhir.kinds import Kind
from apps.fhir.outcomes import outcome, warning
from apps.fhir.parameters import CURSOR, Asked, Pair
from apps.fhir.registry import KINDS
from apps.fhir.shaping import shaped
from apps.fhir.studies import endpoints
from apps.saying import say

BASE: Final = "/api/fhir"


def found(who: Principal, kind: Kind, asked: Asked, site: str) -> Json:
    """The Bundle of a search; `site` is the address of the server. Raises Invalid."""
    if asked.is_count:
        return _bundle(kind, asked, site, total=searching.count(who, kind, asked))
    page = searching.page(who, kind, asked)
    others = [*searching.included(who, kind, asked, page.resources), *_endpoints(kind, asked, page.resources, site)]
    entries = [
        *(_entry(each, kind, asked, site, "match") for each in page.resources),
        *(_entry(each, KINDS.get(each["resourceType"], kind), asked, site, "include") for each in others),
        *_ignored(asked),
    ]
    is_whole = not (page.following or asked.cursor)
    total = len(page.resources) if is_whole else None
    if total is None and asked.total == "accurate":
        total = searching.count(who, kind, asked)
    return _bundle(kind, asked, site, total=total, entries=entries, following=page.following)


def of_resources(resources: Iterable[Json], site: str) -> Json:
    """A Bundle of all there are."""
    entries = [
        {"fullUrl": f"{site}{BASE}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def _bundle(
    kind: Kind, asked: Asked, site: str, *, total: int | None, entries: list[Json] | None = None, following: str = ""
) -> Json:
    links = [{"relation": "self", "url": _link(kind, asked.used, site)}]
    if following:
        kept = [pair for pair in asked.used if pair[0] != CURSOR]
        links.append({"relation": "next", "url": _link(kind, [*kept, (CURSOR, following)], site)})
    counted = {} if total is None else {"total": total}
    listed = {"entry": entries} if entries else {}
    return {"resourceType": "Bundle", "type": "searchset", **counted, "link": links, **listed}


def _entry(resource: Json, kind: Kind, asked: Asked, site: str, mode: str) -> Json:
    address = f"{site}{BASE}/{resource['resourceType']}/{resource['id']}"
    part = shaped(resource, kind, asked) if resource["resourceType"] == kind.name else resource
    return {"fullUrl": address, "resource": part, "search": {"mode": mode}}


def _endpoints(kind: Kind, asked: Asked, resources: list[Json], site: str) -> list[Json]:
    """The one Endpoint there is, where it is to be included."""
    is_wanted = any(name.split(":")[:2] == [kind.name, "endpoint"] for name in asked.includes)
    return [endpoints.endpoint(site)] if is_wanted and resources else []


def _ignored(asked: Asked) -> list[Json]:
    """What was asked for and there is not: said in the Bundle, so that nobody takes it for found (3.1.1.2)."""
    if not asked.ignored:
        return []
    names = ", ".join(asked.ignored)[:200]
    text = say("There is no such parameter, so that it was left out of account: {names}.", names=names)
    return [{"resource": outcome([warning(text)]), "search": {"mode": "outcome"}}]


def _link(kind: Kind, pairs: Iterable[Pair], site: str) -> str:
    query = urlencode(list(pairs))
    return f"{site}{BASE}/{kind.name}{'?' if query else ''}{query}"
