"""The words about the calcium score: of the analysis that a person has accepted, else of the newest one."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.analysis.models import Analysis, Verdict
from apps.archive.viewing import viewer_url
from apps.calcium.scoring import categories
from apps.core.languages import translated
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.imaging import measured
from apps.reports.filling.wording import listed, quantity
from apps.saying import say

KIND: Final = "calcium"
ACCEPTED: Final = say("accepted by a person")
UNVERIFIED: Final = say("by a machine, unverified")
_UNITS: Final[Mapping[str, str]] = {"agatston": "1", "volume": "mm3", "mass": "mg", "lesions": "1"}
_TOTAL: Final = "TOTAL"

Summary = Mapping[str, Any]


def calcium(facts: Facts, call: Call) -> Found | None:
    """A score, what it means, or all of it in sentences."""
    analysis = facts.analysis(KIND)
    if analysis is None:
        return None
    summary, origin = analysis.summary, _origin(facts, analysis)
    if call.detail in _UNITS:
        return measured(_score(summary, call), origin)
    if call.detail == "risk":
        return measured(_risk(summary), origin)
    return _said(summary, call.detail, origin)


def _said(summary: Summary, detail: str, origin: Origin) -> Found | None:
    """What is no number."""
    match detail:
        case "category":
            name = summary["category"]
            return Found(translated(categories.told(name)), origin, names=(name,))
        case "cacDrs":
            name = summary["cacDrs"]
            return Found(name, origin, names=(name, name.partition("/")[0]))
        case "percentile":
            return texts(origin)(_percentile(summary))
    return texts(origin)(" ".join(_sentences(summary)))


def _risk(summary: Summary) -> tuple[float, str] | None:
    percent = summary["risk"]["percent"]
    return None if percent is None else (percent, "%")


def _origin(facts: Facts, analysis: Analysis) -> Origin:
    first = next(iter(analysis.series_instance_uids), "")
    date = f"{analysis.stored_at:%Y-%m-%d}" if analysis.stored_at else ""
    is_accepted = analysis.verdict == Verdict.ACCEPTED
    said = say("Calcium score of {date}: {verdict}", date=date, verdict=ACCEPTED if is_accepted else UNVERIFIED)
    return Origin(
        SourceKind.ANALYSIS, said, f"analysis {analysis.pk}", viewer_url(facts.study.study_instance_uid, first),
        is_confirmed=is_accepted,
    )  # fmt: skip


def _score(summary: Summary, call: Call) -> tuple[float, str] | None:
    """Of one vessel or of all; None where it was not scored, or its mass is not known."""
    vessel = call.texts.get("vessel", _TOTAL)
    by_vessel = {each["vessel"]: each for each in summary["scores"]}
    score = summary["total"] if vessel == _TOTAL else by_vessel.get(vessel)
    value = None if score is None else score[call.detail]
    return None if value is None else (float(value), _UNITS[call.detail])


def _percentile(summary: Summary) -> str:
    """By the first reference table that knows people like this; empty where none does."""
    found = next(iter(summary["percentiles"]["found"]), None)
    return _("%(least)s to %(below)s") % found if found else ""


def _rounded(agatston: float) -> str:
    return quantity(round(agatston, 1), "1")


def _sentences(summary: Summary) -> Iterator[str]:
    total = _rounded(summary["total"]["agatston"])
    vessels = listed(f"{each['vessel']} {_rounded(each['agatston'])}" for each in summary["scores"])
    yield _("Agatston score %(total)s (%(vessels)s).") % {"total": total, "vessels": vessels}
    yield f"{translated(categories.told(summary['category']))}. CAC-DRS {summary['cacDrs']}."
    if percentile := _percentile(summary):
        yield _("Percentile for age and sex: %(percentile)s.") % {"percentile": percentile}
    if risk := _risk(summary):
        yield _("10-year risk of coronary heart disease: %(risk)s.") % {"risk": quantity(*risk)}
