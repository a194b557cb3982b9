"""Taking a part of the record away from the admin: a form, and the file it makes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.audit import access, export
from apps.audit.models import EventQuerySet
from apps.audit.record import Action, tell

# What one file holds at most.
MOST: Final = 500_000
FORMATS: Final = {
    "csv": _("CSV, for a spreadsheet"),
    "json": "JSON",
    "xml": _("XML, messages of DICOM PS3.15"),
}


class ExportForm(forms.Form):
    """Which part, and as what."""

    first = forms.DateField(label=pgettext_lazy("time", "From"), widget=UnfoldAdminDateWidget)
    last = forms.DateField(label=pgettext_lazy("time", "Until"), widget=UnfoldAdminDateWidget)
    practice = forms.ModelChoiceField(
        Practice.objects.none(),
        label=_("Practice"),
        required=False,
        empty_label=_("All that you may see"),
        widget=UnfoldAdminSelectWidget,
    )
    format = forms.ChoiceField(label=_("Format"), choices=FORMATS.items(), widget=UnfoldAdminSelectWidget)

    def __init__(self, events: EventQuerySet, *args: Any, **kwargs: Any) -> None:
        today = timezone.localdate()
        kwargs.setdefault("initial", {"first": today - timedelta(days=29), "last": today})
        super().__init__(*args, **kwargs)
        self.events = events
        field: Any = self.fields["practice"]
        field.queryset = Practice.objects.filter(pk__in=events.order_by().values("practice"))

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for a period that is none, or that holds more than a file may."""
        cleaned = super().clean() or {}
        if {"first", "last"} <= set(cleaned):
            if cleaned["first"] > cleaned["last"]:
                raise forms.ValidationError(gettext("The first day comes after the last."))
            self.events = self._chosen(cleaned)
            if self.events.order_by()[MOST : MOST + 1].exists():
                raise forms.ValidationError(
                    gettext("These are more than %(most)s events. Choose a shorter period.") % {"most": MOST}
                )
        return cleaned

    def _chosen(self, cleaned: dict[str, Any]) -> EventQuerySet:
        practice = cleaned.get("practice")
        events = self.events.filter(practice=practice) if practice else self.events
        return export.period(events, cleaned["first"], cleaned["last"])


def answer(form: ExportForm, who: Principal) -> StreamingHttpResponse:
    """The file that a valid form asks for; that it was taken is on record, and in it."""
    first, last, kind = (form.cleaned_data[name] for name in ("first", "last", "format"))
    practice = form.cleaned_data["practice"]
    tell(
        Action.LOG_USED,
        principal=who,
        practice_id=practice.pk if practice else None,
        source="admin",
        detail=f"{kind} {first}..{last}",
    )
    access.flush()
    write, content_type = export.FORMATS[kind]
    pieces: Iterator[bytes] = write(form.events)
    name = f"audit-{first}-{last}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=content_type, headers=headers)
