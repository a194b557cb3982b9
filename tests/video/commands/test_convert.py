"""`manage.py video convert`: into files and into the archive, refused and interrupted."""

import json
import os
import signal
import subprocess
from functools import partial
from io import StringIO
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pydicom import dcmread

from apps.accounts.models import Practice
from apps.archive.models import Instance, Quarantined
from apps.core.serializers import camel
from apps.jobs import worker
from apps.jobs.models import Job
from apps.jobs.processes.asking import Program
from apps.video import converter, wishes
from apps.video.child import Request
from apps.video.converter import Answer, ConversionStopped, Converted, Listen, Refusal
from apps.video.local import arguments, following
from apps.video.models import Video
from tests.video.clips import clip
from tests.video.intake.brought import FILM, converting, kept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practice")]
in_archive = pytest.mark.django_db(transaction=True)


def convert(*arguments: Any) -> tuple[str, str]:
    """What it says on both outputs. Raises CommandError and SystemExit."""
    out, err = StringIO(), StringIO()
    try:
        call_command("video", "convert", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        raise SystemExit(f"{ended.code}: {err.getvalue()}") from None
    return out.getvalue(), err.getvalue()


def asked_of(patch: pytest.MonkeyPatch) -> list[Request]:
    """What the converter is asked for; the object is its text."""
    requests: list[Request] = []

    def listen_to(request: Request, listen: Listen) -> Answer:
        requests.append(request)
        request.target.write_bytes(b"object")
        return Converted({"frames": 2, "path": "remux"}, request.metadata.sop_instance_uid)

    converting(patch, listen_to)
    return requests


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "data")


def test_a_film_becomes_a_file(tmp_path: Path) -> None:
    source = clip("film.mp4", seconds=0.4, size=(64, 48))
    (tmp_path / "about.json").write_text(json.dumps({"patient": {"name": "Doe^Jane"}, "preset": "dental"}))
    target = tmp_path / "out.dcm"
    out, _ = convert(source, "--output", target, "--sidecar", tmp_path / "about.json", "--patient-id", "P-1")
    held = dcmread(target)
    assert out == f"{source}: {target}, {held.NumberOfFrames} frames, passthrough\n"
    assert (held.PatientName, held.PatientID, held.Modality) == ("Doe^Jane", "P-1", "XC")
    assert left(tmp_path) == ["about.json", "out.dcm"]
    first = target.read_bytes()
    convert(source, "--output", target, "--sidecar", tmp_path / "about.json", "--patient-id", "P-1")
    assert target.read_bytes() == first


def test_several_films_become_files_of_a_folder(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.mov"
    other.write_bytes(FILM + b"2")
    (tmp_path / "other.json").write_text('{"laterality": "L"}')
    requests = asked_of(monkeypatch)
    convert(film, other, "--output", tmp_path / "new", "--patient-id", "P-1")
    assert left(tmp_path / "new") == ["film.dcm", "other.dcm"]
    assert [request.metadata.laterality for request in requests] == ["", "L"]
    assert len({request.metadata.study.uid for request in requests}) == 1  # one patient's, of one command
    assert len({request.metadata.sop_instance_uid for request in requests}) == 2


def test_uids_follow_from_the_file_and_what_is_said(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = asked_of(monkeypatch)
    for options in ([], [], ["--patient-id", "P-2"], ["--sound", "keep"]):
        convert(film, "--output", tmp_path / "x.dcm", *options)
    first, again, *others = [request.metadata.sop_instance_uid for request in requests]
    assert first == again
    assert len({first, *others}) == 3


def test_what_is_said_reaches_the_conversion(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = asked_of(monkeypatch)
    options = ["--hevc", "h264", "--keep-4k", "--rate", "30000/1001", "--laterality", "R", "--preset", "surgery"]
    convert(film, "--output", tmp_path / "x.dcm", *options)
    policy, metadata = requests[0].policy, requests[0].metadata
    assert (policy.hevc, policy.keep_4k, str(policy.rate)) == ("h264", True, "30000/1001")
    assert (metadata.laterality, metadata.preset) == ("R", "surgery")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--patient-name", "x" * 65], "patient.name: expected a name"),
        (["--rate", "fast"], "rate: "),
        (["--step", "7"], "step: There is no such thing"),
        (["--practice", "Nowhere"], "There is no practice Nowhere. There are: North."),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_done(
    options: list[str], text: str, tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = asked_of(monkeypatch)
    with pytest.raises(CommandError, match=text):
        convert(film, "--output", tmp_path / "x.dcm", *options)
    assert not requests


def test_outputs_that_can_not_be(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_of(monkeypatch)
    other = tmp_path / "film.mov"
    other.write_bytes(FILM)
    with pytest.raises(CommandError, match="the same DICOM file"):
        convert(film, other, "--output", tmp_path / "new")
    with pytest.raises(CommandError, match="the place of its film"):
        convert(film, "--output", film)
    with pytest.raises(CommandError, match="no folder"):
        convert(film, "--output", tmp_path / "none" / "x.dcm")
    with pytest.raises(CommandError, match="there is no file"):
        convert(tmp_path / "none.mp4")
    assert film.read_bytes() == FILM


def test_a_broken_sidecar_is_told_by_its_field(tmp_path: Path, film: Path) -> None:
    (tmp_path / "film.json").write_text('{"patient": {"nam": "Doe"}}')
    with pytest.raises(CommandError, match=r"patient\.nam is not known here"):
        convert(film, "--output", tmp_path / "x.dcm")


def test_a_film_that_is_none_ends_with_the_reason(tmp_path: Path, film: Path) -> None:
    with pytest.raises(SystemExit, match=r"1: .*film\.mp4: This is no video that can be read"):
        convert(film, "--output", tmp_path / "x.dcm")
    assert left(tmp_path) == ["film.mp4"]


def test_the_others_are_converted_all_the_same(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(b"")

    def empty_are_refused(request: Request, listen: Listen) -> Answer:
        if not request.source.stat().st_size:
            return Refusal("empty", "The file is empty.")
        request.target.write_bytes(b"object")
        return Converted({"frames": 1, "path": "remux"}, "1.2")

    converting(monkeypatch, empty_are_refused)
    with pytest.raises(SystemExit, match=r"1: .*other\.mp4: The file is empty"):
        convert(other, film, "--output", tmp_path / "new")
    assert left(tmp_path / "new") == ["film.dcm"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_conversion_leaves_nothing(
    number: signal.Signals,
    tmp_path: Path,
    film: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process of the conversion is one that would never end."""
    # Whoever starts the tests in the background may have told them to ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(partial(signal.signal, signal.SIGINT, before))
    monkeypatch.setattr(Program, "command", lambda *_: ["sleep", "100"])
    target = tmp_path / "x.dcm"
    target.write_bytes(b"before")
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def starting(*arguments: Any, **options: Any) -> Any:
        started.append(start(*arguments, **options))
        Timer(0.2, os.kill, (os.getpid(), number)).start()
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", starting)
    with pytest.raises(SystemExit, match="130: Interrupted"):
        convert(film, "--output", target)
    assert (left(tmp_path), target.read_bytes()) == (["film.mp4", "x.dcm"], b"before")
    assert started[0].returncode == -signal.SIGKILL


def test_a_full_disk_is_told(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(request: Request, listen: Listen) -> Answer:
        raise ConversionStopped(converter.CRASHED)

    converting(monkeypatch, fails)
    with pytest.raises(SystemExit, match=r"1: .*ended without a word"):
        convert(film, "--output", tmp_path / "x.dcm")
    assert left(tmp_path) == ["film.mp4"]


class WorkedHere:
    """In the place of the thread that does a job: an in-memory database has no room for two at once."""

    def __init__(self, target: Any, args: tuple[int, Event], **_: Any) -> None:
        self._job = args[0]

    def start(self) -> None:
        worker.run(self._job)

    def join(self) -> None:
        """It has ended."""


@pytest.fixture
def worked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "Thread", WorkedHere)


@in_archive
@pytest.mark.usefixtures("seeming", "worked_here")
def test_a_film_goes_into_the_archive(film: Path) -> None:
    out, _ = convert(film, "--patient-id", "P-1")
    video = Video.objects.get()
    assert out == f"{film}: stored, 2 frames, remux\n"
    assert (video.state, video.source, video.metadata["patient"]) == ("done", "manage.py video", {"id": "P-1"})
    assert Instance.objects.get().sop_instance_uid == video.sop_instance_uid
    assert (kept(), film.exists()) == ([], True)


@in_archive
@pytest.mark.usefixtures("seeming", "worked_here")
def test_the_same_film_again_is_the_same_object(film: Path) -> None:
    convert(film)
    convert(film)
    assert (Instance.objects.count(), Quarantined.objects.count(), Video.objects.count()) == (1, 0, 2)


@in_archive
@pytest.mark.usefixtures("worked_here")
def test_a_film_that_the_archive_does_not_get(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, lambda request, listen: Refusal("damaged", "Too much of it is missing."))
    with pytest.raises(SystemExit, match=r"1: .*Too much of it is missing"):
        convert(film)
    assert not Instance.objects.exists()


@in_archive
@pytest.mark.usefixtures("worked_here")
def test_an_interrupted_film_leaves_nothing(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    presses = [KeyboardInterrupt]

    def waits(job_id: int) -> None:
        """No worker has a place for it; meanwhile somebody presses Ctrl-C."""
        if presses:
            raise presses.pop()

    monkeypatch.setattr(worker, "run", waits)
    with pytest.raises(SystemExit, match="130: Interrupted"):
        convert(film)
    assert (kept(), Video.objects.count(), Instance.objects.count()) == ([], 0, 0)
    assert Job.objects.get().state == "cancelled"


def test_without_a_practice_there_is_nothing_to_do(practice: Practice, film: Path) -> None:
    Practice.objects.all().delete()
    with pytest.raises(CommandError, match="create one in the admin"):
        convert(film)


def test_the_schema_is_printed() -> None:
    out = StringIO()
    call_command("video", "schema", stdout=out)
    assert "laterality" in json.loads(out.getvalue())["properties"]


def test_every_field_of_the_form_is_an_option() -> None:
    assert {camel(name) for name in (*arguments.WHAT, *arguments.HOW, "keep_4k")} == wishes.FIELDS
