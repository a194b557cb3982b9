"""The form of a rule, which reads as a sentence."""

from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminTimeWidget,
)

from apps.accounts import people
from apps.accounts.principal import Principal
from apps.core.languages import translated
from apps.remotes.models import Remote
from apps.routing import administering
from apps.routing.models import Rule

DAYS: Final = [(str(number + 1), name) for number, name in WEEKDAYS.items()]
_LISTS: Final = ("calling_titles", "modalities", "sop_classes", "station_names", "referring_physicians")


class DestinationsField(forms.ModelMultipleChoiceField):
    """Remotes to tick, each with how it is reached."""

    def label_from_instance(self, obj: Any) -> str:
        values = {"name": obj.name, "place": obj.url or f"{obj.title}, {obj.host}:{obj.port}"}
        if not obj.is_active:
            return gettext("%(name)s (%(place)s), switched off") % values
        return f"{values['name']} ({values['place']})"


class RuleForm(forms.ModelForm):
    """What a rule is about, when, where it goes and how. `who` decides; the admin puts it in."""

    who: Principal
    weekdays = forms.MultipleChoiceField(
        choices=DAYS,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        label=_("On"),
        help_text=_("None ticked: on every day."),
    )
    destinations = DestinationsField(
        queryset=Remote.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        label=_("Send it to"),
    )

    class Meta:
        model = Rule
        fields = (
            "practice",
            "name",
            "is_active",
            "position",
            *_LISTS,
            "from_time",
            "to_time",
            "weekdays",
            "destinations",
            "when",
            "priority",
            "deletes",
        )
        labels = {
            "calling_titles": _("It comes from"),
            "modalities": _("Its modality is"),
            "sop_classes": _("Its SOP class is"),
            "station_names": _("Its station is"),
            "referring_physicians": _("It is for"),
            "from_time": _("From"),
            "to_time": _("To"),
            "when": _("It goes"),
            "deletes": _("Delete it here afterwards"),
        }
        widgets = {
            **{name: UnfoldAdminTextInputWidget(attrs={"placeholder": _("any")}) for name in _LISTS},
            "sop_classes": UnfoldAdminTextareaWidget(attrs={"rows": 2, "spellcheck": "false", "placeholder": _("any")}),
            "from_time": UnfoldAdminTimeWidget(format="%H:%M"),
            "to_time": UnfoldAdminTimeWidget(format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Remote.objects.filter(practice__in=people.practices(self.who)).order_by("practice", "name")
        if self.instance.pk is not None:
            rows = rows.filter(practice=self.instance.practice_id)
            self.initial["destinations"] = list(self.instance.destinations.all())
        destinations = self.fields["destinations"]
        destinations.queryset = rows  # type: ignore[attr-defined]
        if not rows.exists():
            destinations.help_text = gettext(
                "There is no remote yet that anything could be sent to: add one under Remotes."
            )
        self.initial["weekdays"] = list(self.instance.weekdays)

    def clean_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["weekdays"]))

    @property
    def chosen(self) -> list[Remote]:
        """The destinations that were ticked."""
        return list(self.cleaned_data.get("destinations") or ())

    def _post_clean(self) -> None:
        """Once the rule has what was typed in: whether it makes sense."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for field, text in administering.findings(self.instance, self.chosen):
                self.add_error(field, translated(text))
