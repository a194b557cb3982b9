"""The form by which an analysis is asked for, made of its kind's parameters: those that people can fill in."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.analysis.describing import Field, default_of
from apps.analysis.kinds import Choices, Kind
from apps.archive.models import Study
from apps.core.errors import Invalid
from apps.core.languages import translated

UNSAID: Final = ("", _("Not said"))
_PREFIX: Final = "parameters."


class ParametersForm(forms.Form):
    """What may be asked of the kind. What can't be filled in here (lists of numbers, say) has its default."""

    def __init__(self, kind: Kind, choices: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in kind.parameters().fields.items():
            if (made := _made(field, choices.get(name))) is not None:
                self.fields[name] = made

    @property
    def parameters(self) -> dict[str, Any]:
        """What was filled in, as the REST API takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}

    def tell(self, error: Invalid) -> None:
        """Show what the service finds wrong, beside its field."""
        for field, text in error.errors:
            name = field.removeprefix(_PREFIX).partition(".")[0]
            self.add_error(name if name in self.fields else None, translated(text))
        if not error.errors:
            self.add_error(None, translated(error.detail))


def can_ask(kind: Kind, choices: Choices) -> bool:
    """Whether people can ask for it here: there is something to choose, and nothing must be said that they can't."""
    fields: Mapping[str, Field] = kind.parameters().fields
    is_there = all(choices.get(name) for name in choices)
    return is_there and all(_made(field, choices.get(name)) for name, field in fields.items() if field.required)


def choices_of(kind: Kind, study: Study) -> Choices:
    """What of the study may be chosen, the values as texts."""
    found = kind.choices(study)
    return {name: [(str(value), label) for value, label in values] for name, values in found.items()}


def _made(field: Field, chosen: Any) -> forms.Field | None:
    """The form's field; None for what has no simple one."""
    shape = (forms.ChoiceField, _select(chosen)) if chosen is not None else _shape(field)
    if shape is None:
        return None
    made, special = shape
    # A box that is not ticked says no.
    required = field.required and made is not forms.BooleanField
    label = str(field.label or gettext("Parameter"))
    return made(label=label, help_text=field.help_text or "", initial=default_of(field), required=required, **special)


def _shape(field: Field) -> tuple[type[forms.Field], dict[str, Any]] | None:
    """What kind of field it is in a form, and what is particular to that."""
    shape: tuple[type[forms.Field], dict[str, Any]] | None = None
    match field:
        case serializers.ListField(child=serializers.ChoiceField() as child):
            each = {"choices": list(child.choices.items()), "widget": UnfoldAdminCheckboxSelectMultipleWidget}
            shape = forms.MultipleChoiceField, each
        case serializers.ChoiceField():
            unsaid = [] if field.required or default_of(field) is not None else [UNSAID]
            shape = forms.ChoiceField, _select([*unsaid, *field.choices.items()])
        case serializers.BooleanField():
            shape = forms.BooleanField, {"widget": UnfoldBooleanSwitchWidget}
        case serializers.IntegerField():
            shape = forms.IntegerField, {"widget": UnfoldAdminIntegerFieldWidget, **_bounds(field)}
        case serializers.FloatField():
            shape = forms.FloatField, {"widget": _any_number(), **_bounds(field)}
        case serializers.CharField():
            shape = forms.CharField, {"max_length": field.max_length, "widget": UnfoldAdminTextInputWidget}
    return shape


def _select(choices: Any) -> dict[str, Any]:
    return {"choices": choices, "widget": UnfoldAdminSelectWidget}


def _any_number() -> forms.Widget:
    return UnfoldAdminDecimalFieldWidget(attrs={"step": "any"})


def _bounds(field: Any) -> dict[str, Any]:
    return {"min_value": field.min_value, "max_value": field.max_value}
