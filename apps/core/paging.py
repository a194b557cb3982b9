"""Long lists in pages: `limit` and `offset`, both bounded."""

from typing import Final

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from apps.core.errors import Invalid

NAMES: Final = frozenset({"limit", "offset"})


class BoundedPaging(LimitOffsetPagination):
    """50 rows a page, at most 200. Raises Invalid for what is no number, and for pages further on than anyone reads."""

    default_limit = 50
    max_limit = 200
    max_offset = 100_000

    def get_limit(self, request: Request) -> int:
        return max(1, min(_number(request, "limit", self.default_limit), self.max_limit))

    def get_offset(self, request: Request) -> int:
        offset = _number(request, "offset", 0)
        if offset > self.max_offset:
            raise Invalid(f"offset goes up to {self.max_offset}. Narrow the search instead.")
        return offset


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid(f"{name} must be a whole number.")
    return int(text)
