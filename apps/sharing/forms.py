"""The form by which somebody of the practice makes a link."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.archive.models import Series, Study
from apps.sharing.links import DAYS, LONGEST_PASSWORD, MOST_DAYS, MOST_OPENINGS, SHORTEST_PASSWORD, Terms
from apps.sharing.models import TEXT_LENGTH

LOOK: Final = ("view", _("Look at the images"))
TAKE: Final = ("download", _("Look at the images and take the files away"))
WHOLE: Final = ("", _("The whole study"))
# A study of more series is shared as a whole, or by the API.
MOST_SERIES: Final = 500


class ShareForm(forms.Form):
    """What is shared, with whom, what for, how long and how often."""

    recipient = forms.CharField(
        label=_("Recipient"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text=_("Who gets the link, such as a colleague and their practice. It is on record."),
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("What for. It is on record."),
    )
    series = forms.ChoiceField(label=_("What is shared"), required=False, widget=UnfoldAdminSelectWidget)
    may = forms.ChoiceField(label=_("They may"), choices=[LOOK, TAKE], widget=UnfoldAdminSelectWidget)
    days = forms.IntegerField(
        label=_("Good for so many days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    most_openings = forms.IntegerField(
        label=_("Good for so many openings"),
        required=False,
        min_value=1,
        max_value=MOST_OPENINGS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty for any number. Each lasts half a day in the browser that opened it."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Tell it by another way than the link: by telephone, say. Empty for none."),
    )

    def __init__(self, study: Study, *args: Any, may_hand_out: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        series, may = self.fields["series"], self.fields["may"]
        assert isinstance(series, forms.ChoiceField)
        assert isinstance(may, forms.ChoiceField)
        rows = Series.objects.filter(study=study).only(
            "series_instance_uid", "modality", "series_number", "series_description", "instance_count"
        )
        series.choices = [WHOLE, *((row.series_instance_uid, _named(row)) for row in rows[:MOST_SERIES])]
        if not may_hand_out:
            may.choices = [LOOK]

    @property
    def terms(self) -> Terms:
        """What was filled in."""
        given = self.cleaned_data
        return Terms(
            recipient=given["recipient"],
            purpose=given["purpose"],
            days=given["days"],
            password=given["password"],
            may_download=given["may"] == TAKE[0],
            most_openings=given["most_openings"],
            series_instance_uid=given["series"],
        )


def _named(series: Series) -> str:
    number = f"{series.series_number} · " if series.series_number is not None else ""
    name = series.series_description or gettext("Series without description")
    count = ngettext("%(number)s instance", "%(number)s instances", series.instance_count)
    return f"{number}{name} ({' · '.join(filter(None, [series.modality, count % {'number': series.instance_count}]))})"
