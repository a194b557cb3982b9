"""What a kind's parameters may be, as JSON Schema (2020-12): read from its serializer, in the reader's language."""

from typing import Any, Final

from rest_framework import serializers
from rest_framework.fields import empty

Field = serializers.Field[Any, Any, Any, Any]

# The first that a field is one of.
_TYPES: Final[tuple[tuple[type[Field], str], ...]] = (
    (serializers.BooleanField, "boolean"),
    (serializers.IntegerField, "integer"),
    (serializers.PrimaryKeyRelatedField, "integer"),
    (serializers.FloatField, "number"),
    (serializers.DecimalField, "number"),
    (serializers.CharField, "string"),
)
_BOUNDS: Final = {
    "min_value": "minimum", "max_value": "maximum", "min_length": "minLength", "max_length": "maxLength",
}  # fmt: skip
_OF_LISTS: Final = {"min_length": "minItems", "max_length": "maxItems"}


def schema_of(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """The schema of an object with the serializer's fields, by their names outside."""
    fields: dict[str, Field] = dict(getattr(serializer, "fields", {}))
    return {
        "type": "object",
        "properties": {name: _described(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def default_of(field: Field) -> Any:
    """The value of the field where none is given; None for none, and for one that follows from the rest."""
    if field.default is empty or getattr(field.default, "requires_context", False):
        return None
    return field.default() if callable(field.default) else field.default


def _described(field: Field) -> dict[str, Any]:
    default = default_of(field)
    told = {"title": str(field.label or ""), "description": str(field.help_text or ""), "default": default}
    return {**_typed(field), **{name: value for name, value in told.items() if value not in ("", None)}}


def _typed(field: Field) -> dict[str, Any]:
    match field:
        case serializers.ChoiceField():
            return {"oneOf": [{"const": value, "title": str(label)} for value, label in field.choices.items()]}
        case serializers.ListSerializer() | serializers.ListField():
            items = field.child
            return {"type": "array", "items": _typed(items) if items else {}, **_bounds(field, _OF_LISTS)}
        case serializers.BaseSerializer():
            return schema_of(field)
    kind = next((name for kind, name in _TYPES if isinstance(field, kind)), None)
    return ({"type": kind} if kind else {}) | _bounds(field, _BOUNDS)


def _bounds(field: Field, names: dict[str, str]) -> dict[str, Any]:
    found = {outside: getattr(field, inside, None) for inside, outside in names.items()}
    return {name: value for name, value in found.items() if value is not None}
