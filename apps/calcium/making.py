"""The run of the kind `calcium`: what counts is chosen, scored in a process apart, and told as three objects."""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from apps.analysis.apart import asking as apart
from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.kinds import Inputs, Result, Run
from apps.archive.models import Study
from apps.calcium import chosen, gating, tables
from apps.calcium.chosen import Chosen
from apps.calcium.meaning import meaning
from apps.calcium.objects import picture_file, report_file
from apps.calcium.people import Known
from apps.calcium.report import segments
from apps.calcium.scoring import VERSION, gates
from apps.calcium.scoring.steps import step_of
from apps.core.errors import Conflict
from apps.dicom.attributes import Attributes
from apps.saying import say
from apps.segmentation.making import SegFile, seg_files
from apps.segmentation.objects.facts import Encoding
from apps.volumes import slices
from apps.volumes.cache import opened
from apps.volumes.derived.reaching import volume_in
from apps.volumes.handing import handed
from apps.volumes.models import Volume

FUNCTION: Final = "apps.calcium.scoring.working:scored"
SEGMENTATION: Final = "Coronary calcium: lesions"
OPENING: Final = say("Opening the volume")
SCORING: Final = say("Scoring the calcium")
TELLING: Final = say("Writing the report")
# Of the whole, in thousandths: where the volume is open, and where it is scored.
WHOLE: Final = 1000
OPENED, SCORED = 300, 800


def inputs_of(study: Study, asked: dict[str, Any]) -> Inputs:
    """The volume, what says which calcium counts, and the reference tables: all that the result follows from.

    Raises Invalid for a volume or another object that is none of the study's, and Conflict with all that forbids to
    score the volume.
    """
    volume = volume_in(study, asked)
    said = chosen.object_in(study, asked)
    gating.check(gating.pictured(volume, gating.header_of(volume)), gating.thresholds_of(asked))
    found = slices.inputs_of(volume)
    parts = (found.digest, bytes(said.digest).hex() if said else "", tables.digest())
    own = [said.series.series_instance_uid] if said else []
    return Inputs(
        (*found.series_instance_uids, *own), sha256("\n".join(parts).encode()).hexdigest(), found.flags,
        found.is_quantifiable,
    )  # fmt: skip


def make_calcium(run: Run) -> Result:
    """The lesions as a segmentation, the scores as a report, and a picture; without any calcium no segmentation.

    Raises Invalid, Conflict, ApartFailed, and what `cache.opened`, `masks_of` and `run.tell` raise.
    """
    volume = volume_in(run.study, run.parameters)
    choice = chosen.chosen_in(run.study, run.parameters, volume, run.folder)
    found = _scored(run, volume, choice)
    run.tell(SCORED, WHOLE, TELLING)
    counted = np.load(found["counted"], mmap_mode="r", allow_pickle=False)
    header = gating.header_of(volume)
    summary = _summary(run, volume, header, choice, found)
    lesions = _lesions(run, volume, found["counted"]) if counted.any() else None
    report = report_file(run, volume, header, summary, lesions)
    picture = picture_file(run, volume, opened(volume), counted, summary)
    files = (report, picture) if lesions is None else (lesions.path, report, picture)
    return Result(files, summary)


def _scored(run: Run, volume: Volume, choice: Chosen) -> dict[str, Any]:
    """What `scoring.working` answers."""

    def opening(done: int, total: int) -> None:
        run.tell(OPENED * done // max(total, 1), WHOLE, OPENING)

    def scoring(done: int, total: int) -> None:
        run.tell(OPENED + (SCORED - OPENED) * done // max(total, 1), WHOLE, SCORING)

    thresholds = gating.thresholds_of(run.parameters)
    asked = {
        **handed(volume, run.folder, tell=opening),
        **choice.asked,
        "folder": str(run.folder),
        "vessels": [vessel.value for vessel in choice.vessels],
        "kvp": thresholds.kvp,
        "limits": list(thresholds.limits),
        "source": thresholds.source,
        "calibration": run.parameters.get("calibration"),
    }
    try:
        return apart.answer(FUNCTION, asked, scoring)
    except Unanswerable as why:
        raise Conflict(chosen.words(why)) from why


def _summary(run: Run, volume: Volume, header: Attributes, choice: Chosen, found: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of the scores, in JSON."""
    pictured, thresholds = gating.pictured(volume, header), gating.thresholds_of(run.parameters)
    step = step_of(pictured.lattice)
    scores = found["scores"]
    return {
        "scores": [{"vessel": vessel, **scores[vessel]} for vessel in choice.vessels],
        "total": found["total"],
        **meaning(scores, found["total"]["agatston"], Known.of(run.parameters, header)),
        "thresholds": asdict(thresholds),
        "calibration": run.parameters.get("calibration"),
        "kvp": pictured.kvp,
        "step": step,
        "remarks": gates.remarks(pictured, step, found["total"]["volume"]),
        "leftOut": list(choice.left_out),
    }


def _lesions(run: Run, volume: Volume, labels: str) -> SegFile:
    """The segmentation of what counted: small, so that it is of the kind that older software reads, too."""
    wanted = segments(run.seed, str(VERSION))
    return seg_files(
        run, volume, Path(labels), wanted, role="lesions", description=SEGMENTATION, encoding=Encoding.BINARY
    )
