"""The kinds of analyses that segment volumes and measure segments; `apps.analysis` finds them when Django starts."""

from typing import Final

from apps.analysis.kinds import Kind, later, register
from apps.saying import say
from apps.segmentation.parameters import SegmentationParameters, StatisticsParameters

_TABLES: Final = later("apps.segmentation.offering:tables")
_FLAG_TEXT: Final = later("apps.volumes.derived.choosing:text_of")

register(
    Kind(
        "segmentation", say("Segmentation"), SegmentationParameters,
        later("apps.segmentation.running:segmentation_inputs"), later("apps.segmentation.running:make_segmentation"),
        choices=later("apps.segmentation.offering:to_segment"), flag_text=_FLAG_TEXT, tables=_TABLES,
        is_finding=True, is_long=True,
    )
)  # fmt: skip
register(
    Kind(
        "segment-statistics", say("Sizes and values of segments"), StatisticsParameters,
        later("apps.segmentation.measuring:statistics_inputs"), later("apps.segmentation.measuring:make_statistics"),
        choices=later("apps.segmentation.offering:to_measure"), flag_text=_FLAG_TEXT, tables=_TABLES,
        is_finding=True,
    )
)  # fmt: skip
