"""`manage.py volumes`: which there are, and planes of them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from apps.accounts.models import Practice
from apps.volumes.cache import is_ready
from apps.volumes.models import Volume
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.volumes.api.conftest import values
from tests.volumes.series import ct_series
from tests.volumes.stored import store, stored_volume

pytestmark = pytest.mark.django_db


def said(*arguments: object) -> str:
    output = StringIO()
    call_command("volumes", *map(str, arguments), stdout=output, stderr=output)
    return output.getvalue()


@pytest.mark.parametrize("uid", [dicoms.STUDY_UID, dicoms.SERIES_UID])
def test_the_volumes_of_a_study_or_a_series_are_shown(volume: Volume, uid: str) -> None:
    assert f"{volume.pk}: 6 x 10 x 12 voxels of 2 x 1 x 1 mm" in said("list", uid)


def test_what_is_wrong_and_what_is_left_out_is_said(practice: Practice) -> None:
    stored_volume(practice, values(), positions=(0, 2, 4, 10, 12, 14))
    keep(practice, dicoms.ct_slice(SeriesInstanceUID=dicoms.uid(1, 9), SOPInstanceUID=dicoms.uid(1, 9, 1)))
    shown = said("list", dicoms.STUDY_UID)
    assert "not quantifiable" in shown
    assert "Slices are missing" in shown
    assert "1 image is by itself" in shown


def test_series_that_nobody_looked_at_are_found(practice: Practice) -> None:
    store(practice, ct_series(values()))
    assert "1 volumes in 1 series." in said("find")
    assert Volume.objects.count() == 1
    assert "0 volumes in 0 series." in said("find")


def test_a_volume_is_read_into_the_cache(volume: Volume) -> None:
    assert not is_ready(volume)
    assert "ready" in said("build", volume.pk)
    assert is_ready(volume)


@pytest.mark.parametrize(("name", "kind"), [("plane.png", "PNG"), ("plane.JPG", "JPEG")])
def test_a_plane_is_drawn(volume: Volume, tmp_path: Path, name: str, kind: str) -> None:
    said("plane", volume.pk, "coronal", "--index", 2, "--slab", 3, "--output", tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size) == (kind, (12, 11))


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "1.2.3"), ("build", 99_999), ("plane", 99_999, "axial", "--output", "x.png"),
        ("plane", "{volume}", "axial", "--output", "x.gif"),
        ("plane", "{volume}", "axial", "--slab", -1, "--output", "x.png"),
        ("plane", "{volume}", "axial", "--index", 6, "--output", "x.png"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(volume: Volume, arguments: tuple[object, ...]) -> None:
    with pytest.raises(CommandError):
        said(*(str(each).format(volume=volume.pk) for each in arguments))
    assert not Path("x.png").exists()
