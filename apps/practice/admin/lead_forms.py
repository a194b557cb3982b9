"""The forms of leads: what is known of a person, a table to bring in, and why somebody is erased."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.models import Practice
from apps.core.errors import FoveaError, Invalid
from apps.core.languages import Label, translated
from apps.core.serializers import camel
from apps.practice.admin import lead_lines
from apps.practice.leads.importing.columns import TARGETS
from apps.practice.models import Lead, LeadStatus
from apps.practice.models.leads import ID_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH, SYSTEM_LENGTH, TITLE_LENGTH
from apps.worklist.models import Sex

TEXTS: Final = (
    "external_id",
    "patient_id",
    "family_name",
    "given_name",
    "middle_name",
    "prefix",
    "suffix",
    "preferred_language",
    "health_number",
    "health_number_system",
    "status",
    "sex",
    "birth_date",
)
ADDRESS: Final = ("line", "postcode", "city", "region", "country")
# The lists of a lead: how they are written as lines, and read from them.
LINES: Final[dict[str, tuple[Callable[[Any], str], Callable[[str], list[Any]]]]] = {
    "phones": ("\n".join, lead_lines.lines_of),
    "emails": ("\n".join, lead_lines.lines_of),
    "other_names": (lead_lines.of_names, lead_lines.names_of),
    "identifiers": (lead_lines.of_identifiers, lead_lines.identifiers_of),
    "consents": (lead_lines.of_consents, lead_lines.consents_of),
}


def _text(label: Label, length: int = NAME_LENGTH, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, widget=UnfoldAdminTextInputWidget, **options)


def _choice(label: Label, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=UnfoldAdminSelectWidget)


def _lines(label: Label, help_text: Label) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
    return forms.CharField(label=label, required=False, max_length=8000, widget=widget, help_text=help_text)


class LeadForm(forms.Form):
    """A person as people write it; `apps.practice.leads.reading` checks what is in it."""

    practice = forms.ModelChoiceField(
        label=_("Practice"), queryset=Practice.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    family_name = _text(_("Family name"))
    given_name = _text(_("Given name"))
    middle_name = _text(_("Middle name"))
    # The class takes it from its body: a form's own `prefix` stays what it is.
    prefix = _text(_("Title"), TITLE_LENGTH)  # type: ignore[assignment]
    suffix = _text(_("Suffix"), TITLE_LENGTH)
    birth_date = forms.DateField(
        label=_("Born"), required=False, widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sex = _choice(_("Sex"), [("", _("Not said")), *Sex.choices])
    status = _choice(_("Status"), LeadStatus.choices)
    other_names = _lines(
        _("Other names"), _("One a line: family name, given name, and (maiden), (alias), (ideographic)…")
    )
    phones = _lines(_("Telephone"), _("One a line."))
    emails = _lines(_("E-mail"), _("One a line."))
    line = _text(_("Street and number"), 120)
    postcode = _text(_("Postcode"), TITLE_LENGTH)
    city = _text(_("City"), 120)
    region = _text(_("Region"), 120)
    country = _text(_("Country"), 120)
    preferred_language = _text(_("Language"), LANGUAGE_LENGTH, help_text=_("Such as fr or pt-BR."))
    external_id = _text(_("ID elsewhere"), ID_LENGTH, help_text=_("What your practice's software calls this person."))
    patient_id = _text(_("Patient ID"), ID_LENGTH, help_text=_("What the devices call this person."))
    health_number = _text(_("Health-insurance number"), ID_LENGTH)
    health_number_system = _text(_("Whose number"), SYSTEM_LENGTH, help_text=_("Such as RAMQ, NHS or AVS."))
    identifiers = _lines(_("Other Patient IDs"), _("One a line, with who gave it in brackets."))
    consents = _lines(_("Consents"), _("One a line: yes: images to the insurance (2024-01-31)"))

    def __init__(self, *args: Any, lead: Lead | None, practices: Any, **kwargs: Any):
        kwargs["initial"] = {**(_initial(lead) if lead else {}), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.lead = lead
        practice = self.fields["practice"]
        assert isinstance(practice, forms.ModelChoiceField)
        practice.queryset = practices
        if lead is not None or len(practices) == 1:
            practice.widget, practice.required = forms.HiddenInput(), False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, (_label, read) in LINES.items():
            try:
                given[name] = read(given.get(name, ""))
            except ValueError as error:
                self.add_error(name, translated(error.args[0]))
        return given

    @property
    def practice_id(self) -> int:
        """Where the lead is kept: of several practices the one that was chosen."""
        if self.lead is not None:
            return self.lead.practice_id
        chosen = self.cleaned_data["practice"] or self.fields["practice"].queryset.first()  # type: ignore[attr-defined]
        return int(chosen.pk)

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed in; addresses after the first stay as they are."""
        given = self.cleaned_data
        others = self.lead.addresses[1:] if self.lead else []
        first = {part: given[part] for part in ADDRESS}
        return {name: given[name] for name in (*TEXTS, *LINES)} | {"addresses": [first, *others]}

    def tell(self, error: FoveaError) -> None:
        """Show what is wrong beside the field that it is about, else above."""
        outside = {camel(name): name for name in self.fields}
        wrong = error.errors if isinstance(error, Invalid) else ()
        for path, detail in wrong:
            root, _, place = path.partition(".")
            name = place.rpartition(".")[2] if root == "addresses" else outside.get(root, "")
            self.add_error(name if name in self.fields else None, translated(detail))
        if not wrong:
            self.add_error(None, translated(error.detail))


class EraseForm(forms.Form):
    """Asks to be sure."""

    is_sure = forms.BooleanField(label=_("Yes, remove all of it for good"))


class TableForm(forms.Form):
    """A table of people."""

    practice = forms.ModelChoiceField(
        label=_("Practice"), queryset=Practice.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    file = forms.FileField(label=_("Table"), widget=UnfoldAdminFileFieldWidget, help_text=_("CSV, up to 8 MiB."))

    def __init__(self, practices: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        practice = self.fields["practice"]
        assert isinstance(practice, forms.ModelChoiceField)
        practice.queryset = practices


class ColumnsForm(forms.Form):
    """What each column of a table says, and how its days are written."""

    order = forms.ChoiceField(
        label=_("Days are written"),
        choices=[("dmy", _("Day first: 31/01/1980")), ("mdy", _("Month first: 01/31/1980"))],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, headers: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers = headers
        for number, header in enumerate(headers):
            choices = [("", gettext("Leave out")), *((name, translated(label)) for name, label in TARGETS.items())]
            label = header or gettext("Column %(number)s") % {"number": number + 1}
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, widget=UnfoldAdminSelectWidget
            )

    @property
    def columns(self) -> list[Any]:
        """The fields of the columns, in their order."""
        return [self[f"column_{number}"] for number in range(len(self.headers))]

    @property
    def targets(self) -> tuple[str, ...]:
        """What was chosen for each column."""
        return tuple(self.cleaned_data[f"column_{number}"] for number in range(len(self.headers)))


def _initial(lead: Lead) -> dict[str, Any]:
    known = {name: getattr(lead, name) for name in TEXTS} | {
        name: write(getattr(lead, name)) for name, (write, _) in LINES.items()
    }
    first = lead.addresses[0] if lead.addresses else {}
    return known | {part: first.get(part, "") for part in ADDRESS}
