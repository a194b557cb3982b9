"""The templates that come with the product: files in `shipped`, in every database as this version of it has them."""

from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.templates_taking import Checked, check, describe

FOLDER: Final = Path(__file__).with_name("shipped")


@cache
def shipped() -> tuple[Checked, ...]:
    """Every file that is shipped, read: language by language, in the order of their names."""
    folders = [FOLDER / language for language, _ in settings.LANGUAGES]
    paths = (path for folder in folders for path in sorted(folder.glob("*.html")))
    return tuple(check(path.read_text(encoding="utf-8")) for path in paths)


def bring() -> int:
    """Bring the database's templates of the product up to those that are shipped; gives how many versions are new.

    What a report was written with stays: a file that has changed is another version. One that is shipped no more is
    retired.
    """
    with transaction.atomic():
        rows = {row.identifier: row for row in ReportTemplate.objects.filter(practice=None)}
        newest = _newest()
        new = [each for each in shipped() if newest.get(each.structure.identifier, (0, ""))[1] != each.digest]
        _describe(new, rows)
        TemplateVersion.objects.bulk_create(_version(each, rows, newest) for each in new)
        _retire(rows)
    return len(new)


def _newest() -> dict[str, tuple[int, str]]:
    """The number and digest of the newest version of each, by the identifier."""
    versions = TemplateVersion.objects.filter(template__practice=None).order_by("number")
    told = versions.values_list("template__identifier", "number", "digest")
    return {identifier: (number, digest) for identifier, number, digest in told}


def _describe(new: list[Checked], rows: dict[str, ReportTemplate]) -> None:
    """Let rows say what their newest files say, and make those that there are none of."""
    identifiers = [each.structure.identifier for each in new]
    missing = [ReportTemplate(identifier=each) for each in identifiers if each not in rows]
    rows |= {row.identifier: row for row in missing}
    for each in new:
        describe(rows[each.structure.identifier], each.structure)
    ReportTemplate.objects.bulk_create(missing)
    changed = [row for row in map(rows.__getitem__, identifiers) if row not in missing]
    ReportTemplate.objects.bulk_update(changed, ["title", "language", "modalities"])


def _version(checked: Checked, rows: dict[str, ReportTemplate], newest: dict[str, tuple[int, str]]) -> TemplateVersion:
    identifier = checked.structure.identifier
    number = newest.get(identifier, (0, ""))[0] + 1
    return TemplateVersion(
        template=rows[identifier], number=number, source=checked.source, digest=checked.digest
    )  # fmt: skip


def _retire(rows: dict[str, ReportTemplate]) -> None:
    """Those that are shipped are in use, others no more."""
    named = {each.structure.identifier for each in shipped()}
    wrong = [row for row in rows.values() if row.is_retired == (row.identifier in named)]
    for row in wrong:
        row.is_retired = row.identifier not in named
    ReportTemplate.objects.bulk_update(wrong, ["is_retired"])
