"""Results as people read them: the tables of an analysis' summary."""

from collections.abc import Iterator
from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext as _

from apps.analysis.kinds import Table
from apps.core.languages import translated
from apps.lesions.models import FoundAs, Role
from apps.lesions.organs import Organ
from apps.lesions.recist.responses import WORDS, Response

NONE = "—"


def tracked(summary: dict[str, Any]) -> list[Table]:
    """Which lesion is which, and which are missing or new."""
    columns = (_("Lesion"), _("Before (mm)"), _("Now (mm)"), _("Away from where it was to be expected (mm)"))
    pairs = [
        (each["name"], size(each["sizeBefore"]), size(each["size"]), size(each["distance"]))
        for each in summary["pairs"]
    ]
    found = Table(_("Found again"), columns, tuple(pairs))
    return [found, *_others(summary)]


def _others(summary: dict[str, Any]) -> Iterator[Table]:
    if lost := [(each["name"], _("Not measured near where it was to be expected")) for each in summary["missing"]]:
        yield Table(_("Missing"), (_("Lesion"), ""), tuple(lost))
    if outside := [(each["name"], _("Nothing was imaged where it was to be expected")) for each in summary["outside"]]:
        yield Table(_("Not imaged"), (_("Lesion"), ""), tuple(outside))
    if new := [(each["label"] or NONE, size(each["size"])) for each in summary["new"]]:
        yield Table(_("Measured, and none of the lesions of before"), (_("Label"), _("Now (mm)")), tuple(new))


def assessed(summary: dict[str, Any]) -> list[Table]:
    """The responses, and every lesion."""
    rows = [
        (_("Overall response"), response(summary["overall"])),
        (_("Target lesions"), response(summary["target"])),
        (_("Non-target lesions"), response(summary["nonTarget"])),
        (_("New lesions"), _("Yes") if summary["hasNew"] else _("No")),
        (_("Sum of diameters (mm)"), size(summary["sum"])),
        (_("At baseline (mm)"), changed(summary["sumAtBaseline"], summary["changeSinceBaseline"])),
        (_("Smallest so far (mm)"), changed(summary["nadir"], summary["changeSinceNadir"])),
    ]
    columns = (_("Lesion"), _("Organ"), _("Role"), _("At baseline (mm)"), _("Found as"), _("Now (mm)"))
    lesions = [
        (each["name"], str(Organ(each["organ"]).label), str(Role(each["role"]).label), size(each["atBaseline"]),
         str(FoundAs(each["state"]).label), size(each["size"]))
        for each in summary["lesions"]
    ]  # fmt: skip
    return [Table("RECIST 1.1", ("", ""), tuple(rows)), Table(_("Lesions"), columns, tuple(lesions))]


def response(value: str | None) -> str:
    """A response with its letters; a dash where there are no such lesions."""
    return f"{translated(WORDS[Response(value)])} ({value})" if value else NONE


def size(value: float | None) -> str:
    """Millimetres, to a tenth."""
    return NONE if value is None else str(localize(round(value, 1)))


def changed(value: float | None, change: float | None) -> str:
    """A sum, and by how much the one of now is more or less."""
    if change is None:
        return size(value)
    return _("%(value)s (now %(change)s)") % {"value": size(value), "change": percent(change)}


def percent(change: float | None) -> str:
    """A change, with its sign, to a tenth."""
    if change is None:
        return NONE
    sign = "+" if change >= 0 else "\N{MINUS SIGN}"
    return f"{sign}{localize(abs(round(change, 1)))} %"
