"""Subscriptions to workitems and worklists (PS3.18 11.10 to 11.12)."""

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive.query import tag_path
from apps.core.errors import Invalid
from apps.dicomweb.workitems.answers import done
from apps.dicomweb.workitems.channel import address_of_channel
from apps.saying import say
from apps.worklist.matching import matcher
from apps.worklist.workitems import searching, subscribing
from apps.worklist.workitems.names import FILTERED_WORKLIST, WORKLIST, Dataset


def subscribe(request: HttpRequest, workitem: str, aetitle: str) -> HttpResponseBase:
    """Subscribe (11.10): 201, and the address of the channel that the events come by."""
    principal = sign_in(request)
    lock = _is_true(request.GET, "deletionlock")
    if workitem in (WORKLIST, FILTERED_WORKLIST):
        keys = _filter(request.GET) if workitem == FILTERED_WORKLIST else None
        warning = subscribing.subscribe_to_worklist(principal, aetitle, keys, lock=lock)
    else:
        warning = subscribing.subscribe(principal, workitem, aetitle, lock=lock)
    response = done(request, 201, warning)
    response.headers["Content-Location"] = address_of_channel(request, aetitle)
    return response


def unsubscribe(request: HttpRequest, workitem: str, aetitle: str) -> HttpResponseBase:
    """Unsubscribe (11.11): 200."""
    principal = sign_in(request)
    if workitem in (WORKLIST, FILTERED_WORKLIST):
        subscribing.unsubscribe_from_worklist(principal, aetitle, filtered=workitem == FILTERED_WORKLIST)
    else:
        subscribing.unsubscribe(principal, workitem, aetitle)
    return done(request)


def suspend(request: HttpRequest, workitem: str, aetitle: str) -> HttpResponseBase:
    """Suspend Global Subscription (11.12): 200."""
    principal = sign_in(request)
    if workitem not in (WORKLIST, FILTERED_WORKLIST):
        raise Invalid(say("A subscription to a worklist can be suspended, one to a workitem can't."))
    subscribing.suspend(principal, aetitle, filtered=workitem == FILTERED_WORKLIST)
    return done(request)


def _is_true(query: QueryDict, name: str) -> bool:
    """Raises Invalid for what is neither true nor false."""
    value = query.get(name, "false").strip().lower()
    if value not in ("true", "false"):
        raise Invalid(say("{name} is true or false.", name=name))
    return value == "true"


def _filter(query: QueryDict) -> Dataset:
    """The match keys: in `filter`, with commas between them (11.10.1.2), or each a parameter of its own.

    Raises Invalid for none: whoever wants every workitem subscribes to the whole worklist.
    """
    pairs = [pair.partition("=") for text in query.getlist("filter") for pair in text.split(",") if pair]
    given = [(name, value) for name, _, value in pairs]
    given += [(name, value) for name, values in query.lists() for value in values]
    keys: dict[str, list[str]] = {}
    for name, value in given:
        if path := tag_path(name.strip()):
            keys.setdefault(path, []).append(value)
    if not keys:
        raise Invalid(say("Name what workitems have to match, such as ?filter=ScheduledProcedureStepPriority=HIGH."))
    identifier = searching.identifier_of(keys)
    matcher(identifier)
    return identifier
