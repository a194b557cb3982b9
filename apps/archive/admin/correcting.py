"""The admin's pages on which data are corrected: parse, call one verb, and show what became of it."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import ScopedAdmin, acting_in, guarded, principal
from apps.archive import labels
from apps.archive.admin import searching
from apps.archive.admin.forms import LabelForm, PatientForm, ReasonForm, StudyForm, patient_texts, study_texts
from apps.archive.corrections import plan, reading, verbs
from apps.archive.models import Correction, Patient, Study
from apps.archive.templatetags.dicom_text import dicom_date
from apps.core.errors import FoveaError
from apps.core.languages import translated

CANDIDATES: Final = 20
NEWEST: Final = 200
EDITED: Final = _("Corrected. What it was before leaves with the images.")
UNCHANGED: Final = _("Nothing was changed.")

Deed = Callable[[Principal], object]


class CorrectingAdmin(ScopedAdmin):
    """What the pages of patients and studies have in common."""

    # The pages below <pk>/, by the methods that give them.
    pages: tuple[str, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        return [*map(self._page_url, self.pages), *super().get_urls()]

    def _page_url(self, name: str) -> URLPattern:
        view = self.admin_site.admin_view(getattr(self, f"{name}_view"))
        return path(f"<int:pk>/{name}/", view, name=f"archive_{self.opts.model_name}_{name}")

    def found(self, request: HttpRequest, pk: int) -> Any:
        """The row, if the person may see it. Raises Http404."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def do(self, request: HttpRequest, row: Any, deed: Deed, form: forms.Form | None = None) -> object:
        """What the verb gives; where it refuses, the form or a message says why, and it is False."""
        try:
            return deed(acting_in(request, row.practice_id))
        except FoveaError as error:
            if form is None:
                messages.error(request, translated(error.detail))
            else:
                form.add_error(None, translated(error.detail))
            return False

    def back(self, row: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:archive_{self.opts.model_name}_change", args=[row.pk]))

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        known = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/archive/{template}.html", known)

    def undone(self, request: HttpRequest, row: Any) -> HttpResponse:
        """The button beside a correction."""
        made = request.POST.get("correction", "")
        if made.isdigit() and self.do(request, row, lambda who: verbs.undo(who, int(made))):
            messages.success(request, gettext("Undone: everything is told as if this had not been corrected."))
        return HttpResponseRedirect(request.path)

    def history(self, request: HttpRequest, row: Any, made: Callable[[Principal], QuerySet[Correction]]) -> Any:
        """The corrections, newest first, each with its changes."""
        rows = self.do(request, row, lambda who: list(made(who)[:NEWEST]))
        if rows is False:
            return self.back(row)
        assert isinstance(rows, list)
        listed = [(each, list(reading.changes(each))) for each in rows]
        return self.page(
            request, "corrections", gettext("Corrections"), row=row, listed=listed, back=self.back(row)["Location"]
        )


class PatientPages(CorrectingAdmin):
    """A patient's pages: editing, merging, and what was corrected."""

    pages = ("edit", "merge", "corrections")

    @guarded({"GET": Permission.EDIT, "POST": Permission.EDIT})
    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        patient = self.found(request, pk)
        form = PatientForm(request.POST or None, initial=patient_texts(plan.demographics(patient)))
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            made = self.do(request, patient, lambda who: verbs.edit_patient(who, pk, form.typed, reason), form)
            if made is not False:
                messages.success(request, EDITED if made else UNCHANGED)
                return self.back(patient)
        return self.page(request, "edit_patient", gettext("Edit patient"), patient=patient, form=form)

    @guarded({"GET": Permission.MERGE, "POST": Permission.MERGE})
    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """First the other patient is looked for, then the two are shown side by side, then one becomes the other."""
        patient = self.found(request, pk)
        chosen = request.GET.get("into", "")
        into = self.found(request, int(chosen)) if chosen.isdigit() else None
        form = ReasonForm(request.POST or None)
        if into and form.is_valid():
            reason = form.cleaned_data["reason"]
            if self.do(request, patient, lambda who: verbs.merge(who, pk, into.pk, reason), form):
                messages.success(
                    request, gettext("Merged. Images of either come here from now on, until that is undone.")
                )
                return self.back(into)
        context: dict[str, Any] = {"patient": patient, "into": into, "form": form}
        if into:
            context["compared"] = list(_compared(patient, into))
        else:
            context["query"] = request.GET.get("q", patient.name.replace("^", " "))
            context["candidates"] = _candidates(request, patient.practice_id, patient.pk, context["query"])
        return self.page(request, "merge", gettext("Merge patients"), **context)

    @guarded({"GET": Permission.VIEW, "POST": Permission.VIEW})
    def corrections_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        patient = self.found(request, pk)
        if request.method == "POST":
            return self.undone(request, patient)
        about: HttpResponseBase = self.history(request, patient, lambda who: reading.of_patient(who, pk))
        return about


class StudyPages(CorrectingAdmin):
    """A study's pages: editing, moving, labels, and what was corrected."""

    pages = ("edit", "move", "labels", "corrections")

    @guarded({"GET": Permission.EDIT, "POST": Permission.EDIT})
    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        study = self.found(request, pk)
        form = StudyForm(request.POST or None, initial=study_texts(reading.stored_of(study)))
        if form.is_valid():
            uid, reason = study.study_instance_uid, form.cleaned_data["reason"]
            made = self.do(request, study, lambda who: verbs.edit_study(who, uid, form.typed, reason), form)
            if made is not False:
                messages.success(request, EDITED if made else UNCHANGED)
                return self.back(study)
        return self.page(request, "edit_study", gettext("Edit study"), study=study, form=form)

    @guarded({"GET": Permission.MERGE, "POST": Permission.MERGE})
    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To a patient who is looked for, or to a new one."""
        study = self.found(request, pk)
        is_new = "new" in request.POST
        form = ReasonForm(request.POST if request.method == "POST" and not is_new else None)
        new = PatientForm(request.POST if is_new else None)
        filled = new if is_new else form
        chosen = request.POST.get("patient", "")
        if filled.is_valid() and (is_new or chosen.isdigit()):
            to = new.typed if is_new else int(chosen)
            uid, reason = study.study_instance_uid, filled.cleaned_data["reason"]
            if self.do(request, study, lambda who: verbs.move(who, uid, to, reason), filled):
                messages.success(request, gettext("Moved. What the images said before leaves with them."))
                return self.back(study)
        elif request.method == "POST" and not is_new and not chosen:
            form.add_error(None, gettext("Choose the patient whose study this is."))
        query = request.GET.get("q", "")
        found = _candidates(request, study.practice_id, study.patient_id, query) if query else ()
        context = {"study": study, "form": form, "new": new, "is_new": is_new, "query": query, "candidates": found}
        return self.page(request, "move", gettext("Move study"), **context)

    @guarded({"POST": Permission.EDIT})
    def labels_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The little form and the crosses beside a study's labels."""
        study = self.found(request, pk)
        form, uid = LabelForm(request.POST), study.study_instance_uid
        deed = labels.remove if "remove" in request.POST else labels.add
        if form.is_valid():
            self.do(request, study, lambda who: deed(who, [uid], form.cleaned_data["name"]))
        else:
            messages.error(request, gettext("A label has 1 to 64 characters."))
        return self.back(study)

    @guarded({"GET": Permission.VIEW, "POST": Permission.VIEW})
    def corrections_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        study = self.found(request, pk)
        if request.method == "POST":
            return self.undone(request, study)
        uid = study.study_instance_uid
        about: HttpResponseBase = self.history(request, study, lambda who: reading.of_study(who, uid))
        return about


def may(request: HttpRequest, practice_id: int) -> dict[str, bool]:
    """Which buttons somebody gets; the services decide what they may do with them."""
    who = principal(request)
    may_edit, may_merge = (who.may_in(each, practice_id) for each in (Permission.EDIT, Permission.MERGE))
    return {"may_edit": may_edit, "may_merge": may_merge, "may_see_corrections": may_edit or may_merge}


def _candidates(request: HttpRequest, practice_id: int, apart_from: int, query: str) -> list[Patient]:
    """Patients of the practice in sight that a search finds."""
    seen = Patient.objects.visible_to(principal(request)).filter(practice=practice_id, merged_into=None)
    studies = Study.objects.visible_to(principal(request)).order_by().values("pk")
    counted = seen.annotate(study_count=Count("studies", filter=Q(studies__in=studies)))
    found = counted.filter(searching.patients(query)).exclude(pk=apart_from)
    return list(found.order_by("name_key", "pk")[:CANDIDATES])


def _compared(patient: Patient, into: Patient) -> list[tuple[str, str, str]]:
    """What the two say, side by side: label, the one, the other."""
    return [
        (gettext("Patient ID"), patient.patient_id, into.patient_id),
        (gettext("Issuer of Patient ID"), patient.issuer, into.issuer),
        (gettext("Birth date"), dicom_date(patient.birth_date), dicom_date(into.birth_date)),
        (gettext("Sex"), patient.sex, into.sex),
    ]
