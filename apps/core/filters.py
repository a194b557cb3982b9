"""The parameters of a search in the REST API, checked: a misspelt one must not silently find everything."""

from typing import Any

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.serializers import Serializer, ValidationError

from apps.core import ordering, paging, sparse


def filters(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The given parameters by their names inside. Raises ValidationError for unknown, repeated and wrong ones."""
    given, others = request.query_params, _others(request.parser_context["view"])
    checked = serializer(data={name: given[name] for name in given if name not in others})
    known = set(checked.fields) | others
    errors = {name: [gettext("There is no such parameter.")] for name in given if name not in known}
    errors |= {name: [gettext("Give this parameter once.")] for name, values in given.lists() if len(values) > 1}
    if errors:
        raise ValidationError(errors)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def asked(request: Request, serializer: type[Serializer[Any]]) -> list[str]:
    """The names of the filters that are given, as they are outside, for the record: without what was looked for."""
    return sorted(set(request.query_params) & set(serializer().fields))


def _others(view: Any) -> frozenset[str]:
    """What is read elsewhere: by the pages, the order, and the door."""
    return paging.names(view) | {sparse.NAME} | ({ordering.NAME} if getattr(view, "orderings", None) else set())
