"""What a summary says, in the words of who reads it: the tables in the admin, and the lines of the picture."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

from django.utils.formats import localize
from django.utils.translation import gettext as _

from apps.analysis.kinds import Table
from apps.calcium.parameters import VESSELS, CalciumParameters
from apps.calcium.picture import Line
from apps.calcium.scoring import categories, gates
from apps.calcium.scoring.vessels import Vessel
from apps.core.languages import translated
from apps.core.version import VERSION

NOTHING: Final = "—"
# Characters of a small line in the picture.
_WIDTH: Final = 68


def tables(summary: Mapping[str, Any]) -> Sequence[Table]:
    """The scores, and what they mean."""
    columns = (
        _("Vessel"), _("Agatston score"), _("Volume (mm³)"), _("Mass (mg)"), _("Density"), _("Lesions"), _("Peak (HU)"),
    )  # fmt: skip
    rows = [_row(_name(each["vessel"]), each) for each in summary["scores"]]
    return [
        Table(_("Coronary calcium"), columns, (*rows, _row(_("All"), summary["total"]))),
        Table(_("What it means"), (_("What"), _("Result"), _("Source")), tuple(_meanings(summary))),
        *_remarks(summary),
    ]


def lines(summary: Mapping[str, Any]) -> list[Line]:
    """The table in the picture, in English, as what is burnt into images is."""
    head = Line(("", "Agatston", "mm3", "Lesions"), is_quiet=True)
    rows = [_line(each["vessel"], each, Vessel(each["vessel"])) for each in summary["scores"]]
    told = [f"CAC-DRS {summary['cacDrs']}", *_risk_line(summary)]
    thresholds = summary["thresholds"]
    small = [
        f"{summary['kvp']:g} kVp, slices {summary['step']:.2f} mm apart, from {thresholds['limits'][0]:g} HU on",
        thresholds["source"],
        *(each["citation"] for each in summary["percentiles"]["found"]),
        "Unverified until the report says who has verified it.",
        f"Made by Fovea {VERSION}, which is not a certified medical device.",
    ]
    return [
        Line(("Coronary calcium",)), head, *rows, _line("All", summary["total"], None), Line(("",), is_quiet=True),
        *(Line((text,)) for text in told), Line(("",), is_quiet=True),
        *(Line((part,), is_quiet=True) for text in small for part in wrap(text, _WIDTH)),
    ]  # fmt: skip


def _line(name: str, score: Mapping[str, Any], vessel: Vessel | None) -> Line:
    return Line((name, f"{score['agatston']:.1f}", f"{score['volume']:.1f}", str(score["lesions"])), vessel)


def _risk_line(summary: Mapping[str, Any]) -> Iterator[str]:
    if summary["risk"]["percent"] is not None:
        yield f"10-year CHD risk {summary['risk']['percent']:.1f} % (MESA 2015)"


def _name(vessel: str) -> str:
    return str(dict(VESSELS)[vessel])


def _row(name: str, score: Mapping[str, Any]) -> tuple[str, ...]:
    shown = (score["agatston"], score["volume"], score["mass"], score["density"])
    peak = NOTHING if score["peak"] is None else str(localize(round(score["peak"])))
    return name, *map(_decimal, shown), str(localize(score["lesions"])), peak


def _decimal(value: float | None) -> str:
    return NOTHING if value is None else str(localize(round(value, 2)))


def _meanings(summary: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    thresholds = summary["thresholds"]
    yield _("Category"), translated(categories.told(summary["category"])), categories.CATEGORY_SOURCE
    yield "CAC-DRS", summary["cacDrs"], categories.CAC_DRS_SOURCE
    yield from _percentiles(summary["percentiles"])
    yield _("10-year risk of coronary heart disease"), _risk(summary["risk"]), summary["risk"]["source"]
    limits = ", ".join(f"{limit:g}" for limit in thresholds["limits"])
    yield _("Thresholds (HU)"), limits, thresholds["source"]


def _percentiles(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for each in found["found"]:
        told = _("At least %(least)s %% and less than %(below)s %% of people like this have the same score or less.")
        yield _("Percentile"), told % {"least": each["least"], "below": each["below"]}, each["citation"]
    if not found["found"]:
        reasons = {
            "no-table": _("No reference table has been imported."),
            "no-person": _("Age and sex aren't known."),
            "no-group": _("No reference table knows people of this age, sex and ethnicity."),
        }
        yield _("Percentile"), reasons[found["why"]], NOTHING


def _risk(found: Mapping[str, Any]) -> str:
    if found["percent"] is not None:
        return f"{_decimal(found['percent'])} %"
    if found["missing"]:
        fields = CalciumParameters().fields
        named = ", ".join(str(fields[name].label) for name in found["missing"])
        return _("Not worked out. It takes also: %(missing)s") % {"missing": named}
    return _("Not worked out: it is known for ages from 45 to 85.")


def _remarks(summary: Mapping[str, Any]) -> Iterator[Table]:
    told = [(translated(gates.told(remark)),) for remark in summary["remarks"]]
    if summary["leftOut"]:
        told.append((_("Segments that are no coronary artery: %(names)s") % {"names": ", ".join(summary["leftOut"])},))
    if told:
        yield Table(_("To be minded"), (_("What"),), tuple(told))
