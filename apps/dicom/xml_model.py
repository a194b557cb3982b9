"""The Native DICOM Model in XML (PS3.19 A.1), written from the DICOM JSON model (PS3.18 Annex F)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

from pydicom.datadict import keyword_for_tag

from apps.dicom.values import Element

NAMESPACE: Final = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
NAME_COMPONENTS: Final = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
# What no XML 1.0 document may hold in any spelling: it is written as the replacement character.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Parsers turn a bare carriage return into a line feed, and line ends in attributes into spaces.
_IN_TEXT: Final = {"\r": "&#13;"}
_IN_ATTRIBUTES: Final = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"}
_MAX_KEYWORDS: Final = 20_000


def native_model(attributes: Mapping[str, Element]) -> bytes:
    """Return one data set as an XML document in UTF-8.

    `attributes` is in the DICOM JSON model. A private element is written with its creator's name and without its
    block, `gggg00ee` (PS3.19 A.1.5.2); bulk data keeps its address. Characters that XML 1.0 forbids become U+FFFD.
    """
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">\n'
    return "".join((head, *_data_set(attributes), "</NativeDicomModel>\n")).encode()


def _data_set(attributes: Mapping[str, Element]) -> Iterator[str]:
    for tag, element in sorted(attributes.items()):
        yield f'<DicomAttribute{_names(attributes, tag)} vr="{element["vr"]}"{_keyword(tag)}>\n'
        yield from _content(element)
        yield "</DicomAttribute>\n"


def _names(attributes: Mapping[str, Element], tag: str) -> str:
    """The tag, and the private creator where the element has one."""
    if int(tag[3], 16) & 1 and tag[4:6] != "00":
        creator = (attributes.get(f"{tag[:4]}00{tag[4:6]}", {}).get("Value") or [None])[0]
        if isinstance(creator, str):
            return f' tag="{tag[:4]}00{tag[6:]}" privateCreator="{_quoted(creator)}"'
    return f' tag="{tag}"'


@lru_cache(maxsize=_MAX_KEYWORDS)
def _keyword(tag: str) -> str:
    known = keyword_for_tag(int(tag, 16)) if not int(tag[3], 16) & 1 else ""
    return f' keyword="{known}"' if known else ""


def _content(element: Element) -> Iterator[str]:
    if "BulkDataURI" in element:
        yield f'<BulkData uri="{_quoted(element["BulkDataURI"])}"/>\n'
    elif "InlineBinary" in element:
        yield f"<InlineBinary>{element['InlineBinary']}</InlineBinary>\n"
    else:
        for number, value in enumerate(element.get("Value", ()), start=1):
            yield from _value(element["vr"], number, value)


def _value(vr: str, number: int, value: Any) -> Iterator[str]:
    if vr == "SQ":
        yield f'<Item number="{number}">\n'
        yield from _data_set(value or {})
        yield "</Item>\n"
    elif vr == "PN":
        yield f'<PersonName number="{number}">\n'
        yield from _name(value or {})
        yield "</PersonName>\n"
    else:
        yield f'<Value number="{number}">{"" if value is None else _text(str(value))}</Value>\n'


def _name(groups: Mapping[str, str]) -> Iterator[str]:
    """The groups of a person name that aren't empty, each by its components (PS3.5 6.2.1.1)."""
    for group in NAME_GROUPS:
        if text := groups.get(group):
            parts = zip(NAME_COMPONENTS, text.split("^", len(NAME_COMPONENTS) - 1), strict=False)
            components = (f"<{name}>{_text(part)}</{name}>\n" for name, part in parts if part)
            yield f"<{group}>\n{''.join(components)}</{group}>\n"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text), _IN_TEXT)


def _quoted(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text), _IN_ATTRIBUTES)
