"""The content tree of a structured report (PS3.3 C.17.3), read from DICOM JSON into items that can be shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from apps.dicom.attributes import Attributes, items, numbers, text, values
from apps.dicom.spoken import spoken_date, spoken_name, spoken_time

MAX_DEPTH: Final = 64
MAX_ITEMS: Final = 20_000
CONTAINER: Final = "CONTAINER"
_CONTENT, _REFERENCED = "0040A730", "00081199"
_CONCEPT_NAME, _CONCEPT, _UNITS = "0040A043", "0040A168", "004008EA"
_EVIDENCE: Final = ("0040A375", "0040A385")


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept (PS3.3 8.8): its meaning, and the code for who wants it exactly."""

    meaning: str = ""
    value: str = ""
    scheme: str = ""

    def __bool__(self) -> bool:
        return bool(self.meaning or self.value)

    @property
    def said(self) -> str:
        """The meaning, or the code where it has none."""
        return self.meaning or self.value

    @property
    def exact(self) -> str:
        """The code with its scheme, such as `SCT 10200004`."""
        return f"{self.scheme} {self.value}".strip()


NO_CODE: Final = Code()


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that an item refers to, and the frames of it; without frames it is all of them."""

    sop_instance_uid: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One content item: what it is about, what it says, what it refers to, and what is said about it in turn."""

    value_type: str
    relationship: str
    name: Code
    value: str = ""
    code: Code = Code()
    units: Code = Code()
    references: tuple[Reference, ...] = ()
    items: tuple["Item", ...] = ()


def is_report(sop_class_uid: str) -> bool:
    """Whether objects of this class have a content tree: all structured reports, Key Object Selection too."""
    return sop_class_uid.startswith("1.2.840.10008.5.1.4.1.1.88.")


def content_tree(attributes: Attributes) -> Item:
    """Return the root of a report's tree. What lies deeper than 64 levels, or after 20,000 items, is left out."""
    return _Reader().read(attributes, 0)


def evidence(attributes: Attributes) -> dict[str, tuple[str, str]]:
    """Return the Study and Series Instance UID of every object that the report names as evidence (PS3.3 C.17.2)."""
    found: dict[str, tuple[str, str]] = {}
    for sequence in _EVIDENCE:
        for study in items(attributes, sequence):
            for series in items(study, "00081115"):
                uids = (text(study, "0020000D"), text(series, "0020000E"))
                found |= {text(each, "00081155"): uids for each in items(series, _REFERENCED)}
    return found


def code_of(attributes: Attributes, sequence: str) -> Code:
    """Return the first code of a code sequence; an empty one where there is none."""
    item = next(items(attributes, sequence), None)
    if item is None:
        return Code()
    value = next((text(item, tag) for tag in ("00080100", "00080119", "00080120") if text(item, tag)), "")
    return Code(text(item, "00080104"), value, text(item, "00080102"))


class _Reader:
    """Reads items until there are too many of them."""

    def __init__(self) -> None:
        self._left = MAX_ITEMS

    def read(self, item: Attributes, depth: int) -> Item:
        value_type = text(item, "0040A040").upper() or CONTAINER
        return Item(
            value_type,
            text(item, "0040A010"),
            code_of(item, _CONCEPT_NAME),
            _VALUES.get(value_type, _nothing)(item),
            code_of(item, _CONCEPT) if value_type == "CODE" else Code(),
            _units(item) if value_type == "NUM" else Code(),
            tuple(_references(item)),
            tuple(self._inner(item, depth + 1)),
        )

    def _inner(self, item: Attributes, depth: int) -> Iterator[Item]:
        for inner in items(item, _CONTENT):
            self._left -= 1
            if self._left < 0 or depth > MAX_DEPTH:
                return
            yield self.read(inner, depth)


def _nothing(item: Attributes) -> str:
    """What an item that refers by its place in the tree says (PS3.3 C.17.3.2.5)."""
    place = ".".join(f"{part:g}" for part in numbers(item, "0040DB73"))
    return f"see item {place}" if place else ""


def _text(tag: str) -> Callable[[Attributes], str]:
    return lambda item: text(item, tag)


def _measured(item: Attributes) -> str:
    measured = next(items(item, "0040A300"), None)
    if measured is None:
        return code_of(item, "0040A301").said
    value = next(iter(values(measured, "0040A30A")), "")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _units(item: Attributes) -> Code:
    measured = next(items(item, "0040A300"), None)
    return Code() if measured is None else code_of(measured, _UNITS)


def _drawn(item: Attributes) -> str:
    """A region by its form and the number of its points (PS3.3 C.18.6, C.18.9)."""
    graphic = text(item, "00700023")
    dimensions = 3 if text(item, "0040A040").upper() == "SCOORD3D" else 2
    points = len(values(item, "00700022")) // dimensions
    return f"{graphic.lower()} of {points} point{'' if points == 1 else 's'}"


def _in_time(item: Attributes) -> str:
    return " ".join(filter(None, (text(item, "0040A130").lower(), spoken_time(text(item, "0040A13A")))))


def _references(item: Attributes) -> Iterator[Reference]:
    for reference in items(item, _REFERENCED):
        frames = tuple(int(frame) for frame in numbers(reference, "00081160"))
        yield Reference(text(reference, "00081155"), frames)


_VALUES: Final[dict[str, Callable[[Attributes], str]]] = {
    "TEXT": _text("0040A160"),
    "CODE": lambda item: code_of(item, _CONCEPT).said,
    "NUM": _measured,
    "PNAME": lambda item: spoken_name(text(item, "0040A123")),
    "DATE": lambda item: spoken_date(text(item, "0040A121")),
    "TIME": lambda item: spoken_time(text(item, "0040A122")),
    "DATETIME": lambda item: spoken_date(text(item, "0040A120")),
    "UIDREF": _text("0040A124"),
    "SCOORD": _drawn,
    "SCOORD3D": _drawn,
    "TCOORD": _in_time,
}
