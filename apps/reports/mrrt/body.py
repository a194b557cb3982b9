"""The sections of a template from the body of its document, in the order in which they stand."""

from dataclasses import dataclass, field
from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.structure import Field, FieldKind, Note, Section
from apps.reports.mrrt import limits
from apps.reports.mrrt.codes import CodedContent
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.reports.mrrt.fields import GROUPS, Found, field_of, field_type, kind_of
from apps.reports.mrrt.headings import HEADINGS
from apps.reports.mrrt.markup import Element, text_of
from apps.reports.mrrt.naming import Keys
from apps.reports.mrrt.rules import clean_label
from apps.reports.mrrt.tables import cell_labels, has_field, has_structure
from apps.reports.mrrt.whitespace import is_blank, one_line
from apps.saying import say

Items = tuple[Section | Field | Note, ...]

# What begins and ends a piece of text of its own.
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre", "table",
        "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
# What nothing is read from: headings are read with their section, labels with their field, and what is marked (`mark`)
# is for whoever fills the template in, not for the report.
_SKIPPED: Final = frozenset(
    {
        "audio", "button", "canvas", "coded_content", "datalist", "embed", "header", "iframe", "label", "legend", "map",
        "mark", "math", "noscript", "object", "option", "script", "style", "svg", "template", "template_attributes",
        "title", "video",
    }
)  # fmt: skip
# What stands behind a field in its line and is no text of its own: a unit, a full stop.
_SHORT: Final = 12


def sections_of(body: Element, title: str, codes: CodedContent, *, is_foreign: bool) -> "Body":
    """Read a body. What stands outside of all sections is one of its own, called as the template.

    Raises BadTemplate for elements that are nested too deep.
    """
    return _Reader(body, title, codes, is_foreign=is_foreign).read()


@dataclass(frozen=True, slots=True)
class Body:
    """The sections of a document; `lines` says in which line each section and field stands, by its key."""

    sections: tuple[Section, ...]
    lines: dict[str, int]


@dataclass(slots=True)
class _Place:
    """Where the reader is: what it has found in the section, and the text since the last of it."""

    title: str
    items: list[Section | Field | Note] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    is_behind_field: bool = False

    def take_text(self) -> str:
        text = one_line("".join(self.text))
        self.text.clear()
        return text

    def end_line(self) -> None:
        """What was written since is a text of the report's, unless it only ends a field's line."""
        text = self.take_text()
        if not is_blank(text) and not (self.is_behind_field and len(text) <= _SHORT):
            self.items.append(Note(text))
        self.is_behind_field = False


class _Reader:
    def __init__(self, body: Element, title: str, codes: CodedContent, *, is_foreign: bool) -> None:
        self.body, self.title, self.codes, self.is_foreign = body, title, codes, is_foreign
        self.keys, self.lines = Keys(), dict[str, int]()
        self.labels = _labels(body)
        self.lists, self.boxes = _options_of_lists(body), _boxes_by_name(body)
        self.cells: dict[Element, str] = {}
        self.radios: set[str] = set()
        self.fields = self.options = 0

    def read(self) -> Body:
        outside = _Place(self.title)
        self.walk(self.body, outside, 0)
        outside.end_line()
        return Body(self.gathered(outside), self.lines)

    def gathered(self, outside: _Place) -> tuple[Section, ...]:
        """The sections; what stands outside of all, the first of them."""
        sections = [item for item in outside.items if isinstance(item, Section)]
        others = tuple(item for item in outside.items if not isinstance(item, Section))
        # A text outside of all sections is about the template; a field outside of all is of the report.
        if any(isinstance(item, Field) for item in others):
            sections.insert(
                0, Section(self.keys.key("report", kind="section"), clean_label(self.title), NO_CODE, others)
            )
        return tuple(sections)

    def walk(self, element: Element, place: _Place, depth: int) -> None:
        if depth > limits.ELEMENT_DEPTH:
            raise BadTemplate(Problem(say("The elements are nested too deep."), element.sourceline))
        place.text.append(element.text or "")
        for each in element:
            self.visit(each, place, depth + 1)
            place.text.append(each.tail or "")

    def visit(self, element: Element, place: _Place, depth: int) -> None:
        found = self.found(element)
        if found is not None:
            self.add_field(found, place)
        elif element.tag == "label":
            # What it says is read with its field, which may lie in it.
            for each in element:
                self.visit(each, _Place(place.title, place.items), depth)
        elif element.tag == "section":
            place.end_line()
            place.items.append(self.section(element, depth))
        elif element.tag == "table" and not has_structure(element):
            self.table(element, place, depth)
        elif element.tag in _BLOCKS:
            place.end_line()
            self.walk(element, place, depth)
            place.end_line()
        elif element.tag not in _SKIPPED and not self.is_box(element):
            self.walk(element, place, depth)

    def section(self, element: Element, depth: int) -> Section:
        header = next(iter(element.iterchildren("header")), None)
        named = element.get("data-section-name") or (text_of(header) if header is not None else "")
        title = clean_label(named) or clean_label(self.title)
        key = self.key(element, element.get("id", ""), title, kind="section")
        place = _Place(title)
        self.walk(element, place, depth)
        place.end_line()
        return Section(key, title, self.heading(element, title), tuple(place.items))

    def heading(self, element: Element, title: str) -> Code:
        """The code that a section's heading is given, else the one that other programs' usual titles stand for."""
        code = self.codes.of(element.get("id", ""))
        return code or (HEADINGS.get(title.lower(), NO_CODE) if self.is_foreign else NO_CODE)

    def table(self, table: Element, place: _Place, depth: int) -> None:
        """A table with fields is those fields, called as their rows and columns; any other is a text for each row."""
        place.end_line()
        if has_field(table):
            self.cells.update(cell_labels(table))
            for cell in filter(has_field, table.iter("td", "th")):
                inside = _Place(place.title)
                self.walk_cell(cell, inside, depth)
                place.items += [item for item in inside.items if isinstance(item, Field)]
            return
        texts = (", ".join(filter(None, (one_line(text_of(cell)) for cell in row))) for row in table.iter("tr"))
        place.items += [Note(text) for text in texts if not is_blank(text)]

    def walk_cell(self, cell: Element, place: _Place, depth: int) -> None:
        if cell in self.cells:
            place.title = self.cells[cell]
        self.walk(cell, place, depth + 1)

    def found(self, element: Element) -> Found | None:
        kind = kind_of(element)
        if kind is None:
            return self.group(element)
        if element.tag == "select":
            return Found(element, kind, tuple(element.iter("option")))
        if element.get("list"):
            return Found(element, kind, tuple(self.lists.get(element.get("list"), ())))
        if _is(element, "radio"):
            return self.radio(element)
        return Found(element, kind)

    def group(self, element: Element) -> Found | None:
        """Boxes within an element that says of itself that it is the field."""
        kind = GROUPS.get(field_type(element))
        if kind is None or element.tag == "input":
            return None
        boxes = tuple(each for each in element.iter("input") if _is(each, "checkbox", "radio"))
        return Found(element, kind, boxes) if boxes else None

    def radio(self, element: Element) -> Found | None:
        """The first of the boxes of a name stands for all."""
        name = element.get("name", "")
        if name and name in self.radios:
            return None
        self.radios.add(name)
        return Found(element, FieldKind.CHOICE, tuple(self.boxes[name]) if name else (element,))

    def is_box(self, element: Element) -> bool:
        return element.tag in ("input", "select", "textarea")

    def add_field(self, found: Found, place: _Place) -> None:
        element = found.element
        self.count(found)
        label = self.label(element, place)
        key = self.key(element, element.get("id", ""), element.get("name", ""), kind="field")
        place.items.append(field_of(found, key, clean_label(label[: limits.LABEL]), self.codes))
        place.is_behind_field = True

    def label(self, element: Element, place: _Place) -> str:
        """What a field is called: by its label, else by the text before it, else by what it or its place says."""
        label = self.labels.get(element.get("id", "")) or self.labels.get(element) or ""
        before = place.take_text()
        if place.is_behind_field and len(before) <= _SHORT:
            before = ""
        if label and not is_blank(before):
            place.items.append(Note(before))
        return label or clean_label(before) or _said(element) or place.title

    def count(self, found: Found) -> None:
        """Stop as soon as there is too much: what is found is compared with all there is."""
        self.fields += 1
        self.options += len(found.boxes)
        if self.fields > limits.FIELDS or self.options > 2 * limits.OPTIONS:
            raise BadTemplate(Problem(say("It has too many fields or options."), found.element.sourceline))

    def key(self, element: Element, *wanted: str, kind: str) -> str:
        key = self.keys.key(*wanted, kind=kind)
        self.lines[key] = element.sourceline
        return key


def _labels(body: Element) -> dict[object, str]:
    """What is said in `label` elements, by the id that they are for, or by the element that they are around."""
    found: dict[object, str] = {}
    for each in body.iter("label"):
        text = clean_label(text_of(each))
        if not is_blank(text):
            found.setdefault(each.get("for"), text)
            for inside in each.iter("input", "select", "textarea"):
                found.setdefault(inside, text)
    return found


def _said(element: Element) -> str:
    """What an element says of itself: its title, and a name that is for people."""
    name = clean_label(element.get("name", ""))
    is_for_people = name and "_" not in name and (" " in name or name[:1].isupper())
    return clean_label(element.get("title", "")) or (name if is_for_people else "")


def _is(element: Element, *kinds: str) -> bool:
    return element.get("type", "").lower() in kinds


def _boxes_by_name(body: Element) -> dict[str, list[Element]]:
    """The boxes of which one is chosen, by their name."""
    found: dict[str, list[Element]] = {}
    for each in body.iter("input"):
        if _is(each, "radio"):
            found.setdefault(each.get("name", ""), []).append(each)
    return found


def _options_of_lists(body: Element) -> dict[str, list[Element]]:
    """The options that are named apart from their field, by the list's id."""
    return {each.get("id", ""): list(each.iter("option")) for each in body.iter("datalist")}
