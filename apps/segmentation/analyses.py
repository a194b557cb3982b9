"""The kinds of analyses that segment volumes and measure segments; `apps.analysis` finds them when Django starts.

What they are done with is imported when they are: NumPy and all that is for volumes is nothing for a start.
"""

from collections.abc import Sequence
from typing import Any

from apps.analysis.kinds import Choices, Inputs, Kind, Result, Run, Table, register
from apps.archive.models import Study
from apps.saying import say
from apps.segmentation.parameters import SegmentationParameters, StatisticsParameters


def segmentation_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `running.segmentation_inputs`."""
    from apps.segmentation import running

    return running.segmentation_inputs(study, asked)


def make_segmentation(run: Run) -> Result:
    """As `running.make_segmentation`."""
    from apps.segmentation import running

    return running.make_segmentation(run)


def statistics_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `measuring.statistics_inputs`."""
    from apps.segmentation import measuring

    return measuring.statistics_inputs(study, asked)


def make_statistics(run: Run) -> Result:
    """As `measuring.make_statistics`."""
    from apps.segmentation import measuring

    return measuring.make_statistics(run)


def to_segment(study: Study) -> Choices:
    """As `offering.to_segment`."""
    from apps.segmentation import offering

    return offering.to_segment(study)


def to_measure(study: Study) -> Choices:
    """As `offering.to_measure`."""
    from apps.segmentation import offering

    return offering.to_measure(study)


def tables(summary: dict[str, Any]) -> Sequence[Table]:
    """As `offering.tables`."""
    from apps.segmentation import offering

    return offering.tables(summary)


def flag_text(flag: str) -> str:
    """As `volumes.derived.choosing.text_of`."""
    from apps.volumes.derived import choosing

    return choosing.text_of(flag)


register(
    Kind(
        "segmentation", say("Segmentation"), SegmentationParameters, segmentation_inputs, make_segmentation,
        choices=to_segment, flag_text=flag_text, tables=tables, is_finding=True, is_long=True,
    )
)  # fmt: skip
register(
    Kind(
        "segment-statistics", say("Sizes and values of segments"), StatisticsParameters, statistics_inputs,
        make_statistics, choices=to_measure, flag_text=flag_text, tables=tables, is_finding=True,
    )
)  # fmt: skip
