"""What a report says of how the images were made: a sentence or a few, by the modality."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.archive.models import Series
from apps.dicom.attributes import Attributes
from apps.dicom.spoken import unturned
from apps.reports.filling.acquisition import NUMBERS, number_in, text_in
from apps.reports.filling.facts import Facts
from apps.reports.filling.wording import listed, quantity

# Of series that are named.
_MOST_NAMED: Final = 20
_XRAY: Final = ("view", "kvp", "exposure", "compressionForce", "bodyPartThickness")
_PROJECTIONS: Final = ("CR", "DX", "RG", "PX", "IO", "MG", "XA", "RF")
_DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "CT": ("protocol", "kvp", "exposure", "pitch", "sliceThickness", "kernel"),
    "MR": ("protocol", "fieldStrength"),
    "PT": ("radiopharmaceutical", "activity"),
    "NM": ("radiopharmaceutical", "activity"),
    **dict.fromkeys(_PROJECTIONS, _XRAY),
}
_WORDS: Final[Mapping[str, str]] = {
    "protocol": gettext_noop("protocol %(value)s"),
    "kvp": gettext_noop("tube voltage %(value)s"),
    "exposure": gettext_noop("exposure %(value)s"),
    "pitch": gettext_noop("pitch %(value)s"),
    "sliceThickness": gettext_noop("slice thickness %(value)s"),
    "kernel": gettext_noop("kernel %(value)s"),
    "fieldStrength": gettext_noop("field strength %(value)s"),
    "view": gettext_noop("view %(value)s"),
    "compressionForce": gettext_noop("compression %(value)s"),
    "bodyPartThickness": gettext_noop("thickness %(value)s"),
    "radiopharmaceutical": gettext_noop("radiopharmaceutical %(value)s"),
    "activity": gettext_noop("activity %(value)s"),
}


def technique_of(facts: Facts, series: Series, header: Attributes) -> str:
    """How the series' images were made, then all sequences of MR, then the contrast agent; what no header says is left
    out."""
    return " ".join(filter(None, (_making(series, header), _sequences(facts, series), _contrast(header))))


def _making(series: Series, header: Attributes) -> str:
    details = [_told(header, name) for name in _DETAILS.get(series.modality, ())]
    return _sentence(listed((series.modality, text_in(header, "device"), *details)))


def _told(header: Attributes, name: str) -> str:
    value = text_in(header, name) if name not in NUMBERS else _amount(header, name)
    return _(_WORDS[name]) % {"value": value} if value else ""


def _amount(header: Attributes, name: str) -> str:
    """A number with its unit. A header has 0 where a device doesn't know."""
    found = number_in(header, name)
    return quantity(*found) if found and found[0] else ""


def _sequences(facts: Facts, series: Series) -> str:
    if series.modality != "MR":
        return ""
    named = [unturned(each.series_description) for each in facts.images if each.modality == "MR"]
    told = "; ".join(_cut(named))
    return _("Sequences: %(names)s.") % {"names": told} if told else ""


def _cut(names: list[str]) -> Iterator[str]:
    kept = list(dict.fromkeys(filter(None, names)))
    yield from kept[:_MOST_NAMED]
    if len(kept) > _MOST_NAMED:
        yield "…"


def _contrast(header: Attributes) -> str:
    agent = text_in(header, "contrastAgent")
    if not agent:
        return ""
    told = listed((agent, _amount(header, "contrastVolume"), text_in(header, "contrastRoute")))
    return _("Contrast agent: %(agent)s.") % {"agent": told}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
