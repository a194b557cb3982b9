"""Segmentations by a site's own networks and programs: asked for, run as jobs, and read back over the images."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.analysis.apart import asking as apart
from apps.analysis.models import Analysis
from apps.core.errors import Conflict
from apps.jobs import worker
from apps.segmentation.finding import read_all, segmentations, unread
from apps.segmentation.masks import labels_of
from apps.segmentation.models import Segmentation
from apps.volumes.lattices import lattice_of
from apps.volumes.models import Volume
from tests.segmentation.bundles.samples import POINTWISE, body, thresholding, truth, write_bundle
from tests.segmentation.commands.samples import command, program, write_commands
from tests.volumes import phantoms
from tests.volumes.derived.runs import asked, made
from tests.volumes.stored import stored_volume

LATTICE = phantoms.lattice_of((20, 24, 28), (2.0, 2.0, 2.0), origin=(0.0, 0.0, 0.0))


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, body(LATTICE), spacing=(2.0, 2.0, 2.0))


def is_over_the_images(volume: Volume) -> bool:
    """Whether the only segmentation has the truth at every voxel of the volume."""
    read_all(unread(segmentations()))
    found, segments = labels_of(Segmentation.objects.get(), volume)
    assert [segment.type.meaning for segment in segments] == ["Liver", "Kidney"]
    assert segments[1].modifier.meaning == "Left"
    return np.array_equal(found, truth(body(lattice_of(volume))))


def test_a_program_of_the_sites(tmp_path: Path, settings: Settings, user: User, volume: Volume) -> None:
    settings.SEGMENTER_COMMANDS = write_commands(tmp_path / "commands.json", command(program(tmp_path)))
    row = asked(user, "segmentation", volume=volume.pk, segmenter="command:organs")
    ((seg,), _) = made(row)
    assert is_over_the_images(volume)
    assert {each.SegmentAlgorithmName for each in seg.SegmentSequence} == {"Two organs 2.1"}


def test_a_program_that_fails_is_told_in_words(tmp_path: Path, settings: Settings, user: User, volume: Volume) -> None:
    settings.SEGMENTER_COMMANDS = write_commands(tmp_path / "commands.json", command(program(tmp_path), "fails"))
    row = asked(user, "segmentation", volume=volume.pk, segmenter="command:organs")
    assert reason_of(row) == "The program failed (exit status 3). Ask who administers this site."


def test_another_version_gives_another_result(tmp_path: Path, settings: Settings, user: User, volume: Volume) -> None:
    path = tmp_path / "commands.json"
    settings.SEGMENTER_COMMANDS = write_commands(path, command(program(tmp_path)))
    row = asked(user, "segmentation", volume=volume.pk, segmenter="command:organs")
    ((before,), _) = made(row)
    job = row.job_id
    write_commands(path, command(program(tmp_path), version="2.2"))
    again = asked(user, "segmentation", volume=volume.pk, segmenter="command:organs")
    assert (again.pk, again.job_id == job) == (row.pk, False)
    ((after,), _) = made(again)
    assert after.SOPInstanceUID != before.SOPInstanceUID


def test_what_has_problems_is_refused_at_once(tmp_path: Path, settings: Settings, user: User, volume: Volume) -> None:
    settings.SEGMENTER_COMMANDS = write_commands(tmp_path / "commands.json", command(Path("/nowhere")))
    with pytest.raises(Conflict, match="ask who administers this site"):
        asked(user, "segmentation", volume=volume.pk, segmenter="command:organs")


@pytest.mark.skipif(find_spec("monai") is None, reason="PyTorch and MONAI are not installed (requirements/ai.txt).")
def test_a_bundle_of_the_sites_in_a_process_of_its_own(
    tmp_path: Path, settings: Settings, user: User, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BUNDLES = tmp_path
    thresholding(write_bundle(tmp_path / "organs", by=POINTWISE), 1, (0, 0, 0))
    told = listened_to(monkeypatch)
    row = asked(user, "segmentation", volume=volume.pk, segmenter="bundle:organs")
    ((seg,), _) = made(row)
    assert is_over_the_images(volume)
    assert row.summary["told"]["device"] in ("cpu", "cuda")
    (family,) = seg.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence[0].AlgorithmFamilyCodeSequence
    assert family.CodeMeaning == "Artificial Intelligence"
    # Windows of 16 that overlap by a quarter: two along each axis, and two of them at once.
    assert told == [(2, 8), (4, 8), (6, 8), (8, 8)]


def listened_to(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What processes of their own tell of how far they are."""
    told: list[tuple[int, int]] = []
    answer = apart.answer

    def listening(function: str, given: Any, listen: Any, **others: Any) -> dict[str, Any]:
        def heard(done: int, total: int) -> None:
            told.extend([(done, total)] if total else [])
            listen(done, total)

        return answer(function, given, heard, **others)

    monkeypatch.setattr(apart, "answer", listening)
    return told


def reason_of(row: Analysis) -> str:
    """Why the row's job failed."""
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert row.last_state == "failed"
    return row.reason
