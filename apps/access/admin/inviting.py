"""The form for an invitation."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.access.invitations import LONGEST, MOST_STUDIES, Invited
from apps.access.models import Invitation
from apps.archive.models import TEXT_LENGTH, Study
from apps.archive.templatetags.dicom_text import dicom_date

USUAL = timedelta(days=90)


class InviteForm(forms.Form):
    """Who is invited, to which of the patient's studies, and until when."""

    studies = forms.MultipleChoiceField(label=_("Studies"), widget=forms.CheckboxSelectMultiple)
    name = forms.CharField(label=_("Their name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    contact = forms.CharField(
        label=_("E-mail or telephone"),
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("By which you know them, not what a caller told you."),
    )
    relation = forms.ChoiceField(
        label=_("What they are to the patient"), choices=Invitation.Relation.choices, widget=UnfoldAdminSelectWidget
    )
    ends = forms.DateField(
        label=_("May look until"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=_("The end of this day; two years from now at most."),
    )

    def __init__(self, data: Any, *, studies: QuerySet[Study], chosen: Sequence[str]) -> None:
        super().__init__(data)
        offered = [(row.study_instance_uid, _line(row)) for row in studies[:MOST_STUDIES]]
        field = self.fields["studies"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = offered
        field.initial = list(chosen) or ([uid for uid, _ in offered] if len(offered) == 1 else [])
        self.fields["ends"].initial = timezone.localdate() + USUAL

    def clean_ends(self) -> Any:
        day = self.cleaned_data["ends"]
        today = timezone.localdate()
        if not today <= day <= today + LONGEST - timedelta(days=1):
            raise forms.ValidationError(gettext("Choose a day from today on, within two years."))
        return day

    @property
    def uids(self) -> list[str]:
        return list(self.cleaned_data["studies"])

    @property
    def person(self) -> Invited:
        given = self.cleaned_data
        return Invited(given["name"], given["contact"], Invitation.Relation(given["relation"]))

    @property
    def until(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.cleaned_data["ends"], time(23, 59, 59)))


def _line(study: Study) -> str:
    date = dicom_date(study.study_date) or gettext("no date")
    images = ngettext("%(number)s image", "%(number)s images", study.instance_count) % {"number": study.instance_count}
    return f"{study.study_description or gettext('No description')} · {date} · {images}"
