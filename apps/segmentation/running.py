"""The run that segments a volume: a process of its own finds the labels, and a SEG and a report come of them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from apps.analysis.apart import asking
from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.kinds import Inputs, Result, Run
from apps.analysis.verifying import unverified
from apps.archive.models import Study
from apps.core.errors import Conflict, Invalid
from apps.saying import Sentence, say
from apps.segmentation import choosing
from apps.segmentation.choosing import Described
from apps.segmentation.making import SegFile, seg_files
from apps.segmentation.objects.facts import Encoding
from apps.segmentation.objects.statistics import Statistics, statistics_of
from apps.segmentation.reporting import MEASURING, Measured, told, write_report
from apps.volumes import cache, slices
from apps.volumes.derived.making import OPENED, WHOLE, Progress
from apps.volumes.derived.naming import of_source
from apps.volumes.derived.reaching import volume_in
from apps.volumes.handing import handed
from apps.volumes.models import Volume

# Of the whole, in thousandths: where the labels are found.
FOUND: Final = 900
SEGMENTING: Final = say("Segmenting")
HOUNSFIELD: Final = "HU"


def segmentation_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Invalid for a volume that is none of the study's or that the segmenter isn't made for, Conflict where the
    site can't use the segmenter.
    """
    volume = volume_in(study, asked)
    described = _described(asked)
    _check(described, volume)
    of_volume = slices.inputs_of(volume)
    digest = hashlib.sha256(f"{of_volume.digest}\n{described.digest}".encode()).hexdigest()
    return Inputs(of_volume.series_instance_uids, digest, of_volume.flags, of_volume.is_quantifiable)


def make_segmentation(run: Run) -> Result:
    """The segmentation, and of a quantifiable volume a report of its segments' sizes and values.

    Raises Conflict for what can't be segmented, with what to do about it; ApartFailed, Invalid, and what opening the
    volume and `run.tell` raise.
    """
    volume, described = volume_in(run.study, run.parameters), _described(run.parameters)
    answer = _answer(run, volume, described)
    labels, encoding = Path(answer["labels"]), Encoding(run.parameters["encoding"])
    name = of_source(described.title, volume.series.series_description)
    made = seg_files(run, volume, labels, described.segments, role="segmentation", description=name, encoding=encoding)
    statistics = _statistics(run, volume, labels)
    summary = _summary(described, made, statistics, volume) | {"told": answer.get("told", {})}
    return Result(tuple(_files(run, volume, made, statistics, name)), summary)


def _described(asked: Mapping[str, Any]) -> Described:
    described = choosing.find(asked["segmenter"])
    if described is None:
        raise _refused(say("There is no such segmenter: see /api/segmenters."))
    # Who may not use it is told so in the request.
    choosing.run_function(described.name)
    return described


def _check(described: Described, volume: Volume) -> None:
    modality = volume.series.modality
    if not described.takes(modality):
        raise _refused(
            say(
                "{title} is made for {modalities}, and this series is {modality}.",
                title=described.title,
                modalities=", ".join(described.modalities),
                modality=modality,
            )
        )
    if described.needs_hu and volume.scale["unit"] != HOUNSFIELD:
        raise _refused(say("{title} goes by Hounsfield units, which this series doesn't have.", title=described.title))


def _refused(reason: Sentence) -> Invalid:
    return Invalid(reason, [("parameters.segmenter", reason)])


def _answer(run: Run, volume: Volume, described: Described) -> dict[str, Any]:
    """What the process of its own has found. Raises Conflict and ApartFailed."""
    function, extra = choosing.run_function(described.name)
    asked = handed(volume, run.folder, tell=Progress(run).opening)
    asked |= {"folder": str(run.folder), "options": run.parameters["options"]}
    asked |= {name: value for name, value in extra.items() if name != "memory"}

    def listen(done: int, total: int) -> None:
        run.tell(OPENED + (FOUND - OPENED) * min(done, total) // max(total, 1), WHOLE, SEGMENTING)

    try:
        return asking.answer(function, asked, listen, memory=extra.get("memory", asking.MEMORY))
    except Unanswerable as why:
        raise Conflict(choosing.refusal(why)) from why


def _statistics(run: Run, volume: Volume, labels: Path) -> dict[int, Statistics]:
    """By their value in the labels; none of a volume in which nothing may be measured."""
    if not volume.is_quantifiable:
        return {}
    run.tell(FOUND, WHOLE, MEASURING)
    return statistics_of(np.load(labels, mmap_mode="r", allow_pickle=False), cache.opened(volume))


def _files(run: Run, volume: Volume, made: SegFile, statistics: Mapping[int, Statistics], name: str) -> list[Path]:
    measured = [Measured(made.written[value], made.reference(value), found) for value, found in statistics.items()]
    if not measured:
        return [made.path]
    return [made.path, write_report(run, volume, made.series_instance_uid, measured, unverified(name))]


def _summary(
    described: Described, made: SegFile, statistics: Mapping[int, Statistics], volume: Volume
) -> dict[str, Any]:
    by_number = {made.written[value].number: found for value, found in statistics.items()}
    return {
        "segmenter": described.name,
        "version": described.version,
        "unit": volume.scale["unit"],
        "segments": told(list(made.written.values()), by_number),
        "leftOut": [segment.label for segment in made.left_out],
        "sopInstanceUid": made.sop_instance_uid,
    }
