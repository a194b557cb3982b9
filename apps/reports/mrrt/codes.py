"""The coded content of a template: codes by the id of the element that they are about, in XML within a script.

MRRT's `<script type="text/xml">` holds `template_attributes`, with an `entry` for each id (`ORIGTXT`) and `term`s with
a `code` in it. The XML of many files in the world is not well-formed (codes that are never closed, all of it in a
comment), so it is read as leniently as HTML is; a document type, and with it every entity, is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.reports.mrrt.markup import Element, fragment_of
from apps.reports.mrrt.whitespace import one_line
from apps.saying import say

# The coding schemes that templates name, as DICOM designates them (PS3.16 table 8-1), by other names for them.
_DESIGNATORS: Final = {
    "LOINC": "LN", "SNOMEDCT": "SCT", "SNOMED-CT": "SCT", "SNOMED": "SCT", "SNM3": "SRT", "RADLEX": "RADLEX",
    "DICOM": "DCM",
}  # fmt: skip
# Their names and object identifiers (PS3.16 table 8-1) for other readers.
_SCHEMES: Final = {
    "DCM": "1.2.840.10008.2.16.4",
    "LN": "2.16.840.1.113883.6.1",
    "RADLEX": "2.16.840.1.113883.6.256",
    "SCT": "2.16.840.1.113883.6.96",
    "UCUM": "2.16.840.1.113883.6.8",
}
_RADLEX: Final = "http://radlex.org/RID/"
DOCUMENT: Final = "document"
PROCEDURE: Final = "procedure"


@dataclass(frozen=True, slots=True)
class CodedContent:
    """Codes by the id of the element, that of the document's title, and those of what is done. `subjects` are the
    template's other terms, such as RadLex's of the modality."""

    codes: Mapping[str, Code] = field(default_factory=dict)
    document: Code = NO_CODE
    procedures: tuple[Code, ...] = ()
    subjects: tuple[Code, ...] = ()

    def of(self, identifier: str) -> Code:
        return self.codes.get(identifier, NO_CODE) if identifier else NO_CODE


def designated(scheme: str) -> str:
    """How DICOM designates a coding scheme of that name."""
    return _DESIGNATORS.get(scheme.upper(), scheme)


def coded_content(script: Element) -> CodedContent:
    """What a script of type `text/xml` says. Of several terms for one element the first counts: a field has one code.

    Raises BadTemplate for a document type.
    """
    text = (script.text or "").strip().removeprefix("<!--").removesuffix("-->")
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise BadTemplate(Problem(say("The XML has a document type, which templates have not."), script.sourceline))
    root = fragment_of(text)
    return _content(root) if root is not None else CodedContent()


def _content(root: Element) -> CodedContent:
    entries: dict[str, Code] = {}
    for entry in root.iter("entry"):
        code = next(_codes(entry), None)
        if code:
            entries.setdefault(entry.get("origtxt", ""), code)
    return CodedContent(
        entries, next(_terms(root, DOCUMENT), NO_CODE), tuple(_terms(root, PROCEDURE)), tuple(_terms(root, None))
    )


def _terms(root: Element, kind: str | None) -> Iterator[Code]:
    """The codes of the template's own terms of this kind."""
    for term in root.iter("term"):
        if term.get("type") == kind and not any(each.tag == "entry" for each in term.iterancestors()):
            yield from _codes(term)


def _codes(element: Element) -> Iterator[Code]:
    for each in element.iter("code"):
        value = one_line(each.get("value", "")).removeprefix(_RADLEX)
        scheme = designated(one_line(each.get("scheme", "")))
        if value and scheme:
            yield Code(one_line(each.get("meaning", "")) or value, value, scheme)


def xml_of(document: Code, procedures: Iterable[Code], entries: Iterable[tuple[str, Code]]) -> str:
    """The XML that `coded_content` reads the same from; entries are of an element's id and its code."""
    kept = list(entries)
    terms = [(DOCUMENT, document)] if document else []
    terms += [(PROCEDURE, code) for code in procedures]
    schemes = sorted({code.scheme for _, code in (*terms, *kept)} & _SCHEMES.keys())
    lines = ["<template_attributes>", "  <top-level-flag>true</top-level-flag>", "  <status>ACTIVE</status>"]
    lines += [f'  <term type="{kind}">{_code(code)}</term>' for kind, code in terms]
    lines += ["  <coded_content>", "    <coding_schemes>"]
    lines += [f'      <coding_scheme name="{each}" designator="{_SCHEMES[each]}"/>' for each in schemes]
    lines.append("    </coding_schemes>")
    lines += [f'    <entry ORIGTXT="{escape(key)}"><term>{_code(code)}</term></entry>' for key, code in kept]
    return "\n".join([*lines, "  </coded_content>", "</template_attributes>"])


def _code(code: Code) -> str:
    meaning, value, scheme = escape(code.meaning), escape(code.value), escape(code.scheme)
    return f'<code meaning="{meaning}" value="{value}" scheme="{scheme}"/>'
