"""What a template says of itself: Dublin Core's terms in its `meta` elements."""

import re
from collections.abc import Mapping
from typing import Final

from apps.dicom.sr_tree import Code
from apps.reports.mrrt.markup import Element, text_of
from apps.reports.mrrt.whitespace import one_line

# Those of `settings.LANGUAGES`, by what files call them (BCP 47) before a region.
LANGUAGES: Final[Mapping[str, str]] = {"en": "en", "fr": "fr", "es": "es", "zh": "zh-hans"}
# Chinese in other characters than ours is another language to whoever reads it.
_TRADITIONAL: Final = frozenset({"zh-hant", "zh-tw", "zh-hk", "zh-mo"})
GENERATOR: Final = "Fovea"
# What a template's subject, or RadLex's terms of it, say of the modality (PS3.3 C.7.3.1.1.1).
_MODALITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "computed tomography": ("CT",),
    "magnetic resonance imaging": ("MR",),
    "ultrasound": ("US",),
    "mammography": ("MG",),
    "radiography": ("CR", "DX"),
    "projection radiography": ("CR", "DX"),
    "fluoroscopy": ("RF",),
    "positron emission tomography": ("PT",),
}
# A subject that is such a term (CS): `CT`, not `Chest`.
_TERM: Final = re.compile(r"[A-Z][A-Z0-9_]{1,15}")


def metadata(root: Element) -> dict[str, str]:
    """The contents of the `meta` elements by their names in small letters; of several of a name, the first."""
    found: dict[str, str] = {}
    for each in root.iter("meta"):
        found.setdefault(one_line(each.get("name", "")).lower(), one_line(each.get("content", "")))
    return found


def language_of(root: Element, said: Mapping[str, str]) -> str:
    """The language as Fovea names it; as the file names it where it is none of Fovea's, empty where it says none."""
    named = one_line(said.get("dcterms.language", "") or root.get("lang", "")).lower().replace("_", "-")
    return named if named in _TRADITIONAL else LANGUAGES.get(named.partition("-")[0], named)


def title_of(root: Element, said: Mapping[str, str]) -> str:
    titles = [said.get("dcterms.title", ""), *(text_of(each) for each in root.iter("title"))]
    return next((one_line(each) for each in titles if one_line(each)), "")


def modalities_of(said: Mapping[str, str], subjects: tuple[Code, ...]) -> tuple[str, ...]:
    """The modalities that `dcterms.subject` names (`CT; MR`), else those that the template's terms mean."""
    named = [one_line(each) for each in re.split("[;,]", said.get("dcterms.subject", ""))]
    terms = [each for each in named if _TERM.fullmatch(each)]
    meant = [each for code in subjects for each in _MODALITIES.get(code.meaning.lower(), ())]
    return tuple(dict.fromkeys(terms or meant))
