"""The sixteen permissions as checkboxes, in groups and in plain words."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.accounts.permissions import Permission

GROUPS: Final[Mapping[str, tuple[Permission, ...]]] = {
    "Look": (Permission.VIEW, Permission.DOWNLOAD),
    "Bring in": (Permission.UPLOAD, Permission.FETCH),
    "Work": (Permission.ANNOTATE, Permission.REPORT, Permission.SIGN, Permission.ANALYSE),
    "Pass on": (Permission.SHARE, Permission.SEND, Permission.ANONYMISE),
    "Correct": (Permission.EDIT, Permission.MERGE, Permission.DELETE),
    "Decide": (Permission.AUDIT, Permission.ADMINISTER),
}
FIELDS: Final = tuple(f"may_{title.lower().replace(' ', '_')}" for title in GROUPS)


def _field(title: str, permissions: Iterable[Permission]) -> forms.MultipleChoiceField:
    choices = [(each.value, each.label) for each in permissions]
    widget = UnfoldAdminCheckboxSelectMultipleWidget()
    return forms.MultipleChoiceField(label=title, choices=choices, required=False, widget=widget)


class PermissionsForm(forms.ModelForm):
    """A form of something that has `permissions`; they are its fields `FIELDS`."""

    may_look = _field("Look", GROUPS["Look"])
    may_bring_in = _field("Bring in", GROUPS["Bring in"])
    may_work = _field("Work", GROUPS["Work"])
    may_pass_on = _field("Pass on", GROUPS["Pass on"])
    may_correct = _field("Correct", GROUPS["Correct"])
    may_decide = _field("Decide", GROUPS["Decide"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.initial.pop("permissions", None) or self.instance.permissions
        for name, permissions in zip(FIELDS, GROUPS.values(), strict=True):
            if name in self.fields:
                self.initial.setdefault(name, [each.value for each in permissions if each in held])

    def chosen(self) -> list[str]:
        """The permissions that are ticked, in their order."""
        ticked = {value for name in FIELDS for value in self.cleaned_data.get(name, ())}
        return [each.value for each in Permission if each in ticked]
