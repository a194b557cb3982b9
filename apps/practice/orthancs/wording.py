"""What a notice says, read from the JSON that scripts in Orthanc send: which resource there is new or complete."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from apps.core.errors import Invalid
from apps.practice.models import Level
from apps.saying import say

# Orthanc's names of resources: a SHA-1 in five groups.
RESOURCE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
_PATH: Final = re.compile(r"/?(studies|series|instances)/([0-9a-f-]{1,64})/?")
# What has arrived, or is complete as far as Orthanc can tell. Nothing is fetched for anything else.
CHANGES: Final = {
    "newinstance": Level.INSTANCE,
    "stableseries": Level.SERIES,
    "newstudy": Level.STUDY,
    "stablestudy": Level.STUDY,
}
_LEVELS: Final = {
    "study": Level.STUDY, "studies": Level.STUDY, "series": Level.SERIES, "instance": Level.INSTANCE,
    "instances": Level.INSTANCE,
}  # fmt: skip
_CHANGE_NAMES: Final = ("changetype", "change", "event", "eventtype")
_LEVEL_NAMES: Final = ("resourcetype", "level")
_ID_NAMES: Final = ("id", "resourceid", "orthancid", "studyid", "seriesid", "instanceid")


@dataclass(frozen=True, slots=True)
class Told:
    """A resource of an Orthanc that there is something to fetch of."""

    level: Level
    resource: str


def told(body: bytes) -> Told | None:
    """What a notice says; None for one of something else, which needs nothing. Raises Invalid for what is no notice.

    Orthanc's own spelling (`/changes`, OnChange) is expected: ChangeType, ResourceType, ID or ResourceID, Path; in
    any case of letters, with or without underscores. Of a path the level and the name are taken, and nothing else.
    """
    said = _said(body)
    change = _first(said, _CHANGE_NAMES).lower()
    path = _PATH.fullmatch(_first(said, ("path",)))
    level = CHANGES.get(change) or (None if change else _level(said, path))
    if level is None:
        if change or path or _first(said, _LEVEL_NAMES):
            return None
        raise Invalid(say("Say what has happened: ChangeType (StableStudy or NewInstance), ResourceType and ID."))
    resource = (_first(said, _ID_NAMES) or (path.group(2) if path else "")).lower()
    if not RESOURCE.fullmatch(resource):
        raise Invalid(say("ID must be Orthanc's name of the resource: five groups of eight hexadecimal digits."))
    return Told(level, resource)


def _said(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(say("The notice is not JSON in UTF-8. Check its brackets, quotes and commas.")) from error
    if not isinstance(said, dict):
        raise Invalid(say("A notice is one JSON object."))
    return {name.lower().replace("_", ""): value for name, value in said.items()}


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these that is given as text; empty for none."""
    return next((value for name in names if isinstance(value := said.get(name), str) and value), "")


def _level(said: Mapping[str, Any], path: re.Match[str] | None) -> Level | None:
    given = _first(said, _LEVEL_NAMES).lower() or (path.group(1) if path else "")
    return _LEVELS.get(given)
