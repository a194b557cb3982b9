"""External commands at work: a real program, in a process of its own, over volumes that lie anyhow."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.analysis.apart.asking import answer
from apps.analysis.apart.refusing import Unanswerable
from apps.jobs.handle import Cancelled
from apps.segmentation.commands import working
from tests.segmentation.bundles.samples import asked_of, body, truth
from tests.segmentation.commands.samples import program
from tests.volumes.phantoms import lattice_of

SHAPE, SPACING = (16, 20, 24), (2.0, 2.0, 2.0)


def silent(done: int, total: int) -> None:
    """Nobody listens."""


def asked(folder: Path, how: str = "works", lattice: Any = None, **changes: Any) -> dict[str, Any]:
    lattice = lattice or lattice_of(SHAPE, SPACING)
    return asked_of(body(lattice), lattice, folder) | {
        "arguments": [str(program(folder)), how, "{input}", "{output}", "{folder}"], "environment": {"THREADS": "1"},
        "seconds": 60, "numbers": [1, 2], **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    "lattice",
    [
        lattice_of(SHAPE, SPACING, rotation=(0, 90, 90)),
        lattice_of(SHAPE, (2.5, 2.0, 1.5), rotation=(20, 10, -15)),
    ],
    ids=["sagittal", "oblique"],
)
def test_labels_lie_on_the_voxels_that_they_are_of(tmp_path: Path, lattice: Any) -> None:
    found = working.segment(asked(tmp_path, lattice=lattice), silent)
    assert found["numbers"] == [1, 2]
    np.testing.assert_array_equal(np.load(found["labels"]), truth(body(lattice)))


def test_a_tilted_uneven_series_gets_its_labels_back_on_its_own_slices(tmp_path: Path) -> None:
    offsets = np.cumsum([0, *[2.0, 2.5] * 10])[: SHAPE[0]].tolist()
    lattice = lattice_of(SHAPE, SPACING, tilt=15, offsets=offsets)
    labels = np.load(working.segment(asked(tmp_path, lattice=lattice), silent)["labels"])
    wanted = truth(body(lattice))
    assert labels.shape == lattice.shape
    assert 2 * np.sum((labels > 0) & (wanted > 0)) / (np.sum(labels > 0) + np.sum(wanted > 0)) > 0.9


def test_labels_without_a_name_are_left_out(tmp_path: Path) -> None:
    found = working.segment(asked(tmp_path, numbers=[2]), silent)
    assert (found["numbers"], np.unique(np.load(found["labels"])).tolist()) == ([2], [0, 2])


def test_a_program_has_nothing_of_the_sites_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEA_SECRET_KEY", "secret")
    assert working.segment(asked(tmp_path, "environment"), silent)["numbers"] == [1, 2]


@pytest.mark.parametrize(
    ("how", "changes", "reason"),
    [
        ("fails", {}, "command-failed"),
        ("elsewhere", {}, "command-elsewhere"),
        ("garbage", {}, "command-unreadable"),
        ("works", {"arguments": ["/bin/true", "{input}", "{output}"]}, "command-no-output"),
        ("works", {"arguments": ["/nowhere", "{input}", "{output}"]}, "command-unstarted"),
        ("works", {"numbers": [7]}, "nothing-found"),
        ("hangs", {"seconds": 0.5}, "command-late"),
    ],
)
def test_what_goes_wrong_is_told(tmp_path: Path, how: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unanswerable) as why:
        working.segment(asked(tmp_path, how, **changes), silent)
    assert why.value.reason == reason


def test_who_stops_it_ends_all_that_the_program_started(tmp_path: Path) -> None:
    begun = tmp_path / "command" / "begun"

    def listen(done: int, total: int) -> None:
        if begun.exists() and begun.read_text():
            raise Cancelled

    with pytest.raises(Cancelled):
        answer("apps.segmentation.commands.working:segment", asked(tmp_path, "hangs"), listen)
    group = int(begun.read_text())
    wait_until_gone(group)


def wait_until_gone(group: int) -> None:
    """Fails where processes of the group are left after a long while."""
    for _ in range(300):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("Processes of the command are left.")
