"""Values of image headers, wherever an object has them: at the top, or in its functional groups (PS3.3 C.7.6.16)."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from apps.archive.models import Series
from apps.archive.viewing import viewer_url
from apps.dicom.attributes import Attributes, items, number, text, values
from apps.dicom.spoken import unturned
from apps.dicom.sr_tree import code_of
from apps.reports.content.entries import SourceKind
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Origin
from apps.saying import say

_SHARED, _PER_FRAME = "52009229", "52009230"
# Of a text with several values (PS3.5 6.4), those that are shown.
_MOST_VALUES: Final = 8


def value_of(header: Attributes, tag: str) -> str:
    """The value as text, with commas between several; empty where there is none."""
    place = place_of(header, tag)
    return ", ".join(filter(None, (unturned(str(each)).strip() for each in values(place, tag)[:_MOST_VALUES])))


def number_of(header: Attributes, tag: str) -> float | None:
    """The first number of the attribute."""
    return number(place_of(header, tag), tag)


def coded(header: Attributes, sequence: str) -> str:
    """The meaning of the first code of a sequence, wherever it is."""
    return unturned(code_of(place_of(header, sequence), sequence).said)


def in_requests(header: Attributes, tag: str) -> str:
    """The attribute in the first item of Request Attributes Sequence (0040,0275) that has it."""
    return next(filter(None, (text(item, tag) for item in items(header, "00400275"))), "")


def origin_of(facts: Facts, series: Series) -> Origin:
    """Where a value of the series' header is from."""
    uid = series.series_instance_uid
    number_or_uid = uid if series.series_number is None else series.series_number
    said = say("From the images, series {number}", number=number_or_uid)
    return Origin(SourceKind.DICOM, said, f"series {uid}", viewer_url(facts.study.study_instance_uid, uid))


def place_of(header: Attributes, tag: str) -> Attributes:
    """Where the header has the attribute; the header itself where nothing has it."""
    if values(header, tag):
        return header
    group = (macro for name in (_SHARED, _PER_FRAME) for macro in _macros(header, name))
    return next((macro for macro in group if values(macro, tag)), header)


def _macros(header: Attributes, groups: str) -> Iterator[Attributes]:
    """The functional groups of all frames, or of the first one."""
    for group in islice(items(header, groups), 1):
        for name in group:
            yield from islice(items(group, name), 1)
