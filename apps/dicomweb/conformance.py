"""The tables of the conformance statement (PS3.2 annex N) that follow from the code, and putting them into its text."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from pydicom.datadict import dictionary_VR, keyword_for_tag

from apps.archive.query import DEFAULT_LIMITS, MAX_LIMITS, Level
from apps.archive.query.keys import SEARCHABLE, Kind
from apps.archive.query.levels import ANSWERED
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, VERSION
from apps.dicom.representation import TARGETS, targets_of
from apps.dicom.syntax import DEFLATED, NATIVE, is_video, name_of
from apps.dicomweb.media_types import PIXEL_TYPES, of_pixels
from apps.dicomweb.routes import ROUTES, Route, Transaction

# How each kind of key matches, in the words of PS3.4 C.2.2.2.
MATCHING: Final = {
    Kind.UID: "single value, list of UIDs",
    Kind.NAME: "single value and wildcard, without regard to case and accents, in any component group; fuzzy",
    Kind.TEXT: "single value and wildcard, as written",
    Kind.FOLDED: "single value and wildcard, without regard to case and accents",
    Kind.CODE: "single value and wildcard, several values with commas between them",
    Kind.MODALITIES: "as a code; a study matches by any of its series",
    Kind.DATE: "single value and range, combined with the time where that is given too",
    Kind.TIME: "single value and range",
    Kind.NUMBER: "single value",
}
_TABLE: Final = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end of table -->)", re.DOTALL)
_YES, _NO = "yes", "no"


Tables = Mapping[str, Callable[[], str]]


def written(document: str, tables: Tables | None = None) -> str:
    """The document with its tables made anew; each stands between `<!-- table: NAME -->` and `<!-- end of table -->`.

    `tables` are those of DICOMweb where nothing else is said. Raises KeyError for a name that is none of them.
    """
    known = TABLES if tables is None else tables
    return _TABLE.sub(lambda match: f"{match[1]}{match[2]}\n{known[match[1]]()}\n", document)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    columns = tuple(head)
    lines = [columns, tuple("---" for _ in columns), *map(tuple, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _product() -> str:
    rows = (
        ("Product", "Fovea"),
        ("Version", VERSION),
        ("Implementation Class UID", f"`{IMPLEMENTATION_CLASS_UID}`"),
        ("Implementation Version Name", f"`{IMPLEMENTATION_VERSION_NAME}`"),
    )
    return table(("", ""), rows)


def _services() -> str:
    """Which transactions there are, for the overview."""
    sections = dict.fromkeys((each.name.split()[0], each.section) for each in _known() if not _is_of_worklist(each))
    rows = ((name, f"PS3.18 {section}" if section else "extension", _YES) for name, section in sorted(sections))
    return table(("Transactions of the Studies Service", "defined in", "Origin Server"), rows)


def _worklist_services() -> str:
    """Those on workitems, and their event reports, which no request asks for."""
    sections = {each.section: each.name for each in _known() if _is_of_worklist(each)}
    sections |= {"8.10.4": "Open Notification Connection", "8.10.5, 11.13": "Workitem Event Reports"}
    rows = ((name, f"PS3.18 {section}", _YES) for section, name in sections.items())
    return table(("Transactions of the Worklist Service (UPS-RS)", "defined in", "Origin Server"), rows)


def _known() -> Iterator[Transaction]:
    return (each for route in ROUTES for each in route.transactions.values())


def _is_of_worklist(transaction: Transaction) -> bool:
    return transaction.section.startswith("11.")


def _transactions() -> str:
    rows = (row for route in sorted(ROUTES, key=lambda route: route.template) for row in _of_route(route))
    return table(("Resource", "Method", "Transaction", "Section"), rows)


def _of_route(route: Route) -> Iterable[tuple[str, ...]]:
    for method, each in route.transactions.items():
        yield f"`/{route.template}`", method, each.name, each.section or "extension"


def _media_types() -> str:
    """What the resources take and give, those together that do the same."""
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for route in ROUTES:
        for each in route.transactions.values():
            if each.takes or each.gives:
                groups.setdefault((each.takes, each.gives, each.parameters), []).append(each.name)
    rows = ((", ".join(names), *map(_listed, kind)) for kind, names in groups.items())
    return table(("Transactions", "Request payload", "Response payload, the default first", "Query parameters"), rows)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts) or "none"


def _keys() -> str:
    rows = (
        (_keyword(key.tag), _written_tag(key.tag), _level(key.level), MATCHING[key.kind]) for key in SEARCHABLE.values()
    )
    return table(("Attribute", "Tag", "Level", "Matching, besides universal"), rows)


def _answers() -> str:
    rows = (
        (_keyword(tag), _written_tag(tag), dictionary_VR(int(tag, 16)), _level(level))
        for level, tags in ANSWERED.items()
        for tag in sorted(tags)
    )
    return table(("Attribute", "Tag", "VR", "Level"), rows)


def _limits() -> str:
    rows = ((_level(level), f"{DEFAULT_LIMITS[level]:,}", f"{MAX_LIMITS[level]:,}") for level in Level)
    return table(("Level", "Rows without `limit`", "Rows at most"), rows)


def _transfer_syntaxes() -> str:
    known = sorted({*NATIVE, *DEFLATED, *PIXEL_TYPES}, key=_numbers)
    rows = (
        (
            name_of(uid),
            f"`{uid}`",
            f"`{of_pixels(uid)}`",
            "as a video" if is_video(uid) else _YES if targets_of(uid) else _NO,
            _YES if uid in TARGETS else _NO,
        )
        for uid in known
    )
    head = ("Transfer Syntax", "UID", "Frames as stored", "Rendered and converted from", "Converted to")
    return table(head, rows)


def _numbers(uid: str) -> list[int]:
    return [int(part) for part in uid.split(".")]


def _keyword(path: str) -> str:
    return ".".join(keyword_for_tag(int(tag, 16)) for tag in path.split("."))


def _written_tag(path: str) -> str:
    return ".".join(f"({tag[:4]},{tag[4:]})" for tag in path.split("."))


def _level(level: Level) -> str:
    return level.name.title()


TABLES: Final[Tables] = {
    "product": _product,
    "services": _services,
    "worklist_services": _worklist_services,
    "transactions": _transactions,
    "media_types": _media_types,
    "keys": _keys,
    "answers": _answers,
    "limits": _limits,
    "transfer_syntaxes": _transfer_syntaxes,
}
