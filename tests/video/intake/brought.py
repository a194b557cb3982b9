"""Films as callers bring them, jobs as a worker does them, and a converter that only seems to convert."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.jobs import worker
from apps.jobs.models import Job
from apps.jobs.processes.asking import Program
from apps.video import converter
from apps.video.child import Request
from apps.video.converter import Answer, Converted, Listen
from apps.video.models import Video
from apps.video.objects import uids
from tests import dicoms

VIDEOS = "/api/videos"
FILM = b"\x00\x00\x00\x18ftypmp42 a film, as far as receiving knows"
ONE = {"film.mp4": FILM}
PLAN = {"path": "remux", "transferSyntaxUid": "1.2.840.10008.1.2.4.102", "reasons": ["It was so."]}


def send(client: Client, files: Mapping[str, bytes] = ONE, **fields: Any) -> Any:
    """The answer to a form with these files and fields."""
    uploads = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(VIDEOS, {**fields, "files": uploads})


def brought(client: Client, files: Mapping[str, bytes] = ONE, **fields: Any) -> Video:
    """The first film of a form that is taken."""
    answer = send(client, files, **fields)
    assert answer.status_code == 202, answer.content
    return Video.objects.get(pk=answer.json()["results"][0]["id"])


def work(video: Video) -> Video:
    """Do the film's job once, as a worker does that has got its number."""
    assert video.job_id is not None
    worker.run(video.job_id)
    return again(video)


def again(video: Video) -> Video:
    """The film as it is now."""
    return Video.objects.select_related("job").get(pk=video.pk)


def job_of(video: Video) -> Job:
    found = again(video).job
    assert found is not None
    return found


def kept() -> list[Path]:
    """What there is of films on the disk."""
    root = settings.DATA / "video"
    return sorted(path for path in root.rglob("*") if path.is_file()) if root.exists() else []


def errors(answer: Any) -> dict[str, str]:
    return {each["field"]: each["detail"] for each in answer.json()["errors"]}


def converts(request: Request, listen: Listen) -> Answer:
    """In the place of the converter: a small object under the film's UIDs."""
    listen({"stage": "scan", "done": 1, "total": 2})
    listen({"plan": PLAN})
    request.target.write_bytes(an_object(request))
    return Converted({"frames": 2}, uids.instance_uid(request.metadata))


def an_object(request: Request, **elements: Any) -> bytes:
    named = {
        "StudyInstanceUID": uids.study_uid(request.metadata),
        "SeriesInstanceUID": uids.series_uid(request.metadata),
        "SOPInstanceUID": uids.instance_uid(request.metadata),
    }
    return dicoms.ct_slice(**named, **elements)


def converting(patch: pytest.MonkeyPatch, by: Callable[[Request, Listen], Answer]) -> None:
    """Have films converted by this."""
    patch.setattr(converter, "convert", by)


def process(patch: pytest.MonkeyPatch, script: str) -> None:
    """Have the converter's process run this script, which knows `request` and `say(answer)`."""
    told = (
        "import json, os, pickle, sys, time\n"
        "from apps.jobs.processes import confining\n"
        "confining.end_with_the_owner_of(int(sys.argv[2]))\n"
        "request = pickle.load(sys.stdin.buffer)\n"
        "say = lambda answer: print(json.dumps(answer), flush=True)\n"
    )

    def command(program: Program, life: int) -> list[str]:
        return [sys.executable, "-c", told + script, str(program.memory), str(life)]

    patch.setattr(Program, "command", command)
