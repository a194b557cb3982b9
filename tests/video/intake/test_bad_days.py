"""Bad days on a real site: a worker killed in mid-transcode, files that lie, and good ones beside them."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.conftest import new_site
from tests.jobs.site import Site, children, is_alive, wait_until
from tests.video.clips import clip, copied

__all__ = ["new_site"]

BRING = """
import json, sys
from pathlib import Path
from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.video import receiving, wishes
from apps.video.receiving import Sender
practice = Practice.objects.create(name="North")
sender = Sender(Principal.worker(practice.pk), practice.pk, "test", "b" * 32)
films = sorted(Path({folder!r}).iterdir())
read = [wishes.read(practice.pk, {{}}, None, study="1.2.3") for _ in films]
print(json.dumps({{film.name: receiving.receive(film, wish, sender).pk for film, wish in zip(films, read)}}))
"""
LOST = 0.4


@pytest.fixture
def site(new_site: Callable[..., Site]) -> Iterator[Site]:
    site = new_site()
    yield site
    if site.worker and site.worker.poll() is None:
        site.stop_worker(signal.SIGKILL)


def films(folder: Path) -> None:
    """One that has to be encoded, four that need not be, one that lies, one that is cut off, and one of noise."""
    folder.mkdir()
    shutil.copy(clip("slow.webm", codec="libvpx", size=(640, 480), seconds=5), folder / "1 slow.webm")
    for number in range(4):
        shutil.copy(clip("quick.mp4"), folder / f"2 quick {number}.mp4")
    (folder / "3 lying.mp4").write_bytes(b"This is a letter, and no film at all.\n" * 100)
    copied(clip("late.mp4", head_first=False), folder / "4 cut.mp4", share=0.5)
    (folder / "5 noise.mp4").write_bytes(clip("quick.mp4").read_bytes()[:2000] + bytes(range(256)) * 100)


def state_of(site: Site, pk: int) -> dict[str, Any]:
    video = site._rows("SELECT * FROM video_video WHERE id = ?", pk)[0]
    return {**video, "job": site.job(video["job_id"])}


def test_each_ends_in_one_truthful_state_and_nothing_is_left_over(site: Site, tmp_path: Path) -> None:
    films(tmp_path / "films")
    brought: dict[str, int] = json.loads(
        site.manage("shell", "-v", "0", "-c", BRING.format(folder=str(tmp_path / "films")))
    )
    site.start_worker()
    slow = state_of(site, brought["1 slow.webm"])["job_id"]
    site.wait_for(slow, kind="video-transcode", state="running")
    works = site.folder / "video"
    wait_until(lambda: any(works.glob("*/work-*/.converting-*")))
    assert site.worker is not None
    processes = descendants(site.worker.pid)
    site.stop_worker(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, processes)), lambda: str(processes))
    site.start_worker()
    wait_until(
        lambda: all(state_of(site, pk)["last_state"] for pk in brought.values()),
        lambda: str({name: state_of(site, pk)["job"] for name, pk in brought.items()}),
    )
    ended = {name: state_of(site, pk) for name, pk in brought.items()}
    assert {name: each["last_state"] for name, each in ended.items()} == {
        name: "failed" if name[0] in "345" else "done" for name in brought
    }
    assert {name: each["code"] for name, each in ended.items() if name[0] in "34"} == {
        "3 lying.mp4": "notAVideo", "4 cut.mp4": ended["4 cut.mp4"]["code"]
    }  # fmt: skip
    assert all(each["code"] and each["reason"] for name, each in ended.items() if name[0] in "345")
    done = {each["sop_instance_uid"] for each in ended.values() if each["last_state"] == "done"}
    stored = [row["sop_instance_uid"] for row in site._rows("SELECT sop_instance_uid FROM archive_instance")]
    assert (len(done), sorted(stored)) == (5, sorted(done))
    assert site._rows("SELECT * FROM archive_quarantined") == []
    # The files of those that failed wait for another attempt; there is nothing else.
    left = {path.parent.name for path in works.rglob("*") if path.is_file()}
    assert left == {each["folder"] for each in ended.values() if each["last_state"] == "failed"}
    assert [path.name for path in works.rglob("*") if path.is_file()] == ["source"] * 3


def descendants(pid: int) -> list[int]:
    """The processes below this one."""
    own = children(pid)
    return own + [each for child in own for each in descendants(child)]
