"""Lists that are read on from where the last page ended (keyset paging): the thousandth page costs what the first does.

A cursor is the last row's place in the list's order. Nothing is counted, and what comes or goes meanwhile neither
shifts a row into two pages nor out of both.
"""

import base64
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.core.signing import BadSignature, Signer
from django.db.models import F, Field, Q, QuerySet
from django.db.models.expressions import OrderBy

from apps.core.errors import Invalid
from apps.saying import say

MOST_CURSOR: Final = 2000
NO_CURSOR: Final = say("The cursor is not one that this list gave. Begin again without it.")


@dataclass(frozen=True, slots=True)
class Key:
    """One part of an order: a field, which way, and whether rows may have nothing there (they come last)."""

    path: str
    field: "Field[Any, Any]"
    falls: bool
    is_nullable: bool

    def expression(self, *, backwards: bool) -> OrderBy:
        falls = self.falls is not backwards
        last = {"nulls_first" if backwards else "nulls_last": True} if self.is_nullable else {}
        return F(self.path).desc(**last) if falls else F(self.path).asc(**last)

    def beyond(self, value: Any, *, backwards: bool) -> Q:
        """The rows that come after this value, or before it."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else Q(pk__in=())
        compared = Q(**{f"{self.path}__{'lt' if self.falls is not backwards else 'gt'}": value})
        return compared | Q(**{f"{self.path}__isnull": True}) if self.is_nullable and not backwards else compared

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def of(self, row: Any) -> Any:
        value = row
        for name in self.path.split("__"):
            value = getattr(value, name, None)
        return value


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row next to which a page begins, by the values of the order's keys, and whether the page lies before it."""

    values: tuple[Any, ...]
    is_backwards: bool = False

    def text(self, keys: tuple[Key, ...]) -> str:
        """What a client gives back: it says nothing that the row did not."""
        kept = orjson.dumps([_signature(keys), self.is_backwards, *self.values], default=str)
        return _signer().sign(base64.urlsafe_b64encode(kept).decode().rstrip("="))

    @classmethod
    def read(cls, text: str, keys: tuple[Key, ...]) -> "Cursor":
        """Raises Invalid for what no page of a list in this order has given."""
        try:
            kept = _signer().unsign(text[:MOST_CURSOR])
        except BadSignature as error:
            raise Invalid(NO_CURSOR) from error
        signature, is_backwards, *values = orjson.loads(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)))
        if signature != _signature(keys):
            raise Invalid(NO_CURSOR)
        return cls(tuple(_value(key, value) for key, value in zip(keys, values, strict=True)), is_backwards)


def keys_of(rows: QuerySet[Any]) -> tuple[Key, ...]:
    """The order of these rows, ended by the primary key so that no two are at the same place."""
    named = rows.query.order_by or rows.model._meta.ordering or ("-pk",)  # noqa: SLF001 - documented API of Django
    keys = [_key(rows, each) for each in named]
    if not keys[-1].field.primary_key:
        keys.append(_key(rows, "-pk" if keys[-1].falls else "pk"))
    return tuple(keys)


def page(rows: QuerySet[Any], keys: tuple[Key, ...], cursor: Cursor | None, limit: int) -> QuerySet[Any]:
    """`limit` rows from the cursor on; a page that lies before it comes in the opposite order."""
    backwards = cursor is not None and cursor.is_backwards
    if cursor is not None:
        rows = rows.filter(_beyond(keys, cursor))
    return rows.order_by(*(key.expression(backwards=backwards) for key in keys))[:limit]


def _beyond(keys: tuple[Key, ...], cursor: Cursor) -> Q:
    found, same = Q(pk__in=()), Q()
    for key, value in zip(keys, cursor.values, strict=True):
        found |= same & key.beyond(value, backwards=cursor.is_backwards)
        same &= key.same(value)
    return _bound(keys[0], cursor) & found


def _bound(first: Key, cursor: Cursor) -> Q:
    """The same once more of the first key alone, from which a database sees where in an index to begin."""
    value = cursor.values[0]
    if first.is_nullable or value is None:
        return Q()
    return Q(**{f"{first.path}__{'lte' if first.falls is not cursor.is_backwards else 'gte'}": value})


def _key(rows: QuerySet[Any], named: Any) -> Key:
    text = _text(named)
    path, falls = text.lstrip("-"), text.startswith("-")
    if path in rows.query.annotations:
        return Key(path, rows.query.annotations[path].output_field, falls, is_nullable=True)
    model, names, is_nullable = rows.model, [], False
    for name in path.split("__"):
        options = model._meta  # noqa: SLF001 - documented API of Django
        field = options.pk if name == "pk" else options.get_field(name)
        names.append(field.name)
        is_nullable = is_nullable or bool(field.null)
        model = field.related_model or model
    return Key("__".join([*names[:-1], field.attname]), field, falls, is_nullable)


def _text(named: Any) -> str:
    """A part of `order_by` as its text."""
    if isinstance(named, OrderBy) and isinstance(named.expression, F):
        return f"{'-' if named.descending else ''}{named.expression.name}"  # type: ignore[attr-defined]
    if not isinstance(named, str):
        raise TypeError("Pages by cursor need an order by fields.")
    return named


def _value(key: Key, value: Any) -> Any:
    return None if value is None else key.field.to_python(value)


def _signature(keys: tuple[Key, ...]) -> str:
    return ",".join(f"{'-' if key.falls else ''}{key.path}" for key in keys)


def _signer() -> Signer:
    """Only what this site has given is given to a database."""
    return Signer(sep=".", salt="cursor")
