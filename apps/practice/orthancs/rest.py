"""An Orthanc's own REST API, as far as it is asked: bounded, and never at an address that anybody else has named."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from apps.dicom.uids import is_valid_uid
from apps.practice.models import Level
from apps.practice.orthancs.wording import RESOURCE
from apps.remotes.failures import RemoteFailed
from apps.remotes.web.client import Client, Node
from apps.saying import say

JSON: Final = "application/json"
# A study's list says up to some kilobytes of each instance.
LIST_BYTES: Final = 64 << 20
ANSWER_BYTES: Final = 4 << 20
MOST_INSTANCES: Final = 20_000
SECONDS: Final = 60.0
# A volume of gigabytes on a slow line.
FILE_SECONDS: Final = 3600.0
CHANGES_AT_ONCE: Final = 1000
LARGEST: Final = 2**63 - 1
_PLACES: Final = {Level.STUDY: "studies", Level.SERIES: "series", Level.INSTANCE: "instances"}


@dataclass(frozen=True, slots=True)
class Held:
    """An instance that the Orthanc has: its name there, and its SOP Instance UID."""

    resource: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Change:
    """One of its changes: the number, what has happened (such as StableStudy), and to which resource."""

    number: int
    kind: str
    resource: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes; `last` is the number to ask on from, `is_done` says that there are no more for now."""

    changes: tuple[Change, ...]
    last: int
    is_done: bool


class Site:
    """An Orthanc that is asked. Use it as a context manager; everything raises RemoteFailed and RemoteRefused.

    What isn't there (any more) raises RemoteLacks.
    """

    def __init__(self, node: Node) -> None:
        self._name = node.name
        self._client = Client(node)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *reason: object) -> None:
        self._client.__exit__(*reason)

    def version(self) -> str:
        """Which version of Orthanc it is."""
        version = self._object("/system").get("Version")
        if not isinstance(version, str):
            raise self._strange()
        return version[:20]

    def instances(self, level: Level, resource: str) -> list[Held]:
        """The instances of a study or a series. A UID that is none is left out, as is what stands there twice."""
        listed = self._json(f"/{_PLACES[level]}/{resource}/instances", most=LIST_BYTES)
        if not isinstance(listed, list):
            raise self._strange()
        if len(listed) > MOST_INSTANCES:
            raise RemoteFailed(
                say(
                    "{name} lists more than {most_instances} instances: import them another way.",
                    name=self._name,
                    most_instances=MOST_INSTANCES,
                )
            )
        found = (self._held(each) for each in listed)
        return list({each.resource: each for each in found if each is not None}.values())

    def series_of(self, resource: str) -> str:
        """The name of the series that an instance is in."""
        series = self._object(f"/instances/{resource}").get("ParentSeries")
        if not isinstance(series, str) or not RESOURCE.fullmatch(series):
            raise self._strange()
        return series

    @contextmanager
    def file(self, resource: str) -> Iterator[Iterator[bytes]]:
        """The DICOM file of an instance as it comes."""
        with self._client.ask(f"/instances/{resource}/file", accept="*/*", seconds=FILE_SECONDS) as answer:
            yield answer.pieces

    def last_change(self) -> int:
        """The number of its latest change, 0 where there was none yet."""
        return _number(self._object("/changes", [("last", "")]).get("Last"))

    def changes(self, since: int) -> Changes:
        """Its changes after this number, in order."""
        page = self._object("/changes", [("since", str(since)), ("limit", str(CHANGES_AT_ONCE))])
        listed = page.get("Changes")
        if not isinstance(listed, list):
            raise self._strange()
        found = tuple(change for each in listed[:CHANGES_AT_ONCE] if (change := _change(each)) is not None)
        return Changes(found, _number(page.get("Last")), page.get("Done") is not False)

    def _held(self, listed: Any) -> Held | None:
        if not isinstance(listed, dict):
            raise self._strange()
        tags = listed.get("MainDicomTags")
        resource, uid = listed.get("ID"), tags.get("SOPInstanceUID") if isinstance(tags, dict) else None
        if not isinstance(resource, str) or not RESOURCE.fullmatch(resource):
            raise self._strange()
        return Held(resource, uid) if isinstance(uid, str) and is_valid_uid(uid) else None

    def _object(self, path: str, parameters: list[tuple[str, str]] | None = None) -> dict[str, Any]:
        answer = self._json(path, parameters)
        if not isinstance(answer, dict):
            raise self._strange()
        return answer

    def _json(self, path: str, parameters: list[tuple[str, str]] | None = None, *, most: int = ANSWER_BYTES) -> Any:
        with self._client.ask(path, parameters or (), accept=JSON, seconds=SECONDS) as answer:
            body = answer.body(most)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise self._strange() from error

    def _strange(self) -> RemoteFailed:
        return RemoteFailed(
            say("{name} does not answer as an Orthanc does. Is the address that of its own page?", name=self._name)
        )


def _change(listed: Any) -> Change | None:
    if not isinstance(listed, dict):
        return None
    number, kind, resource = _number(listed.get("Seq")), listed.get("ChangeType"), listed.get("ID")
    if not (isinstance(kind, str) and isinstance(resource, str) and RESOURCE.fullmatch(resource)):
        return None
    return Change(number, kind, resource)


def _number(given: Any) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= LARGEST else 0
