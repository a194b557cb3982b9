"""Volumes of contours that people drew on short axis images of a heart, as GROUND_TRUTH.md beside them has them."""

import os
from pathlib import Path

import numpy as np
import pydicom
import pytest

from apps.measurements.content.geometry import area, volume_of_contours
from apps.measurements.content.placing import in_patient
from apps.volumes.geometry.reading import frames_of

SAMPLES = Path(os.environ.get("FOVEA_TEST_SAMPLES", "/nowhere")) / "mr-cardiac-cine-sunnybrook"
# By the images' numbers, of four levels 8 mm apart: the inner contour at end-diastole and at end-systole, in mm2.
DIASTOLE = {40: 2067.8, 60: 1960.4, 80: 2059.2, 100: 1728.1}
SYSTOLE = {28: 732.7, 48: 944.9, 68: 825.5, 88: 751.7}


def contour(number: int) -> np.ndarray:
    """In the patient. The file counts columns and rows."""
    points = np.loadtxt(SAMPLES / f"IM-0001-{number:04}-icontour-manual.txt")
    image = pydicom.dcmread(SAMPLES / f"IM-0009-{number:04}.dcm", stop_before_pixels=True)
    placed = in_patient(points, frames_of(image.to_json_dict(), 0)[0])
    assert placed is not None
    return placed


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_the_volumes_of_a_ventricle() -> None:
    volumes = []
    for truth in (DIASTOLE, SYSTOLE):
        contours = {number: contour(number) for number in truth}
        assert {number: area(each) for number, each in contours.items()} == pytest.approx(truth, abs=0.05)
        volumes.append(volume_of_contours(list(contours.values())))
    end_diastolic, end_systolic = volumes
    assert (end_diastolic, end_systolic) == pytest.approx((62.5, 26.0), abs=0.05)
    assert 100 * (1 - end_systolic / end_diastolic) == pytest.approx(58.4, abs=0.05)


def test_the_same_areas_as_squares() -> None:
    """Without the samples: squares of these areas at these places, the planes askew in the patient."""
    across, down = np.array([0.6, 0.8, 0.0]), np.array([0.0, 0.0, -1.0])
    normal = np.cross(across, down)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2

    def squares(areas: dict[int, float]) -> list[np.ndarray]:
        sides = np.sqrt(list(areas.values()))
        return [corners * side @ np.stack([across, down]) + (8.0 * level) * normal for level, side in enumerate(sides)]

    assert volume_of_contours(squares(DIASTOLE)) == pytest.approx(62.524, abs=1e-6)
    assert volume_of_contours(squares(SYSTOLE)[::-1]) == pytest.approx(26.0384, abs=1e-6)
