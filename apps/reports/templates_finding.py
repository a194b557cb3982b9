"""Which template a report is written with: those that may be used, best first, and what each is made of."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Series, Study
from apps.core.errors import Conflict, NotFound
from apps.reports.content.structure import Structure
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.mrrt.reading import structure_of
from apps.saying import say

# The template for what no other is for.
GENERAL: Final = "fovea.radiography"
_WORD: Final = re.compile(r"\w{3,}")
# What says nothing of what a template is for, in any of the languages.
_JOINING: Final = frozenset({"with", "and", "for", "the", "avec", "pour", "des", "les", "con", "para", "del", "los"})
_LANGUAGES: Final = frozenset(dict(settings.LANGUAGES))


def structure_of_version(version: TemplateVersion) -> Structure:
    """What a version is made of; remembered, since versions never change.

    Raises BadTemplate for a source that this version of the software doesn't take, and NotFound for one that is gone.
    """
    return _structure(version.digest)


@lru_cache(maxsize=256)
def _structure(digest: str) -> Structure:
    source = TemplateVersion.objects.filter(digest=digest).order_by("pk").values_list("source", flat=True).first()
    if source is None:
        raise NotFound(say("There is no such template."))
    return structure_of(source)


def usable(
    who: Principal, practice_id: int | None, language: str = "", modalities: str | Iterable[str] = ()
) -> list[ReportTemplate]:
    r"""The templates that `who` may write a report in the practice with, those for these modalities first.

    `modalities` may be as a study's row has them (`\CT\PT\`). With a `language` they are those in it, and all of the
    practice's own. Whoever may write the reports of one study alone may use them too.
    """
    if not who.may_in(Permission.REPORT, practice_id):
        return []
    own = Q(practice_id=practice_id) if practice_id is not None else Q(pk=None)
    product = Q(practice=None, language=language) if language else Q(practice=None)
    found = ReportTemplate.objects.filter(own | product, is_retired=False).select_related("practice")
    wanted = _modalities(modalities)
    return sorted(found, key=lambda each: _rank(each, wanted, language, ""))


def best_for(study: Study, who: Principal) -> TemplateVersion:
    r"""The newest version of the template that fits a study best.

    By its modalities, then the practice's own before the product's, then in the language of who writes, then by the
    words that its title shares with what the study says of itself, then the shortest title, which is the most general.
    Raises Conflict where there is no template at all.
    """
    wanted, language, said = _modalities(study.modalities), _language(who), _said(study)
    found = sorted(
        usable(who, study.practice_id), key=lambda each: _rank(each, wanted, language, said)
    )  # fmt: skip
    if not found:
        raise Conflict(say("There is no report template that may be used. Ask an administrator."))
    return newest(found[0])


def newest(template: ReportTemplate) -> TemplateVersion:
    """The version that new reports are written with, without its source. Raises NotFound where there is none."""
    version = template.versions.defer("source").select_related("template").order_by("-number").first()
    if version is None:
        raise NotFound(say("There is no such template."))
    return version


def _modalities(said: str | Iterable[str]) -> frozenset[str]:
    names = said.split("\\") if isinstance(said, str) else said
    return frozenset(filter(None, names))


def _language(who: Principal) -> str:
    """The language of the account, else the one that is spoken right now."""
    chosen = User.objects.filter(pk=who.user_id).values_list("language", flat=True).first()
    spoken = chosen or get_language() or ""
    return spoken if spoken in _LANGUAGES else settings.LANGUAGE_CODE


def _said(study: Study) -> str:
    """What a study says of itself, in small letters."""
    parts = Series.objects.filter(study=study.pk).exclude(body_part_examined="").order_by()
    return " ".join(
        [study.study_description, *parts.values_list("body_part_examined", flat=True).distinct()[:20]]
    ).casefold()


def _rank(template: ReportTemplate, wanted: frozenset[str], language: str, said: str) -> tuple[object, ...]:
    """What templates are sorted by, the best first."""
    words = frozenset(_WORD.findall(template.title.casefold())) - _JOINING
    shared = sum(word in said for word in words) if said else 0
    return (
        -len(wanted & frozenset(template.modalities)),
        template.practice_id is None,
        template.language != language,
        -shared,
        not template.identifier.startswith(GENERAL),
        len(template.title),
        template.pk,
    )
