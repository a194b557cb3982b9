"""The jaw phantom: its own coordinates, what it is made of, and the objects that hold it."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from pydicom import dcmread

from apps.archive.phantom import cone_beam, jaw


def beside(along: np.typing.ArrayLike, outwards: float, z: np.typing.ArrayLike) -> np.ndarray:
    """The values at places in the arch's coordinates."""
    x = np.linspace(-40, 40, 8001)
    middle = np.interp(np.atleast_1d(along), jaw.arch_length(x), x)
    slope = 2 * jaw.BEND * middle
    steep = np.hypot(slope, 1)
    places = jaw.Where.of(middle + outwards * slope / steep, jaw.arch(middle) - outwards / steep, np.atleast_1d(z))
    return jaw.hounsfield(places, 0.1)


@pytest.mark.parametrize("outwards", [-8.0, -2.5, 0.0, 3.0, 12.0])
def test_the_archs_coordinates_are_those_of_its_nearest_point(outwards: float) -> None:
    x = np.linspace(-38, 38, 39)
    slope = 2 * jaw.BEND * x
    normals = np.stack([slope, -np.ones_like(x)]) / np.hypot(slope, 1)
    places = np.stack([x, jaw.arch(x)]) + outwards * normals
    along, away = jaw.arch_coordinates(places[0], places[1])
    assert along == pytest.approx(jaw.arch_length(x), abs=1e-4)
    assert away == pytest.approx(outwards, abs=1e-4)


def test_deep_in_the_mouth_the_side_of_the_arch_is_the_nearer_one() -> None:
    x, y = np.meshgrid(np.linspace(-30, 30, 13), np.linspace(-20, 40, 13))
    on = np.linspace(-60, 60, 6001)
    away = np.hypot(x[..., None] - on, y[..., None] - jaw.arch(on)).min(axis=-1)
    assert np.abs(jaw.arch_coordinates(x, y)[1]) == pytest.approx(away, abs=0.01)


def test_teeth_have_enamel_dentine_and_pulp() -> None:
    for row, up in ((jaw.UPPER, 1), (jaw.LOWER, -1)):
        middle = float(row.middles[5])
        assert row.is_there[5]
        assert beside(middle, 0, up * 1.0) == pytest.approx(jaw.ENAMEL, rel=0.02)
        assert beside(middle, 1.9, up * 5.0) == pytest.approx(jaw.DENTINE, rel=0.02)
        assert beside(middle, 0, up * 12.0) == pytest.approx(jaw.SOFT, abs=20)


def test_one_tooth_is_an_implant_one_is_missing_and_one_lies() -> None:
    implanted, missing, lying = 13, 15, 0
    assert beside(float(jaw.LOWER.middles[implanted]), 0, -15) == pytest.approx(jaw.METAL, rel=0.01)
    assert beside(float(jaw.LOWER.middles[missing]), 0, -12) < jaw.CORTEX
    assert beside(float(jaw.LOWER.middles[lying]), 0, -2) < jaw.CORTEX
    along, z = np.meshgrid(np.linspace(-68, -54, 29), np.linspace(-22, -8, 29))
    assert beside(along.ravel(), 0, z.ravel()).max() == pytest.approx(jaw.ENAMEL, rel=0.02)


def test_the_canal_runs_through_the_spongy_bone() -> None:
    for along in (-60.0, -45.0, 35.0, 50.0):
        z, outwards = (float(value) for value in jaw.canal(np.array(along)))
        assert beside(along, outwards, z) == pytest.approx(jaw.NERVE, abs=20)
        assert beside(along, outwards, z - 4) == pytest.approx(jaw.SPONGY, abs=30)


def test_it_is_a_volume_of_cone_beam_images() -> None:
    images = [dcmread(BytesIO(data)) for data in cone_beam(8, 40)]
    assert len({image.SOPInstanceUID for image in images}) == 8
    assert {(image.SeriesInstanceUID, image.FrameOfReferenceUID, image.Modality) for image in images} == {
        (images[0].SeriesInstanceUID, images[0].FrameOfReferenceUID, "CT")
    }
    heights = [float(image.ImagePositionPatient[2]) for image in images]
    assert all(above - below == pytest.approx(10) for below, above in pairwise(heights))
    assert (images[0].RescaleType, images[0].ImageType[0]) == ("US", "DERIVED")


def test_only_a_cylinder_was_imaged_and_the_metal_throws_streaks() -> None:
    image = dcmread(BytesIO(list(cone_beam(16, 100))[6]))
    values = image.pixel_array.astype(np.int32) - 1024
    assert (values[0, :20] == jaw.AIR).all()
    assert values.max() > 2800
    level = jaw.Where.of(*(np.array([[v]], np.float32) for v in (30.0, -10.0, -15.0)))
    assert abs(float(jaw.streaks(level, 1000.0)[0, 0])) > 0
    assert float(np.abs(jaw.streaks(level.at(30.0), 1000.0))[0, 0]) < 1


def test_it_is_the_same_every_time_and_another_under_another_name() -> None:
    assert list(cone_beam(2, 16)) == list(cone_beam(2, 16))
    assert not set(cone_beam(2, 16)) & set(cone_beam(2, 16, "other"))
