"""Report templates in the admin: written with a live preview, taken in from files, copied, retired."""

from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db.models import Max, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.core.errors import Invalid
from apps.core.languages import translated
from apps.reports import templates_finding, templates_taking
from apps.reports.api.templates import text_of
from apps.reports.models import ReportTemplate
from apps.reports.mrrt.head import LANGUAGES
from apps.reports.mrrt.previewing import preview_of
from apps.reports.mrrt.writing import source_of

SOURCE: Final = "admin"
MOST_VERSIONS: Final = 50
# The template that a new one begins with, unless another is copied.
FIRST: Final = "fovea.ct"


class SourceWidget(forms.Textarea):
    """The source, beside what it looks like, with buttons that write fields and sections: its page's script is
    static/fovea/report-templates.js."""

    class Media:
        css = {"all": ("fovea/report-templates.css",)}

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        context = {"name": name, "value": value or "", "words": _words()}
        return render_to_string("admin/reports/template_source.html", context)


class TemplateForm(forms.ModelForm):
    """A template of a practice: its source as it is written, or as a file that takes its place."""

    source = forms.CharField(label=_("Source"), required=False, strip=False, widget=SourceWidget)
    file = forms.FileField(
        label=_("From a file"), required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".html,text/html"}),
        help_text=_("A file of MRRT (HTML5). It takes the place of what is written below."),
    )  # fmt: skip

    class Meta:
        model = ReportTemplate
        fields = ("practice", "is_retired")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            newest = self.instance.versions.order_by("-number").values_list("source", flat=True)
            self.initial["source"] = newest.first() or ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            text = text_of(cleaned["file"]) if cleaned.get("file") else cleaned.get("source", "")
            self._check(text)
        except Invalid as error:
            for _name, wrong in error.errors:
                self.add_error("source", translated(wrong))
        else:
            # Browsers send the end of a line as CR LF (HTML 4.10.21.4); a file's are its own.
            cleaned["source"] = text if cleaned.get("file") else text.replace("\r\n", "\n")
        return cleaned

    def _check(self, text: str) -> None:
        identifier = templates_taking.check(text).structure.identifier
        if self.instance.pk and identifier != self.instance.identifier:
            self.add_error("source", gettext("The identifier stays: with another one it is another template."))


@admin.register(ReportTemplate)
class ReportTemplateAdmin(OfPracticeAdmin, ScopedAdmin):
    """The product's templates, to be looked at and copied, and those of the practices that the person administers."""

    form = TemplateForm
    list_display = ("title", "identifier", "language", "kinds", "version", "whose", "state")
    list_display_links = ("title",)
    list_filter = ("language", "is_retired", PracticeFilter)
    list_fullwidth = True
    search_fields = ("title", "identifier")
    search_help_text = _("Title or identifier")
    ordering = ("title", "language")
    actions = None
    asks = dict.fromkeys(("view", "add", "change"), templates_taking.DECIDES)
    change_form_outer_after_template = "admin/reports/template_after.html"
    add_fieldsets = (
        (None, {"fields": ("practice", "file")}),
        (_("Template"), {"fields": ("source",)}),
    )
    fieldsets = (
        (None, {"fields": (("practice", "is_retired"), "file")}),
        (_("Template"), {"fields": ("source",)}),
    )
    shown = ((None, {"fields": ("title", "identifier", "language", "kinds")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportTemplate]:
        own = super().get_queryset(request).order_by().values("pk")
        rows = ReportTemplate.objects.filter(Q(practice=None) | Q(pk__in=own)).select_related("practice")
        return rows.annotate(newest=Max("versions__number")).order_by("title", "language")

    def reaches(self, who: Principal, permission: Any, obj: Any) -> bool:
        return obj.practice_id is not None and super().reaches(who, permission, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "view", None if obj is not None and obj.practice_id is None else obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return self.fieldsets if self.has_change_permission(request, obj) else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("practice", "title", "identifier", "language", "kinds") if obj else ()

    @display(description=_("Modalities"))
    def kinds(self, row: ReportTemplate) -> str:
        return ", ".join(row.modalities) or "—"

    @display(description=_("Version"))
    def version(self, row: Any) -> int:
        return int(row.newest or 0)

    @display(description=_("State"), ordering="is_retired", label={"used": "success", "retired": "warning"})
    def state(self, row: ReportTemplate) -> tuple[str, str]:
        return ("retired", gettext("Retired")) if row.is_retired else ("used", gettext("In use"))

    @display(description=_("Practice"), ordering="practice__name")
    def whose(self, row: ReportTemplate) -> str:
        return row.practice.name if row.practice else gettext("Comes with the product")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_changeform_initial_data(request), "source": self._first(request)}

    def save_model(self, request: HttpRequest, obj: ReportTemplate, form: ModelForm, change: bool) -> None:
        who, practice = principal(request), obj.practice
        if practice is None:  # the form asks for it
            raise Invalid
        version = templates_taking.take_in(who, practice, form.cleaned_data["source"], via=SOURCE)
        if change and "is_retired" in form.changed_data:
            templates_taking.retire(who, version.template, is_retired=obj.is_retired, via=SOURCE)
        obj.pk = version.template_id
        obj.refresh_from_db()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **self._after(request, object_id)}
        )

    def _first(self, request: HttpRequest) -> str:
        """What a new template begins with: a copy of the one that is named, or of a shipped one in the reader's
        language."""
        named, language = request.GET.get("copy", ""), get_language()
        spoken = language if language in LANGUAGES.values() else "en"
        wanted = {"pk": int(named)} if named.isdigit() and len(named) < 10 else {"identifier": f"{FIRST}.{spoken}"}
        found = self.get_queryset(request).filter(**wanted).first()
        return _copy(found) if found else ""

    def _after(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """The versions; of one that can't be changed here, what it looks like."""
        row = self.get_object(request, object_id)
        if row is None:
            return {}
        versions = row.versions.select_related("made_by").defer("source").order_by("-number")[:MOST_VERSIONS]
        is_shown = not self.has_change_permission(request, row)
        return {
            "versions": versions,
            "preview": preview_of(templates_finding.structure_of_version(versions[0])) if is_shown else "",
            "copy_url": f"{reverse('admin:reports_reporttemplate_add')}?copy={row.pk}",
        }


def _copy(row: ReportTemplate) -> str:
    """The same template under an identifier of its own."""
    structure = templates_finding.structure_of_version(templates_finding.newest(row))
    return source_of(replace(structure, identifier=f"urn:uuid:{uuid4()}"))


def _words() -> dict[str, str]:
    """What the page's script says."""
    return {
        "line": gettext("Line {line}:"),
        "fine": gettext("Nothing is wrong with it."),
        "wrong": gettext("It can't be saved yet:"),
        "leftOut": gettext("Left out of it:"),
        "unreached": gettext("The server can't be reached; the preview is old."),
        "noSection": gettext("Add a section first."),
    }
