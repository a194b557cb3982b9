"""Long lists in pages: by `limit` and `offset`, both bounded, or by `limit` and `cursor` for the longest."""

from typing import Any, Final

from rest_framework.pagination import BasePagination, LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from apps.core import cursors
from apps.core.cursors import Cursor
from apps.core.errors import Invalid
from apps.saying import say

DEFAULT_LIMIT: Final = 50
MOST_ROWS: Final = 200


class BoundedPaging(LimitOffsetPagination):
    """50 rows a page, at most 200. Raises Invalid for what is no number, and for pages further on than anyone reads."""

    # The parameters that are this class's own.
    names: Final = frozenset({"limit", "offset"})
    default_limit = DEFAULT_LIMIT
    max_limit = MOST_ROWS
    max_offset = 100_000

    def get_limit(self, request: Request) -> int:
        return max(1, min(_number(request, "limit", self.default_limit), self.max_limit))

    def get_offset(self, request: Request) -> int:
        offset = _number(request, "offset", 0)
        if offset > self.max_offset:
            raise Invalid(say("offset goes up to {max_offset}. Narrow the search instead.", max_offset=self.max_offset))
        return offset


class CursorPaging(BasePagination):
    """50 rows a page, at most 200, read on by an opaque cursor: one query however long the list is, and no count.

    For views whose querysets are ordered by fields, whichever they are: `pagination_class = CursorPaging`. An index on
    them makes it quick. Raises Invalid for a cursor of another list, or of one in another order.
    """

    names: Final = frozenset({"limit", "cursor"})

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        limit = max(1, min(_number(request, "limit", DEFAULT_LIMIT), MOST_ROWS))
        keys = cursors.keys_of(queryset)
        text = request.query_params.get("cursor", "")
        cursor = Cursor.read(text, keys) if text else None
        rows = list(cursors.page(queryset, keys, cursor, limit + 1))
        has_more = len(rows) > limit
        rows = rows[:limit]
        is_backwards = cursor is not None and cursor.is_backwards
        if is_backwards:
            rows.reverse()
        self._address = request.build_absolute_uri()
        self._next = self._link(keys, rows[-1:], is_there=has_more or is_backwards, is_backwards=False)
        self._previous = self._link(
            keys, rows[:1], is_there=has_more if is_backwards else cursor is not None, is_backwards=True
        )
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "previous": self._previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            _parameter("limit", "integer", f"How many rows to a page: {DEFAULT_LIMIT}, at most {MOST_ROWS}."),
            _parameter("cursor", "string", "Where the page begins, from the `next` or `previous` of another one."),
        ]

    def _link(self, keys: tuple[cursors.Key, ...], at: list[Any], *, is_there: bool, is_backwards: bool) -> str | None:
        if not (at and is_there):
            return None
        cursor = Cursor(tuple(key.of(at[0]) for key in keys), is_backwards)
        return replace_query_param(self._address, "cursor", cursor.text(keys))


def _parameter(name: str, kind: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": description}


def names(view: Any) -> frozenset[str]:
    """The parameters of a list that its paging reads."""
    return frozenset(getattr(getattr(view, "paginator", None), "names", ()))


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid(say("{name} must be a whole number.", name=name))
    return int(text)
