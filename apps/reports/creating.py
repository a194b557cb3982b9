"""A new report: filled in with all that is known already."""

from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.archive.rights import denied
from apps.core.errors import Conflict, Invalid
from apps.reports import revisions
from apps.reports.content.checking import answered
from apps.reports.content.entries import Content, Entry, Source, SourceKind
from apps.reports.content.structure import Structure
from apps.reports.filling import filled
from apps.reports.models import Report, TemplateVersion
from apps.reports.models.reports import OPEN
from apps.reports.reaching import WRITES, may
from apps.reports.recording import told
from apps.reports.templates_finding import best_for, structure_of_version
from apps.saying import say

# Of a study.
MOST: Final = 50


NO_TEMPLATE: Final = say("There is no such template.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A report to write in, and whether it was made just now."""

    report: Report
    is_new: bool


def create(who: Principal, study: Study, version: TemplateVersion | None = None, *, source: str = "") -> Report:
    """The report of `begin`."""
    return begin(who, study, version, source=source).report


def begin(who: Principal, study: Study, version: TemplateVersion | None = None, *, source: str = "") -> Begun:
    """Begin a report of the study by this version of a template, by the best for the study without one.

    Where a report by the same template is being written already, it is that one: two people write together. Raises
    NotFound and Refused by the rights on the study, Invalid for a template of another practice, and Conflict where the
    study has too many reports.
    """
    if not may(who, study, WRITES):
        raise denied(who, WRITES, study.study_instance_uid)
    version = version or best_for(study, who)
    if version.template.practice_id not in (None, study.practice_id):
        raise Invalid(NO_TEMPLATE, [("template", NO_TEMPLATE)])
    other = _open(study, version)
    return Begun(other, is_new=False) if other else _create(who, study, version, source)


def defaults(structure: Structure) -> dict[str, Entry]:
    """What a template says before anything is known."""
    said = say("From the template")
    given = ((field.key, field.default) for field in structure.fields() if answered(field.default))
    return {key: Entry(value, Source(SourceKind.TEMPLATE, said, value)) for key, value in given}


def _open(study: Study, version: TemplateVersion) -> Report | None:
    """The report that is being written by the template, in whichever of its versions."""
    rows = Report.objects.with_study().filter(study=study, status__in=OPEN)
    return rows.filter(version__template=version.template_id).first()


def _create(who: Principal, study: Study, version: TemplateVersion, source: str) -> Begun:
    structure = structure_of_version(version)
    found = filled(study, structure, who)
    content = replace(found, entries={**defaults(structure), **found.entries})
    with transaction.atomic():
        # Whoever begins another one of this study waits here.
        Study.objects.select_for_update().only("pk").get(pk=study.pk)
        if other := _open(study, version):
            return Begun(other, is_new=False)
        if Report.objects.filter(study=study).count() >= MOST:
            raise Conflict(say("This study has {most} reports already.", most=MOST))
        report = _saved(who, study, version, content)
        revisions.keep(report)
        told(who, report, "begun", source=source)
    return Begun(Report.objects.with_study().get(pk=report.pk), is_new=True)


def _saved(who: Principal, study: Study, version: TemplateVersion, content: Content) -> Report:
    by = who.user_id or None
    return Report.objects.create(
        study=study, version=version, content=content.as_json(), author_id=by, changed_by_id=by,
        changed_at=timezone.now(),
    )  # fmt: skip
