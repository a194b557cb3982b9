"""A segmenter in the process that the worker starts for it, and what comes back."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.analysis.apart import asking
from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.segmenters import working
from apps.segmentation.segmenters.opening import voxels_of
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.geometry.written import to_json
from tests.segmentation.phantoms import centred, chest, dice

SEGMENT = "apps.segmentation.segmenters.working:segment"


def quiet(_done: int, _total: int) -> None:
    """Nobody listens."""


def asked(voxels: Voxels, folder: Path, segmenter: str, **more: Any) -> dict[str, Any]:
    """What `volumes.handing` hands over, and what is wanted, as they come through a pipe."""
    np.save(folder / "values.npy", voxels.values)
    handed = {
        "values": str(folder / "values.npy"),
        "shape": voxels.lattice.shape,
        "lattice": to_json(voxels.lattice),
        "slope": voxels.slope,
        "intercept": voxels.intercept,
        "unit": voxels.unit,
        "outside": voxels.outside,
    }
    answer: dict[str, Any] = json.loads(json.dumps({**handed, "folder": str(folder), "segmenter": segmenter, **more}))
    return answer


def test_lungs_come_back_from_a_process_of_their_own(tmp_path: Path) -> None:
    phantom = chest(centred((32, 60, 80), (10.0, 5.0, 5.0)))
    told: list[tuple[int, int]] = []
    answer = asking.answer(
        SEGMENT, asked(phantom.voxels, tmp_path, "lung", options={"threshold": -450.0}), lambda *step: told.append(step)
    )
    assert answer == {"labels": str(tmp_path / "labels.npy"), "numbers": [1, 2], "told": {}}
    labels = np.load(answer["labels"])
    assert labels.dtype == np.uint8
    assert dice(labels == 1, phantom.truth["left lung"]) >= 0.97
    assert told


def test_a_refusal_comes_back_with_its_reason(tmp_path: Path) -> None:
    flat = Voxels(np.zeros((8, 16, 16), np.int16), centred((8, 16, 16), (1.0, 1.0, 1.0)), unit="HU")
    with pytest.raises(Unanswerable, match="no-contrast"):
        asking.answer(SEGMENT, asked(flat, tmp_path, "vessels"), quiet)


def test_values_that_are_no_hounsfield_units_are_refused(tmp_path: Path) -> None:
    grey = Voxels(np.zeros((8, 16, 16), np.int16), centred((8, 16, 16), (1.0, 1.0, 1.0)))
    with pytest.raises(Unanswerable, match="no-hounsfield"):
        working.segment(asked(grey, tmp_path, "bone"), quiet)


@pytest.mark.parametrize("segmenter", ["lung", "airway", "bone", "body", "calcium-candidates"])
def test_nothing_found_is_said(tmp_path: Path, segmenter: str) -> None:
    empty = Voxels(np.full((8, 16, 16), -1000, np.int16), centred((8, 16, 16), (1.0, 1.0, 1.0)), unit="HU")
    with pytest.raises(Unanswerable, match="nothing-found"):
        working.segment(asked(empty, tmp_path, segmenter), quiet)


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    voxels = Voxels(np.zeros((8, 16, 16), np.int16), centred((8, 16, 16), (1.0, 1.0, 1.0)), unit="HU")
    with pytest.raises(ValueError, match="no such segmenter"):
        working.segment(asked(voxels, tmp_path, "liver"), quiet)
    with pytest.raises(ValueError, match="no such option"):
        working.segment(asked(voxels, tmp_path, "bone", options={"depth": 3}), quiet)
    with pytest.raises(ValueError, match="another array"):
        voxels_of({**asked(voxels, tmp_path, "bone"), "shape": [8, 16, 17]})
