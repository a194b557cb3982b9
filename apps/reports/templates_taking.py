"""Taking templates in: a file becomes a template of a practice, or the next version of one that it has."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from django.db import transaction

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.reports.content.structure import Structure
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.reports.mrrt.reading import structure_of
from apps.saying import Sentence, say

DECIDES: Final = Permission.ADMINISTER
# Of a practice, and of a template: far more than anybody keeps.
MOST_TEMPLATES: Final = 500
MOST_VERSIONS: Final = 1000
NO_TEMPLATE: Final = say("There is no such template.")


@dataclass(frozen=True, slots=True)
class Checked:
    """A source that has been read."""

    source: str
    structure: Structure

    @property
    def digest(self) -> str:
        return sha256(self.source.encode()).hexdigest()


def take_in(who: Principal, practice: Practice, source: str, *, via: str = "") -> TemplateVersion:
    """Take a file in for a practice: the next version of its template with the same identifier, a new template where it
    has none; the same bytes again are the version that there is.

    The file is kept as it is. Raises Refused for who doesn't administer the whole practice, Invalid with what is wrong
    with the source, and Conflict where there are too many.
    """
    decide(who, practice.pk)
    checked = check(source)
    with transaction.atomic():
        Practice.objects.select_for_update().get(pk=practice.pk)
        template = _template(practice, checked.structure)
        version, is_new = add_version(template, checked, who.user_id or None)
        if is_new:
            _told(who, template, f"version {version.number} taken in", via)
    return version


def retire(who: Principal, template: ReportTemplate, *, is_retired: bool, via: str = "") -> ReportTemplate:
    """No new report is written with it from now on, or again. Raises Refused, NotFound for one of the product's."""
    decide(who, template.practice_id)
    with transaction.atomic():
        template.is_retired = is_retired
        template.save(update_fields=["is_retired"])
        _told(who, template, "retired" if is_retired else "in use again", via)
    return template


def check(source: str) -> Checked:
    """Raises Invalid with all that is wrong with a source, each with its line."""
    try:
        return Checked(source, structure_of(source))
    except BadTemplate as error:
        wrong = [("source", with_line(problem)) for problem in error.problems]
        raise Invalid(say("This is no template that can be used: see errors."), wrong) from error


def with_line(problem: Problem) -> Sentence:
    """What is wrong, and in which line."""
    if problem.line is None:
        return problem.text
    return say("Line {line}: {text}", line=problem.line, text=problem.text)


def add_version(template: ReportTemplate, checked: Checked, made_by: int | None) -> tuple[TemplateVersion, bool]:
    """The version of a template with these bytes, and whether it is new: then the template is called as it says.

    To be called in a transaction that no other takes in beside. Raises Conflict.
    """
    rows = TemplateVersion.objects.filter(template=template.pk).defer("source").select_related("template")
    newest = rows.order_by("-number").first()
    if newest is not None and newest.digest == checked.digest:
        return newest, False
    number = newest.number + 1 if newest else 1
    if number > MOST_VERSIONS:
        raise Conflict(say("This template has {most} versions already.", most=MOST_VERSIONS))
    describe(template, checked.structure)
    template.save()
    version = TemplateVersion.objects.create(
        template=template, number=number, source=checked.source, digest=checked.digest, made_by_id=made_by
    )
    return version, True


def describe(template: ReportTemplate, structure: Structure) -> None:
    """Let a row say what its newest version says of itself; it is not saved."""
    template.title, template.language = structure.title, structure.language
    template.modalities = list(structure.modalities)


def decide(who: Principal, practice_id: int | None) -> None:
    """Raises Refused, and NotFound, for who does not administer all of the practice. The product's belong to nobody."""
    if practice_id is not None and who.may_in_all_of(DECIDES, practice_id):
        return
    if practice_id is None or not who.may_in(DECIDES, practice_id):
        raise NotFound(NO_TEMPLATE)
    raise Refused(say("Only those who administer the whole practice decide on its templates."))


def _template(practice: Practice, structure: Structure) -> ReportTemplate:
    rows = ReportTemplate.objects.filter(practice=practice)
    found = rows.filter(identifier=structure.identifier).first()
    if found is None and rows.count() >= MOST_TEMPLATES:
        raise Conflict(say("A practice has at most {most} templates.", most=MOST_TEMPLATES))
    return found or ReportTemplate(practice=practice, identifier=structure.identifier)


def _told(who: Principal, template: ReportTemplate, what: str, via: str) -> None:
    detail = f"report template {template.identifier} {what}"
    tell(Action.CONFIGURATION, principal=who, practice_id=template.practice_id, detail=detail, source=via)
