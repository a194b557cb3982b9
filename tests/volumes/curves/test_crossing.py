"""Cross-sections of the arch: upright on it, and where they say they are."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from apps.archive.phantom import jaw
from apps.volumes.curves.arch import curve
from apps.volumes.curves.crossing import CrossSections, cross_section_at, cross_sections, places_of
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Plane
from apps.volumes.resampling.reformatting import reformat
from tests.volumes.curves.arches import jaw_arch, small_arch
from tests.volumes.jaws import jaw_voxels
from tests.volumes.phantoms import LINEAR, lattice_of, linear, linear_at

WANTED = CrossSections(interval=4.0, width=10.0, top=6.0, bottom=-6.0, spacing=0.5)


@pytest.fixture(scope="module")
def jaws() -> Voxels:
    return jaw_voxels(0.8)


def points_of(plane: Plane) -> np.ndarray:
    rows, columns = np.arange(plane.rows) * plane.row_spacing, np.arange(plane.columns) * plane.column_spacing
    beside = np.multiply.outer(rows, plane.down)[:, None] + np.multiply.outer(columns, plane.across)[None]
    return np.asarray(plane.origin) + beside


def test_they_stand_along_the_arch_at_the_interval() -> None:
    line = curve(small_arch(), 0.1)
    planes = cross_sections(line, WANTED)
    assert len(planes) == int(line.length / 4) + 1
    assert places_of(line, WANTED)[:3] == [0, 4, 8]
    for at, plane in zip(places_of(line, WANTED), planes, strict=True):
        middle = points_of(plane)[0].mean(axis=0)
        assert np.abs(middle[:2] - line.points[round(at / 0.1)]).max() < 1e-6
        assert middle[2] == 6.0


def test_they_are_drawn_from_tongue_to_cheek_with_the_head_up() -> None:
    line = curve(small_arch(), 0.1)
    plane = cross_section_at(line, line.length / 2, WANTED)
    # At the front, the cheek's side is the lips'.
    assert plane.across == pytest.approx((0, -1, 0), abs=1e-6)
    assert plane.down == (0, 0, -1)
    assert (plane.rows, plane.columns) == (25, 21)
    right = cross_section_at(line, 0.0, WANTED)
    assert right.across[0] < -0.8
    for each in cross_sections(line, WANTED):
        assert np.linalg.norm(each.across) == pytest.approx(1)


def test_a_volume_that_is_linear_is_cut_exactly() -> None:
    voxels = linear(lattice_of((40, 44, 48), rotation=(14, -9, 20), origin=(-20, -26, -18)))
    for plane in cross_sections(curve(small_arch(), 0.1), replace(WANTED, width=6.0)):
        assert np.abs(reformat(voxels, plane) - linear_at(points_of(plane), *LINEAR)).max() <= 1e-3


def test_the_last_place_of_the_arch_has_one_and_none_lies_beyond() -> None:
    line = curve(small_arch(), 3.0)
    x, y = points_of(cross_section_at(line, line.length, WANTED))[0].mean(axis=0)[:2]
    assert (x, y) == pytest.approx(small_arch().points[-1])
    for at in (-0.1, line.length + 0.1, nan):
        with pytest.raises(ValueError, match="mm long"):
            cross_section_at(line, at, WANTED)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"interval": 0.0}, "interval"),
        ({"interval": nan}, "interval"),
        ({"width": 1000.0}, "wide"),
        ({"width": 0.1}, "wide"),
        ({"top": nan}, "millimetres"),
        ({"top": -7.0}, "above"),
        ({"top": 6000.0}, "above"),
        ({"spacing": 0.0}, "spacing"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_words(changed: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cross_sections(curve(small_arch(), 0.1), replace(WANTED, **changed))


def test_there_are_never_more_than_can_be_looked_at() -> None:
    with pytest.raises(ValueError, match="at most 2000"):
        places_of(replace(curve(small_arch(), 0.1), length=201.0), replace(WANTED, interval=0.1))


def jaw_section(jaws: Voxels, along: float) -> np.ndarray:
    """The cross-section of the jaw so far from the middle: rows from z 10 down, columns from 15 mm within, 0.5 mm."""
    line = curve(jaw_arch(), 0.25)
    at = float(jaw.arch_length(np.array(31.0))) + along
    return reformat(jaws, cross_section_at(line, at, CrossSections(1, 30.0, 10.0, -40.0, 0.5)))


def test_the_canal_of_the_nerve_is_seen_where_it_runs(jaws: Voxels) -> None:
    for along in (-45.0, 45.0):
        z, outwards = jaw.canal(np.array(along))
        section = jaw_section(jaws, along)
        row, column = round((10 - float(z)) / 0.5), round((15 + float(outwards)) / 0.5)
        assert section[row, column] < 250
        assert section[row - 12 : row + 13, column].max() > 400


def test_the_implant_is_seen_at_the_patients_left_alone(jaws: Voxels) -> None:
    middle = float(jaw.LOWER.middles[13])
    rows = slice(round((10 + 12) / 0.5), round((10 + 18) / 0.5))
    assert jaw_section(jaws, middle)[rows, 28:33].min() > 2000
    assert jaw_section(jaws, -middle)[rows, 28:33].max() < 2000
