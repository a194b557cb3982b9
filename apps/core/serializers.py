"""Serializers whose fields are snake_case in Python and camelCase outside, in answers, requests, errors and the schema.

Only declared fields are renamed: the keys within a JSON value stay as they are.
"""

from typing import Any

from rest_framework import serializers


def camel(name: str) -> str:
    """`patient_birth_date` → `patientBirthDate`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class CamelCase:
    """Mixed into a serializer, before its base."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()  # type: ignore[misc]
        return {_outside(name, field): field for name, field in fields.items()}


class CamelCaseSerializer(CamelCase, serializers.Serializer[Any]):
    """For what is no model, such as the parameters of a search."""


class CamelCaseModelSerializer(CamelCase, serializers.ModelSerializer[Any]):
    """For a model's fields."""


def _outside(name: str, field: serializers.Field[Any, Any, Any, Any]) -> str:
    """The field's name outside; the field remembers the one inside."""
    outside = camel(name)
    if isinstance(field, serializers.SerializerMethodField):
        field.method_name = field.method_name or f"get_{name}"
    elif outside != name and field.source is None:
        field.source = name
    return outside
