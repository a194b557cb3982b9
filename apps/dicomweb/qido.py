"""QIDO-RS (PS3.18 10.6): searching for studies, series and instances on all six addresses."""

from typing import Final

from blake3 import blake3
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive.query import Answer, Level, Search, find, tag_path
from apps.audit import access
from apps.core.errors import Invalid
from apps.dicomweb.accept import Offer
from apps.dicomweb.answers import search_answer, search_offer
from apps.dicomweb.base import base_url
from apps.dicomweb.responses import is_current, not_modified
from apps.saying import say

TOTAL: Final = "X-Total-Count"
_AUDITED: Final = {Level.STUDY: "QIDO-RS studies", Level.SERIES: "QIDO-RS series", Level.INSTANCE: "QIDO-RS instances"}
_MAX_DIGITS: Final = 9


def studies(request: HttpRequest) -> HttpResponseBase:
    """The studies that match."""
    return _search(request, Level.STUDY)


def series(request: HttpRequest, study: str = "") -> HttpResponseBase:
    """The series that match, of one study or of all."""
    return _search(request, Level.SERIES, study)


def instances(request: HttpRequest, study: str = "", series: str = "") -> HttpResponseBase:
    """The instances that match, of one series, one study or all."""
    return _search(request, Level.INSTANCE, study, series)


def _search(request: HttpRequest, level: Level, study: str = "", series: str = "") -> HttpResponseBase:
    principal = sign_in(request)
    offer = search_offer(request)
    search = read(request.GET, level, study, series)
    answer = find(principal, search)
    access.note_search(principal, _AUDITED[level], search.keys, len(answer))
    base = base_url(request)
    body = answer.json(base)
    etag = _etag(body, answer, offer)
    if is_current(request, etag):
        response = not_modified(etag)
        response.headers["Vary"] = "Accept, Accept-Encoding"
    else:
        response = search_answer(request, offer, body, base, _warnings(answer))
        response.headers["ETag"] = etag
    if answer.total is not None:
        response.headers[TOTAL] = str(answer.total)
    return response


def _etag(body: bytes, answer: Answer, offer: Offer) -> str:
    """A weak validator (RFC 9110 8.8.1) of the rows, how many there are besides, and the representation."""
    return f'W/"{blake3(body).hexdigest(16)}-{answer.total}-{answer.more}-{offer.type[:1]}"'


def read(query: QueryDict, level: Level, study: str = "", series: str = "") -> Search:
    """The search that the query parameters describe (PS3.18 8.3.4). Unknown parameters are passed over.

    Raises Invalid for a limit or offset that is no number.
    """
    fields = {field.strip() for text in query.getlist("includefield") for field in text.split(",")}
    return Search(
        level=level,
        keys=_keys(query),
        study=study,
        series=series,
        include=[path for field in fields if (path := tag_path(field))],
        everything="all" in fields,
        fuzzy=query.get("fuzzymatching", "").lower() == "true",
        limit=_number(query, "limit"),
        offset=_number(query, "offset") or 0,
    )


def _keys(query: QueryDict) -> dict[str, list[str]]:
    """The match keys by their tags: a keyword and a tag that name the same attribute are one key."""
    keys: dict[str, list[str]] = {}
    for name, values in query.lists():
        if path := tag_path(name):
            keys.setdefault(path, []).extend(values)
    return keys


def _number(query: QueryDict, name: str) -> int | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise Invalid(say("The {name} must be a whole number.", name=name))
    return int(text)


def _warnings(answer: Answer) -> list[str]:
    warnings = list(answer.warnings)
    if answer.more:
        count = answer.more if answer.total is not None else f"at least {answer.more}"
        warnings.append(f"There are {count} additional results that can be requested")
    return warnings
