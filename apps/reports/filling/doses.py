"""The words about radiation: from the study's dose report (PS3.16 TID 10011, 10001), else from the images' header."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.archive.viewing import viewer_url
from apps.dicom.sr_tree import Item, content_tree
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.headers import number_of, origin_of
from apps.reports.filling.imaging import measured
from apps.reports.filling.units import factor
from apps.reports.filling.wording import listed
from apps.saying import say

# X-Ray Radiation Dose SR Storage.
DOSE_REPORT: Final = "1.2.840.10008.5.1.4.1.1.88.67"


@dataclass(frozen=True, slots=True)
class Dose:
    """A quantity: its codes in dose reports (DCM), how values of one report become one, the unit it is told in, and
    its attribute with what the number there is multiplied by."""

    codes: tuple[str, ...]
    together: Callable[[Iterable[float]], float]
    unit: str
    tag: str = ""
    times: float = 1.0


# Totals of two planes add up; of several scans the largest CTDI is told.
DOSES: Final[Mapping[str, Dose]] = {
    "ctdiVol": Dose(("113830",), max, "mGy", "00189345"),
    "dlp": Dose(("113813",), max, "mGy.cm"),
    "areaProduct": Dose(("113722",), sum, "dGy.cm2", "0018115E"),
    "referencePoint": Dose(("113725",), sum, "mGy"),
    "organ": Dose((), max, "mGy", "00400316", 100.0),
    "entrance": Dose((), max, "mGy", "00408302"),
    "fluoroscopyTime": Dose(("113730",), sum, "s"),
}
_WORDS: Final[Mapping[str, str]] = {
    "ctdiVol": gettext_noop("CTDIvol %(value)s"),
    "dlp": gettext_noop("DLP %(value)s"),
    "areaProduct": gettext_noop("dose area product %(value)s"),
    "referencePoint": gettext_noop("dose at the reference point %(value)s"),
    "organ": gettext_noop("organ dose %(value)s"),
    "entrance": gettext_noop("entrance dose %(value)s"),
    "fluoroscopyTime": gettext_noop("fluoroscopy %(value)s"),
}


def dose(facts: Facts, call: Call) -> Found | None:
    """A quantity, or all that are known in one sentence."""
    if call.detail != "summary":
        return _found(facts, call.detail)
    known = [(name, found) for name in DOSES if (found := _found(facts, name)) is not None]
    if not known:
        return None
    told = listed(_(_WORDS[name]) % {"value": found.text} for name, found in known)
    return texts(known[0][1].origin)(f"{told[:1].upper()}{told[1:]}.")


def _found(facts: Facts, name: str) -> Found | None:
    wanted = DOSES[name]
    for series_uid, header in facts.headers_of_class(DOSE_REPORT):
        values = list(_values(content_tree(header), wanted))
        if values:
            total = wanted.together(values), wanted.unit
            return measured(total, _of_report(facts, series_uid))
    return _of_images(facts, wanted)


def _of_images(facts: Facts, wanted: Dose) -> Found | None:
    main = facts.main_series()
    if main is None or not wanted.tag:
        return None
    value = number_of(facts.main_header, wanted.tag)
    return measured((value * wanted.times, wanted.unit) if value else None, origin_of(facts, main))


def _of_report(facts: Facts, series_uid: str) -> Origin:
    link = viewer_url(facts.study.study_instance_uid, series_uid)
    return Origin(SourceKind.DICOM, say("From the dose report"), f"series {series_uid}", link)


def _values(item: Item, wanted: Dose) -> Iterator[float]:
    """The values of a tree in the unit that is told."""
    if item.value_type == "NUM" and item.name.scheme == "DCM" and item.name.value in wanted.codes:
        times = factor(item.units.value, wanted.unit)
        number = _number(item.value)
        if times is not None and number is not None:
            yield number * times
    for inner in item.items:
        yield from _values(inner, wanted)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
