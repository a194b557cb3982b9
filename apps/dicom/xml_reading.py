"""Reading the Native DICOM Model in XML (PS3.19 A.1) into the DICOM JSON model, within bounds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from apps.dicom.dictionary import standard_vr
from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.limits import Limits
from apps.dicom.values import Element
from apps.dicom.xml_model import NAME_COMPONENTS, NAME_GROUPS
from apps.saying import say

_ROOT: Final = "NativeDicomModel"
_TEXTS: Final = frozenset({"Value", "InlineBinary", *NAME_COMPONENTS})
# Which elements may hold which: all others have no place in the model.
_PARENTS: Final = {
    _ROOT: ("",),
    "DicomAttribute": (_ROOT, "Item"),
    **dict.fromkeys(("Item", "Value", "PersonName", "BulkData", "InlineBinary"), ("DicomAttribute",)),
    **dict.fromkeys(NAME_GROUPS, ("PersonName",)),
    **dict.fromkeys(NAME_COMPONENTS, NAME_GROUPS),
}
_FIRST_BLOCK, _LAST_BLOCK = 0x10, 0xFF
_DEFAULT_LIMITS: Final = Limits()


def read_native_model(pieces: Iterable[bytes], limits: Limits = _DEFAULT_LIMITS) -> dict[str, Element]:
    """Return the data set of one XML document, in the DICOM JSON model by tag.

    Private elements get the block of their creator, a free one where the document names none. A document type
    is refused, and with it every entity. Raises Unreadable for what is no document of the model, LimitExceeded
    for one that is nested too deep or has too many elements or values.
    """
    reader = _Reader(limits)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except Unreadable:
        raise
    except expat.ExpatError as error:
        raise Unreadable(
            say("The XML is not well-formed: line {lineno}, column {offset}.", lineno=error.lineno, offset=error.offset)
        ) from error
    except (LookupError, ValueError) as error:
        raise Unreadable(say("The XML is in an encoding that is not read here: send it in UTF-8.")) from error
    return reader.attributes


def _refuse_doctype(*_: Any) -> None:
    raise Unreadable(say("The XML has a document type, which the Native DICOM Model has not."))


@dataclass(slots=True)
class _DataSet:
    """A data set that is open; `private` are its elements that still wait for a block."""

    attributes: dict[str, Element] = field(default_factory=dict)
    private: list[tuple[str, str, Element]] = field(default_factory=list)

    def add(self, tag: str, creator: str, element: Element) -> None:
        if creator and tag[4:6] == "00":
            self.private.append((tag, creator, element))
        else:
            self.attributes[tag] = element

    def closed(self) -> dict[str, Element]:
        """The attributes, the private ones in the blocks of their creators (PS3.5 7.8.1)."""
        blocks = {
            (tag[:4], value): tag[6:]
            for tag, element in self.attributes.items()
            if tag[4:6] == "00" and int(tag[3], 16) & 1
            for value in element.get("Value", ())[:1]
            if isinstance(value, str)
        }
        for tag, creator, element in self.private:
            block = blocks.get((tag[:4], creator)) or self._reserve(tag[:4], creator)
            blocks[tag[:4], creator] = block
            self.attributes[f"{tag[:4]}{block}{tag[6:]}"] = element
        return self.attributes

    def _reserve(self, group: str, creator: str) -> str:
        for block in range(_FIRST_BLOCK, _LAST_BLOCK + 1):
            tag = f"{group}00{block:02X}"
            if tag not in self.attributes:
                self.attributes[tag] = {"vr": "LO", "Value": [creator]}
                return f"{block:02X}"
        raise Unreadable(say("Group {group} has more private creators than there are blocks.", group=group))


class _Reader:
    """What the parser calls: builds the data sets that are open, from the outermost on."""

    def __init__(self, limits: Limits) -> None:
        self.attributes: dict[str, Element] = {}
        self._limits = limits
        self._count = 0
        self._path = [""]
        self._sets: list[_DataSet] = []
        self._open: list[tuple[str, str, Element]] = []
        self._text: list[str] = []
        self._name: dict[str, str] = {}
        self._components: dict[str, str] = {}

    def start(self, name: str, given: dict[str, str]) -> None:
        kind = name.rpartition("}")[2]
        if self._path[-1] not in _PARENTS.get(kind, ()):
            raise Unreadable(
                say("The XML has an element where the Native DICOM Model has none: {kind}.", kind=kind[:64])
            )
        self._path.append(kind)
        self._count += 1
        if self._count > self._limits.values:
            raise LimitExceeded(
                say("The object has more than {values} elements and values.", values=self._limits.values)
            )
        self._text = []
        if kind in (_ROOT, "Item"):
            self._enter()
        elif kind == "DicomAttribute":
            self._open.append(_attribute(given))
        elif kind == "BulkData":
            self._open[-1][2]["BulkDataURI"] = given.get("uri") or given.get("uuid") or ""
        elif kind == "PersonName":
            self._name = {}
        elif kind in NAME_GROUPS:
            self._components = {}

    def characters(self, text: str) -> None:
        if self._path[-1] in _TEXTS:
            self._text.append(text)

    def end(self, _name: str) -> None:
        kind = self._path.pop()
        if kind in _TEXTS:
            self._end_text(kind, "".join(self._text))
        elif kind in NAME_GROUPS:
            text = "^".join(self._components.get(name, "") for name in NAME_COMPONENTS).rstrip("^")
            self._name |= {kind: text} if text else {}
        elif kind == "PersonName":
            self._add(self._name or None)
        elif kind == "DicomAttribute":
            self._sets[-1].add(*self._open.pop())
        elif kind == "Item":
            self._add(self._sets.pop().closed())
        elif kind == _ROOT:
            self.attributes = self._sets.pop().closed()

    def _enter(self) -> None:
        self._sets.append(_DataSet())
        if len(self._sets) - 1 > self._limits.depth:
            raise LimitExceeded(
                say("The object has sequences nested more than {depth} deep.", depth=self._limits.depth)
            )

    def _end_text(self, kind: str, text: str) -> None:
        if kind == "Value":
            self._add(text or None)
        elif kind == "InlineBinary":
            self._open[-1][2]["InlineBinary"] = "".join(text.split())
        else:
            self._components[kind] = text

    def _add(self, value: Any) -> None:
        self._open[-1][2].setdefault("Value", []).append(value)


def _attribute(given: dict[str, str]) -> tuple[str, str, Element]:
    tag = given.get("tag", "").upper()
    if len(tag) != 8 or not set(tag) <= set("0123456789ABCDEF"):
        raise Unreadable(say("The XML has an attribute without a tag of eight hexadecimal digits."))
    vr = given.get("vr") or standard_vr(int(tag, 16)).decode()
    return tag, given.get("privateCreator", ""), {"vr": vr}
