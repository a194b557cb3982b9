"""The sixteen permissions as checkboxes, in groups and in plain words."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.accounts.permissions import Permission

# By the names of the form's fields.
GROUPS: Final[Mapping[str, tuple[Any, tuple[Permission, ...]]]] = {
    "may_look": (pgettext_lazy("permissions", "Look"), (Permission.VIEW, Permission.DOWNLOAD)),
    "may_bring_in": (pgettext_lazy("permissions", "Bring in"), (Permission.UPLOAD, Permission.FETCH)),
    "may_work": (
        pgettext_lazy("permissions", "Work"),
        (Permission.ANNOTATE, Permission.REPORT, Permission.SIGN, Permission.ANALYSE),
    ),
    "may_pass_on": (
        pgettext_lazy("permissions", "Pass on"),
        (Permission.SHARE, Permission.SEND, Permission.ANONYMISE),
    ),
    "may_correct": (
        pgettext_lazy("permissions", "Correct"),
        (Permission.EDIT, Permission.MERGE, Permission.DELETE),
    ),
    "may_decide": (pgettext_lazy("permissions", "Decide"), (Permission.AUDIT, Permission.ADMINISTER)),
}
FIELDS: Final = tuple(GROUPS)


def _field(name: str) -> forms.MultipleChoiceField:
    title, permissions = GROUPS[name]
    choices = [(each.value, each.label) for each in permissions]
    widget = UnfoldAdminCheckboxSelectMultipleWidget()
    return forms.MultipleChoiceField(label=title, choices=choices, required=False, widget=widget)


class PermissionsForm(forms.ModelForm):
    """A form of something that has `permissions`; they are its fields `FIELDS`."""

    may_look = _field("may_look")
    may_bring_in = _field("may_bring_in")
    may_work = _field("may_work")
    may_pass_on = _field("may_pass_on")
    may_correct = _field("may_correct")
    may_decide = _field("may_decide")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.initial.pop("permissions", None) or self.instance.permissions
        for name, (_title, permissions) in GROUPS.items():
            if name in self.fields:
                self.initial.setdefault(name, [each.value for each in permissions if each in held])

    def chosen(self) -> list[str]:
        """The permissions that are ticked, in their order."""
        ticked = {value for name in FIELDS for value in self.cleaned_data.get(name, ())}
        return [each.value for each in Permission if each in ticked]
