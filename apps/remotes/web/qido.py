"""Searching a DICOMweb remote by QIDO-RS (PS3.18 10.6)."""

from collections.abc import Iterator
from typing import Any, Final

from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.json_reading import data_set_spans, load_data_set
from apps.remotes.asking import STUDY_ANSWER, Query, keys_of
from apps.remotes.failures import RemoteFailed
from apps.remotes.found import FoundInstance, FoundSeries, Results, instance_in, series_in, studies_in
from apps.remotes.models import Remote
from apps.remotes.web.client import Client
from apps.saying import say

JSON: Final = "application/dicom+json"
ANSWER_BYTES: Final = 16 << 20
SECONDS: Final = 60.0
PAGE: Final = 1000
MOST_SERIES: Final = 5000
MOST_INSTANCES: Final = 100_000

DataSet = dict[str, dict[str, Any]]
Parameters = list[tuple[str, str]]


def echo(remote: Remote) -> None:
    """Ask for one study at the most: that tells whether the remote is there and lets us in.

    Raises RemoteFailed and RemoteRefused.
    """
    with Client(remote) as client:
        _ask(client, "/studies", [("limit", "1")])


def studies(client: Client, query: Query, most: int) -> Results:
    """The studies that match, `most` of them. Raises RemoteFailed and RemoteRefused."""
    parameters = [*keys_of(query).items(), *(("includefield", tag) for tag in STUDY_ANSWER)]
    answers = _ask(client, "/studies", [*parameters, ("limit", str(most + 1))])
    found = studies_in(answers)
    return Results(found[:most], is_complete=len(found) <= most)


def series(client: Client, study_uid: str) -> tuple[FoundSeries, ...]:
    """The series of a study. Raises RemoteFailed and RemoteRefused."""
    tags = ("0008103E", "00201209")
    parameters = [("includefield", tag) for tag in tags] + [("limit", str(MOST_SERIES))]
    return series_in(_ask(client, f"/studies/{study_uid}/series", parameters))


def instances(client: Client, study_uid: str) -> list[FoundInstance]:
    """All instances of a study, page by page: servers give as many at once as they like, and say no more.

    Raises RemoteFailed and RemoteRefused.
    """
    found: dict[str, FoundInstance] = {}
    place = 0
    while place < MOST_INSTANCES:
        page = [("includefield", "00080016"), ("limit", str(PAGE)), ("offset", str(place))]
        answers = _ask(client, f"/studies/{study_uid}/instances", page)
        fresh = {
            each.sop_instance_uid: each
            for each in map(instance_in, answers)
            if each is not None and each.sop_instance_uid not in found
        }
        if not fresh:
            return list(found.values())
        found |= fresh
        place += len(answers)
    raise RemoteFailed(
        say(
            "The study has more than {most_instances} instances: fetch it in another way.",
            most_instances=MOST_INSTANCES,
        )
    )


def _ask(client: Client, path: str, parameters: Parameters) -> list[DataSet]:
    with client.ask(path, parameters, accept=JSON, seconds=SECONDS) as answer:
        if answer.status == 204:
            return []
        body = answer.body(ANSWER_BYTES)
    return list(data_sets(body))


def data_sets(body: bytes) -> Iterator[DataSet]:
    """The data sets of a body in the DICOM JSON model; none for an empty one. Raises RemoteFailed."""
    if not body.strip():
        return
    try:
        for span in data_set_spans(body):
            yield load_data_set(body, span)
    except (Unreadable, LimitExceeded) as error:
        raise RemoteFailed(
            say("The answer is not in the DICOM JSON model. Is the address that of DICOMweb?")
        ) from error
