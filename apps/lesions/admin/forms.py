"""The forms by which lesions are recorded, and said how they were found."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.archive.models import Study
from apps.core.errors import FoveaError, Invalid
from apps.core.languages import translated
from apps.dicom.spoken import spoken_date
from apps.lesions.measured import Measured
from apps.lesions.models import NAME_LENGTH, FoundAs, Lesion, Role
from apps.lesions.organs import Organ
from apps.lesions.telling import size

BY_HAND = [("", _("Without a measurement"))]
# How lesions that nobody has measured are found.
STATES = [(state.value, state.label) for state in FoundAs if state != FoundAs.MEASURED]


def _select(label: Any, choices: Any = (), *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=required, widget=UnfoldAdminSelectWidget)


class _FoundForm(forms.Form):
    """How something was found in a study: by one of its measurements, or without one."""

    study = _select(_("Study"))
    measurement = _select(_("Measurement"), required=False)
    state = _select(_("Found as"), [("", _("Measured")), *STATES], required=False)

    def __init__(self, studies: Sequence[Study], things: Sequence[Measured], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dates = {study.pk: spoken_date(study.study_date) or str(study) for study in studies}
        self._choose("study", [(study.study_instance_uid, f"{dates[study.pk]} · {study}") for study in studies])
        told = [(str(thing.measurements[0]), _told(thing, dates[thing.study])) for thing in things]
        self._choose("measurement", [*BY_HAND, *told])

    def _choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def given(self) -> dict[str, Any]:
        """What was filled in, as `keeping` takes it."""
        told = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        if "measurement" in told:
            told["measurement"] = int(told["measurement"])
        return told

    def tell(self, error: FoveaError) -> None:
        """Show what the service finds wrong, beside its field."""
        errors = error.errors if isinstance(error, Invalid) else ()
        for name, text in errors:
            self.add_error(name if name in self.fields else None, translated(text))
        if not errors:
            self.add_error(None, translated(error.detail))


class LesionForm(_FoundForm):
    """A lesion that was seen in a study."""

    role = _select(_("Role"), Role.choices)
    organ = _select(_("Organ"), [("", _("As the measurement says")), *Organ.choices], required=False)
    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("The measurement's label, if left out."),
    )  # fmt: skip


class FindingForm(_FoundForm):
    """How a lesion was found in a study."""

    lesion = _select(_("Lesion"))
    field_order = ("lesion", "study", "measurement", "state")

    def __init__(self, lesions: Sequence[Lesion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("lesion", [(str(lesion.pk), lesion.name) for lesion in lesions])


def _told(thing: Measured, date: str) -> str:
    """A measurement as people know it: 2025-01-10 · Segment VII · 30.0 mm."""
    return " · ".join(filter(None, (date, thing.label, f"{size(thing.diameter_mm)} mm")))
