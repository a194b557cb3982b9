"""Objects that this server wrote itself are taken into the archive without being copied."""

from pathlib import Path

import pytest
from blake3 import blake3
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.archive.storage import site_objects, staging
from apps.archive.store import Batch, Origin, Outcome, Status
from apps.core.errors import OutOfSpace
from tests import dicoms

pytestmark = pytest.mark.django_db
MOST = 1 << 20


@pytest.fixture
def file(settings: Settings) -> Path:
    path: Path = settings.DATA / "made.dcm"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"MZ".ljust(128, b"\x90") + dicoms.ct_slice()[128:])
    return path


def adopt(practice: Practice, file: Path, most: int = MOST) -> Outcome:
    with Batch(Origin("test", practice.pk, "test")) as batch:
        batch.adopt(file, most=most)
        return batch.commit()[0]


def test_it_is_moved_its_preamble_zeroed(practice: Practice, file: Path) -> None:
    inode = file.stat().st_ino
    assert adopt(practice, file).status is Status.STORED
    stored = Instance.objects.get()
    place = site_objects().path(stored.file_key)
    assert place is not None
    assert (place.stat().st_ino, file.exists(), place.read_bytes()) == (inode, False, dicoms.ct_slice())
    assert bytes(stored.digest) == blake3(dicoms.ct_slice()).digest()


def test_what_is_known_already_goes(practice: Practice, file: Path) -> None:
    with Batch(Origin("test", practice.pk, "test")) as batch:
        batch.receive([dicoms.ct_slice()])
        batch.commit()
    assert adopt(practice, file).status is Status.KNOWN
    assert (Instance.objects.count(), file.exists()) == (1, False)
    assert [path.name for path in staging().folder.iterdir() if len(path.name) == 32] == []


def test_what_is_too_large_or_no_object_is_refused(practice: Practice, file: Path) -> None:
    assert adopt(practice, file, most=10).status is Status.REFUSED
    assert file.exists()
    file.write_bytes(b"no object")
    assert adopt(practice, file).status is Status.REFUSED
    assert Instance.objects.count() == 0


def test_a_disk_that_fails_leaves_it_where_it_is(
    practice: Practice, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OutOfSpace):
        adopt(practice, file)
    assert (file.exists(), Instance.objects.count()) == (True, 0)
