"""The watch folder: what is taken when, what becomes of it, and what is left alone."""

import json
import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.core.errors import OutOfSpace, Unavailable
from apps.jobs import worker
from apps.jobs.models import Job
from apps.ops import parts
from apps.video import receiving, watching
from apps.video.converter import Refusal
from apps.video.models import Video
from apps.video.watching import CannotWatch, Watcher, only_watcher
from tests.video.intake.brought import FILM, converting

pytestmark = pytest.mark.django_db


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.VIDEO_WATCH_SECONDS = 10
    settings.VIDEO_WATCH_PRESET = ""
    made = tmp_path / "watched"
    made.mkdir()
    with only_watcher(made):
        pass
    return made


@pytest.fixture
def watcher(folder: Path, practice: Practice, clock: Clock) -> Watcher:
    return Watcher(folder, practice.pk, clock)


def put(folder: Path, name: str = "film.mp4", content: bytes = FILM) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rest(watcher: Watcher, clock: Clock) -> None:
    """Two looks, as far apart as a file must rest."""
    watcher.look()
    clock.now += 10
    watcher.look()


def work() -> None:
    for pk in Video.objects.exclude(job=None).values_list("job_id", flat=True):
        worker.run(pk)


def files(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if not name.startswith("."))


@pytest.mark.usefixtures("seeming")
def test_a_film_goes_its_way(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder)
    watcher.look()
    clock.now += 9.9
    watcher.look()
    assert not Video.objects.exists()
    clock.now += 0.1
    watcher.look()
    video = Video.objects.get()
    assert (video.name, video.source, files(folder)) == (
        "film.mp4",
        "watch folder",
        [f"converting/{video.pk}/film.mp4"],
    )
    watcher.look()
    assert Video.objects.count() == 1
    work()
    watcher.look()
    assert (files(folder), Instance.objects.count()) == (["done/film.mp4"], 1)
    assert not list((folder / "converting").iterdir())


@pytest.mark.usefixtures("seeming")
def test_a_film_that_grows_is_waited_for(folder: Path, watcher: Watcher, clock: Clock) -> None:
    film = put(folder)
    for _ in range(3):
        watcher.look()
        clock.now += 6
        with film.open("ab") as growing:
            growing.write(b"more")
    watcher.look()
    assert not Video.objects.exists()
    clock.now += 10
    watcher.look()
    assert Video.objects.get().size == len(FILM) + 12


@pytest.mark.usefixtures("seeming")
@pytest.mark.parametrize("name", ["film.json", "film.mp4.json"])
def test_what_lies_beside_is_said_of_it(name: str, folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder)
    put(folder, name, json.dumps({"patient": {"name": "Doe^Jane"}, "preset": "dental"}).encode())
    rest(watcher, clock)
    assert Video.objects.get().metadata["patient"] == {"name": "Doe^Jane"}
    work()
    watcher.look()
    assert files(folder) == ["done/film.mp4", "done/film.mp4.json"]


def test_a_sidecar_that_grows_is_waited_for(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder)
    watcher.look()
    clock.now += 10
    put(folder, "film.json", b"{")
    watcher.look()
    assert (Video.objects.count(), files(folder)) == (0, ["film.json", "film.mp4"])


def test_a_sidecar_that_is_wrong_refuses_its_film(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder)
    put(folder, "film.json", b'{"patient": {"nam": "Doe"}}')
    rest(watcher, clock)
    assert files(folder) == ["refused/film.mp4", "refused/film.mp4.json", "refused/film.mp4.txt"]
    assert "patient.nam is not known here" in (folder / "refused/film.mp4.txt").read_text()
    assert not Video.objects.exists()


def test_a_film_that_can_not_be_converted(
    folder: Path, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    converting(monkeypatch, lambda request, listen: Refusal("damaged", "Too much of it is missing."))
    for content in (FILM, FILM + b"2"):
        put(folder, content=content)
        rest(watcher, clock)
        work()
        watcher.look()
    assert files(folder) == [
        *("refused/film-2.mp4", "refused/film-2.mp4.txt", "refused/film.mp4", "refused/film.mp4.txt"),
    ]
    assert (folder / "refused/film.mp4.txt").read_text() == "Too much of it is missing.\n"


def test_an_empty_file_is_refused(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder, content=b"")
    rest(watcher, clock)
    assert (folder / "refused/film.mp4.txt").read_text() == "film.mp4: The file is empty.\n"


@pytest.mark.usefixtures("seeming")
def test_a_film_whose_row_is_gone_or_cancelled(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder, "a.mp4")
    put(folder, "b.mp4", FILM + b"2")
    rest(watcher, clock)
    Video.objects.get(name="a.mp4").delete()
    Job.objects.update(state="cancelled")
    watcher.look()
    assert (folder / "refused/a.mp4.txt").read_text().startswith("The video was removed")
    assert (folder / "refused/b.mp4.txt").read_text().startswith("The conversion was cancelled")


def test_what_is_left_alone(folder: Path, watcher: Watcher, clock: Clock, tmp_path: Path) -> None:
    for name in (".hidden.mp4", "film.mp4.part", "film.TMP", "film.crdownload", "alone.json"):
        put(folder, name)
    (folder / "link.mp4").symlink_to(put(tmp_path, "secret.mp4"))
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    rest(watcher, clock)
    assert not Video.objects.exists()
    assert (folder / "link.mp4").is_symlink()


@pytest.mark.usefixtures("seeming")
def test_another_watcher_goes_on(folder: Path, watcher: Watcher, clock: Clock, practice: Practice) -> None:
    put(folder)
    rest(watcher, clock)
    work()
    Watcher(folder, practice.pk, clock).look()
    assert files(folder) == ["done/film.mp4"]


@pytest.mark.usefixtures("seeming")
def test_a_film_that_was_taken_twice_is_one_object(
    folder: Path, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watcher is killed after the row is written, and before the film is moved."""
    put(folder)

    def killed(film: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            rest(watcher, clock)
    assert files(folder) == ["film.mp4"]
    rest(watcher, clock)
    work()
    watcher.look()
    assert (Video.objects.count(), Instance.objects.count(), files(folder)) == (2, 1, ["done/film.mp4"])


def test_without_room_a_film_waits(
    folder: Path, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OutOfSpace

    put(folder)
    monkeypatch.setattr(receiving, "receive", full)
    with pytest.raises(OutOfSpace):
        rest(watcher, clock)
    assert files(folder) == ["film.mp4"]


@pytest.mark.usefixtures("seeming")
def test_a_film_that_can_not_be_read_does_not_keep_the_others(
    folder: Path, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.mp4")
    put(folder, "b.mp4", FILM + b"2")
    receive = receiving.receive

    def without_a(path: Path, *arguments: Any) -> Video:
        if path.name == "a.mp4":
            raise Unavailable
        return receive(path, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "receive", without_a)
        rest(watcher, clock)
        watcher.look()
    assert list(Video.objects.values_list("name", flat=True)) == ["b.mp4"]
    clock.now += 10
    watcher.look()
    assert Video.objects.count() == 2


@pytest.mark.parametrize("name", ["x" * 251 + ".mp4", "é" * 125 + ".mp4", "z." + "s" * 250])
@pytest.mark.usefixtures("seeming")
def test_long_names(name: str, folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder, name, b"")
    rest(watcher, clock)
    assert len(files(folder)) == 2
    assert all(each.startswith("refused/") for each in files(folder))


@pytest.mark.usefixtures("seeming")
def test_names_that_are_no_text(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder, os.fsdecode(b"film\xff.mp4"))
    rest(watcher, clock)
    assert Video.objects.get().name == "film?.mp4"
    work()
    watcher.look()
    assert files(folder) == [os.fsdecode(b"done/film\xff.mp4")]


@pytest.mark.usefixtures("seeming")
def test_what_is_put_among_those_that_wait_moves_along(folder: Path, watcher: Watcher, clock: Clock) -> None:
    put(folder)
    rest(watcher, clock)
    for name in ("other.txt", "more.json"):
        put(folder / "converting" / str(Video.objects.get().pk), name)
    work()
    watcher.look()
    watcher.look()
    assert files(folder) == ["done/film.mp4", "done/more.json", "done/other.txt"]
    assert not list((folder / "converting").iterdir())


def test_whoever_may_use_the_folder_may_read_what_is_the_matter(
    tmp_path: Path, practice: Practice, clock: Clock, settings: Settings
) -> None:
    settings.VIDEO_WATCH_SECONDS = 10
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o770)
    with only_watcher(shared):
        put(shared, content=b"").chmod(0o664)
        rest(Watcher(shared, practice.pk, clock), clock)
    assert (shared / "refused").stat().st_mode & 0o777 == 0o770
    assert (shared / "refused" / "film.mp4.txt").stat().st_mode & 0o777 == 0o664


@pytest.mark.usefixtures("seeming")
def test_only_so_many_are_taken_at_once(
    folder: Path, watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_CONVERTING", 2)
    for number in range(3):
        put(folder, f"{number}.mp4", FILM + bytes([number]))
        os.utime(folder / f"{number}.mp4", (0, 10 - number))
    rest(watcher, clock)
    assert sorted(Video.objects.values_list("name", flat=True)) == ["1.mp4", "2.mp4"]
    work()
    rest(watcher, clock)
    assert Video.objects.count() == 3


@pytest.mark.usefixtures("seeming")
def test_films_without_a_sidecar_are_of_the_preset(
    folder: Path, watcher: Watcher, clock: Clock, settings: Settings
) -> None:
    settings.VIDEO_WATCH_PRESET = "surgery"
    put(folder)
    rest(watcher, clock)
    assert Video.objects.get().preset == "surgery"


def test_what_fails_for_a_moment_does_not_end_the_watch(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, looks = Event(), []

    def look() -> None:
        looks.append(1)
        if len(looks) == 2:
            stopping.set()
        raise OSError

    monkeypatch.setattr(watching, "LOOK", 0)
    monkeypatch.setattr(watcher, "look", look)
    watcher.run(stopping)
    assert len(looks) == 2


def test_a_folder_has_one_watcher(folder: Path, tmp_path: Path) -> None:
    with only_watcher(folder), pytest.raises(CannotWatch, match="watched already"), only_watcher(folder):
        pass
    with pytest.raises(CannotWatch, match="can't be watched"), only_watcher(tmp_path / "none"):
        pass


def test_the_command_says_what_is_missing(folder: Path, practice: Practice, settings: Settings) -> None:
    settings.VIDEO_WATCH = None
    with pytest.raises(CommandError, match="FOVEA_VIDEO_WATCH"):
        call_command("video", "watch")
    with only_watcher(folder), pytest.raises(CommandError, match="watched already"):
        call_command("video", "watch", str(folder))
    settings.VIDEO_WATCH_PRESET = "x"
    with pytest.raises(CommandError, match="may be endoscopy"):
        call_command("video", "watch", str(folder))


def test_the_server_watches_where_a_folder_is_named(folder: Path, settings: Settings) -> None:
    settings.VIDEO_WATCH = None
    assert "watch" not in parts.wanted()
    settings.VIDEO_WATCH = folder
    assert "watch" in parts.wanted()
    assert parts.part("watch").command[-2:] == ("video", "watch")
