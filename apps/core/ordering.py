"""`?ordering=-birthDate,familyName`: lists in another order, where their view says by what."""

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

NAME: Final = "ordering"
MOST: Final = 4


class Ordering(BaseFilterBackend):
    """For views with `orderings = {"birthDate": "birth_date"}`: names outside, and fields or relations inside.

    Rows that are equal by all of them come by their ids, so that pages neither repeat nor leave out any. Raises
    ValidationError for other names, and on views without `orderings`.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        given = request.query_params.get(NAME)
        return queryset if given is None else queryset.order_by(*_order(given, getattr(view, "orderings", {})))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orderings = getattr(view, "orderings", {})
        if not orderings:
            return []
        text = f"By {', '.join(f'`{name}`' for name in orderings)}; `-` before a name turns it round."
        schema = {"type": "string"}
        return [{"name": NAME, "in": "query", "required": False, "schema": schema, "description": text}]


def _order(given: str, orderings: dict[str, str]) -> list[str]:
    names = [name.strip() for name in given.split(",")]
    if not orderings:
        raise ValidationError({NAME: [gettext("This list has one order.")]})
    if len(names) > MOST or any(name.removeprefix("-") not in orderings for name in names):
        raise ValidationError(
            {
                NAME: [
                    gettext("Order by up to %(most)s of %(names)s; - turns one round.")
                    % {"most": MOST, "names": ", ".join(orderings)}
                ]
            }
        )
    order = [("-" if name.startswith("-") else "") + orderings[name.removeprefix("-")] for name in names]
    return [*order, "-pk" if order[-1].startswith("-") else "pk"]
