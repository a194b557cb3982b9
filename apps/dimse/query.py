"""What a C-FIND asks (PS3.4 C.4.1): its identifier as a search of the archive, and the shape of its answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.archive.attributes import SERIES_UID, STUDY_UID, value
from apps.archive.query import Level, Listing, Search, listing, patients
from apps.core.errors import Invalid
from apps.dicom.identifiers import character_sets
from apps.dicom.uids import is_valid_uid
from apps.dicom.values import Element
from apps.dimse.negotiated import PATIENT_ROOT_FIND, Negotiated
from apps.saying import say

Attributes = Mapping[str, Element]

QUERY_LEVEL: Final = "00080052"
RETRIEVE_AE_TITLE: Final = "00080054"
INSTANCE_AVAILABILITY: Final = "00080056"
# What says how the identifier is to be read, or is answered without looking.
_NO_KEYS: Final = frozenset({"00080005", QUERY_LEVEL, "00080053", RETRIEVE_AE_TITLE, INSTANCE_AVAILABILITY})
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


class QueryLevel(StrEnum):
    """Query/Retrieve Level (0008,0052)."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


_LEVELS: Final = {
    QueryLevel.PATIENT: Level.STUDY,
    QueryLevel.STUDY: Level.STUDY,
    QueryLevel.SERIES: Level.SERIES,
    QueryLevel.IMAGE: Level.INSTANCE,
}


class NotOfModel(Invalid):
    """The identifier is none of its information model."""


@dataclass(frozen=True, slots=True)
class Query:
    """A C-FIND's identifier, read. `asked` are its keys, with values or without; `searched` the paths of those with."""

    level: QueryLevel
    asked: Attributes
    searched: tuple[str, ...]
    search: Search
    character_sets: tuple[str, ...]

    @classmethod
    def read(cls, identifier: Attributes, sop_class_uid: str, negotiated: Negotiated) -> "Query":
        """From an identifier as `decode` gives it.

        Keys of all levels may stand together, and none has to be there: every query is relational (C.4.1.3.2.2).
        Raises NotOfModel without a level of the model, Invalid for a sequence of several items.
        """
        level = _level(identifier, sop_class_uid)
        asked = {tag: element for tag, element in identifier.items() if tag not in _NO_KEYS}
        keys = dict(values_by_path(asked))
        searched = tuple(keys)
        study, series = _parents(level, keys)
        search = Search(
            _LEVELS[level],
            keys,
            study,
            series,
            include=asked,
            fuzzy=negotiated.is_fuzzy,
            combined=negotiated.is_combined,
        )
        return cls(level, asked, searched, search, character_sets(identifier))

    def matches(self, principal: Principal, most: int) -> Listing:
        """What matches of what the principal may see, up to so many. Raises Invalid for values that can't be."""
        find = patients if self.level is QueryLevel.PATIENT else listing
        return find(principal, self.search, most)

    def answer(self, match: Attributes, title: str) -> dict[str, Element]:
        """The identifier of an answer (C.4.1.1.3.2): what was asked for, empty where there is nothing to tell."""
        answer = {tag: projected(element, match.get(tag)) for tag, element in self.asked.items()}
        answer[QUERY_LEVEL] = value("CS", self.level.value)
        answer[RETRIEVE_AE_TITLE] = value("AE", title)
        answer[INSTANCE_AVAILABILITY] = value("CS", "ONLINE")
        return answer


def _level(identifier: Attributes, sop_class_uid: str) -> QueryLevel:
    values = identifier.get(QUERY_LEVEL, {}).get("Value") or [""]
    levels = [level for level in QueryLevel if level != QueryLevel.PATIENT or sop_class_uid == PATIENT_ROOT_FIND]
    if values[0] not in levels:
        raise NotOfModel(
            say("Query/Retrieve Level must be {names} or {levels}", names=", ".join(levels[:-1]), levels=levels[-1])
        )
    return QueryLevel(values[0])


def values_by_path(attributes: Attributes, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """The keys that have values, by their paths; those of a sequence's item below it (C.2.2.2.6).

    Raises Invalid for a sequence of several items.
    """
    for tag, element in attributes.items():
        if element["vr"] == "SQ":
            items = element.get("Value") or [{}]
            if len(items) > 1:
                raise Invalid(say("Sequence {path}{tag} has more than one item", path=path, tag=tag))
            yield from values_by_path(items[0] or {}, f"{path}{tag}.")
        elif texts := _texts(element):
            yield f"{path}{tag}", texts


def _texts(element: Element) -> list[str]:
    if "InlineBinary" in element:
        return [element["InlineBinary"]]
    return [_text(each) for each in element.get("Value") or ()]


def _text(each: Any) -> str:
    if isinstance(each, dict):
        return "=".join(each.get(group) or "" for group in _NAME_GROUPS).rstrip("=")
    return "" if each is None else str(each)


def _parents(level: QueryLevel, keys: dict[str, list[str]]) -> tuple[str, str]:
    """The one study and the one series to look in, if the keys name them: they are taken out."""
    study = series = ""
    if level in (QueryLevel.SERIES, QueryLevel.IMAGE) and _is_single(keys, STUDY_UID):
        (study,) = keys.pop(STUDY_UID)
        if level is QueryLevel.IMAGE and _is_single(keys, SERIES_UID):
            (series,) = keys.pop(SERIES_UID)
    return study, series


def _is_single(keys: Mapping[str, list[str]], tag: str) -> bool:
    values = keys.get(tag, [])
    return len(values) == 1 and is_valid_uid(values[0])


def projected(asked: Element, found: Element | None) -> Element:
    """What was found of an attribute; of a sequence, in each item the attributes that were asked for."""
    if found is None:
        return {"vr": asked["vr"]}
    wanted = (asked.get("Value") or [{}])[0] if asked["vr"] == "SQ" else {}
    if not wanted or found["vr"] != "SQ":
        return found
    items = [
        {tag: projected(element, (item or {}).get(tag)) for tag, element in wanted.items()}
        for item in found.get("Value") or ()
    ]
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
