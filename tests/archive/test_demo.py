"""The demo command, and the phantom that it loads."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pydicom import dcmread

from apps.accounts.models import Practice
from apps.archive.models import Instance, Patient, Series, Study
from apps.archive.phantom import radiograph, slices


def demo(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    call_command("demo", "--slices", "4", "--size", "32", *options)
    return capsys.readouterr().out


def test_it_loads_studies_into_the_first_practice(practice: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    assert "8 demo studies into North" in demo(capsys)
    volume = Study.objects.get(study_description="CT head")
    assert (volume.practice, volume.instance_count, volume.source) == (practice, 4, "demo")
    assert {"CT", "DX", "US", "MR", "ECG"} == set(Series.objects.values_list("modality", flat=True))
    assert Patient.objects.filter(name="Nguyễn^Minh Anh").exists()


def test_done_again_it_changes_nothing(practice: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    demo(capsys)
    before = list(Instance.objects.order_by("pk").values_list("pk", "file_key"))
    assert "already there" in demo(capsys)
    demo(capsys, "--force")
    assert list(Instance.objects.order_by("pk").values_list("pk", "file_key")) == before


def test_without_a_practice_it_makes_one(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    demo(capsys)
    assert Practice.objects.get().name == "My practice"


def test_it_loads_into_the_practice_that_is_named(
    practice: Practice, other_practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    demo(capsys, "--practice", "South")
    assert set(Study.objects.values_list("practice__name", flat=True)) == {"South"}


@pytest.mark.parametrize("options", [("--practice", "Nowhere"), ("--slices", "0"), ("--size", "9999")])
def test_it_says_what_it_can_not_do(practice: Practice, options: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("demo", *options)


def test_the_phantom_is_a_volume_that_planes_can_be_cut_from() -> None:
    volume = [dcmread(BytesIO(data)) for data in slices(6, 48)]
    assert len({image.SeriesInstanceUID for image in volume}) == 1
    assert len({image.FrameOfReferenceUID for image in volume}) == 1
    assert len({image.SOPInstanceUID for image in volume}) == 6
    heights = [float(image.ImagePositionPatient[2]) for image in volume]
    assert all(above - below == pytest.approx(34) for below, above in pairwise(heights))
    assert [float(spacing) for spacing in volume[0].PixelSpacing] == [5, 5]


def test_the_phantom_has_air_soft_tissue_and_bone() -> None:
    middle = dcmread(BytesIO(list(slices(6, 64))[3]))
    hounsfield = middle.pixel_array.astype(np.int32) + int(middle.RescaleIntercept)
    brain = np.median(hounsfield[28:36, 28:36])
    assert np.median(hounsfield[0]) == pytest.approx(-1000, abs=15)
    assert brain == pytest.approx(30, abs=25)
    assert hounsfield.max() > 700


def test_the_phantom_is_the_same_every_time_and_another_under_another_name() -> None:
    assert list(slices(2, 16)) == list(slices(2, 16))
    uids = {dcmread(BytesIO(data)).SOPInstanceUID for name in ("a", "b") for data in slices(2, 16, name)}
    assert len(uids) == 4


def test_the_radiograph_shows_the_head_and_nothing_around_it() -> None:
    pixels = dcmread(BytesIO(radiograph(64))).pixel_array
    assert pixels[:, 0].max() < 100
    assert pixels[20, 32] > 1500
