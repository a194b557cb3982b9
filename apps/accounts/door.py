"""What every address of the REST API has in common, around its view (config/api.py).

In this order: signing in, the rate, the idempotency key, the precondition, the view, and then the entity tag, the
chosen fields and the header fields. A view needs to know of none of it; what header fields all of its answers have,
those to errors too, its `header_fields` say.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern
from rest_framework.exceptions import ValidationError

from apps.accounts import idempotency
from apps.accounts.authentication import sign_in
from apps.accounts.guards import Guard, Open, admit
from apps.accounts.principal import Principal
from apps.core import conditional, problems, rates, rest, sparse
from apps.core.conditional import Ask
from apps.core.deprecation import Deprecation
from apps.core.errors import FoveaError, TooManyRequests
from apps.core.requests import address_of, request_id

Fields = dict[str, str]

VERSION: Final = "1"
VERSION_HEADER: Final = "Fovea-API-Version"
READING: Final = frozenset({"GET", "HEAD"})


def behind_the_door(pattern: URLPattern) -> URLPattern:
    """The same address, its view behind the door."""
    pattern.callback = _door(pattern.callback)
    return pattern


def _door(view: Callable[..., Any]) -> Callable[..., Any]:
    holder: Any = getattr(view, "cls", view)
    guards: Mapping[str, Guard] | None = getattr(holder, "guards", None)
    deprecated: Deprecation | None = getattr(holder, "deprecated", None)
    own: Mapping[str, str] = getattr(holder, "header_fields", {})
    always = {VERSION_HEADER: VERSION, **(deprecated.fields if deprecated else {}), **own}
    # A view that knows versions sees itself to what a change names.
    is_tagged = not getattr(holder, "keeps_versions", False)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        def ask(asked: HttpRequest) -> Any:
            response = view(asked, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

        fields = dict(always)
        response = _in_words(
            request, lambda: _let_in(request, _guard(guards, request), fields, ask, is_tagged=is_tagged)
        )
        for name, value in fields.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def _guard(guards: Mapping[str, Guard] | None, request: HttpRequest) -> Guard | None:
    """What the method asks for; a view without guards sees to it itself, one that leaves it out refuses it."""
    method = "GET" if request.method == "HEAD" else request.method or ""
    return Open.TO_ANYBODY if guards is None else guards.get(method)


def _let_in(request: HttpRequest, guard: Guard | None, fields: Fields, ask: Ask, *, is_tagged: bool) -> Any:
    who = None if guard is Open.TO_ANYBODY else sign_in(request)
    _measure(request, who, fields)
    if request.method in READING:
        return _read(request, ask)
    if who is None or guard is None:
        return ask(request)
    if request.method == "POST" and (key := idempotency.key_of(request)):
        admit(request, guard)
        return _once(request, who, key, ask)
    if is_tagged and request.method in conditional.CHANGING and "HTTP_IF_MATCH" in request.META:
        admit(request, guard)
        return conditional.change(request, ask)
    return ask(request)


def _measure(request: HttpRequest, who: Principal | None, fields: Fields) -> None:
    """Raises TooManyRequests."""
    if not settings.API_RATE:
        return
    caller = f"{who.user_id} {who.via}" if who else address_of(request)
    measured = rates.take(caller, settings.API_RATE)
    fields.update(measured.fields)
    if measured.is_over:
        raise TooManyRequests(measured.seconds)


def _read(request: HttpRequest, ask: Ask) -> Any:
    """The tag is that of the whole answer, whichever of its fields are chosen: a change names it as well."""
    response = ask(request)
    conditional.tagged(response)
    if sparse.NAME in request.GET and response.status_code == 200 and hasattr(response, "data"):
        try:
            sparse.choose(response, request.GET[sparse.NAME])
        except ValidationError as error:
            return rest.answer(error, {})
        response.content = response.rendered_content
    return conditional.unless_known(request, response)


def _once(request: HttpRequest, who: Principal, key: str, ask: Ask) -> Any:
    found = idempotency.claim(request, who, key)
    if not isinstance(found, idempotency.Claim):
        return found
    response = None
    try:
        response = _in_words(request, lambda: ask(request))
    finally:
        if response is None:
            found.release()
        else:
            found.settle(response)
    return response


def _in_words(request: HttpRequest, do: Callable[[], Any]) -> Any:
    """The answer, also to what the caller has done wrong; a fault of the server's own goes on to its log."""
    try:
        return do()
    except FoveaError as error:
        if error.status >= 500:
            raise
        return problems.refusal(request, error, request_id())
