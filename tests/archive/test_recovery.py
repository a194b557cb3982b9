"""After a kill: what was staged and what no row names is swept; `verify` finds what is wrong."""

import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.archive import intents, storage
from apps.archive.models import Instance
from tests import dicoms
from tests.archive.conftest import Store

pytestmark = pytest.mark.django_db


def dead_process(*, keys: list[str]) -> Path:
    """The staging folder of a process that was killed after it had kept these keys."""
    folder = Path(settings.DATA) / "incoming" / "1-dead"
    folder.mkdir(parents=True)
    (folder / storage.LOCK_NAME).touch()
    (folder / "half-an-object").write_bytes(b"half")
    (folder / f"batch{intents.SUFFIX}").write_text("\n".join(keys), encoding="ascii")
    return folder


def orphan(key: str) -> Path:
    path: Path = storage.site_objects().root / key  # type: ignore[attr-defined]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"orphan")
    return path


def test_a_sweep_removes_orphans_and_keeps_what_is_indexed(store: Store) -> None:
    store(dicoms.ct_slice())
    indexed = Instance.objects.get().file_key
    lost = orphan("000/aa")
    folder = dead_process(keys=[indexed, "000/aa"])
    assert storage.sweep() == 1
    assert not lost.exists()
    assert not folder.exists()
    assert storage.site_objects().size(indexed)


def test_a_sweep_leaves_living_processes_alone(store: Store) -> None:
    store(dicoms.ct_slice())
    mine = storage.staging().folder
    program = f"""
import fcntl
lock = open({str(mine / storage.LOCK_NAME)!r}, 'ab')
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print('held')
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "held"
    storage.sweep()
    assert mine.exists()


def test_verify_is_content_with_a_sound_archive(store: Store) -> None:
    store(*dicoms.ct_series(3))
    out = StringIO()
    call_command("verify", stdout=out)
    assert "3 objects checked: the index and the files agree." in out.getvalue()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda path: path.unlink(), "its file is missing"),
        (lambda path: path.write_bytes(b"short"), "its file has 5 bytes instead of"),
        (lambda path: path.write_bytes(bytes(path.stat().st_size)), "its bytes have changed"),
    ],
)
def test_verify_finds_damage(store: Store, damage: object, problem: str) -> None:
    store(dicoms.ct_slice())
    path = storage.site_objects().root / Instance.objects.get().file_key  # type: ignore[attr-defined]
    damage(path)  # type: ignore[operator]
    out = StringIO()
    with pytest.raises(CommandError, match="1 not as they should be"):
        call_command("verify", stdout=out)
    assert problem in out.getvalue()


def test_verify_finds_files_without_rows_and_removes_them_when_told(store: Store) -> None:
    store(dicoms.ct_slice())
    lost = orphan("000/bb")
    with pytest.raises(CommandError):
        call_command("verify", stdout=StringIO())
    call_command("verify", remove_unindexed=True, stdout=StringIO())
    assert not lost.exists()


def test_a_sweep_without_anything_to_do_does_nothing() -> None:
    shutil.rmtree(Path(settings.DATA), ignore_errors=True)
    assert storage.sweep() == 0
