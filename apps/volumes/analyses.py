"""The kinds of analyses that store images of volumes as series; `apps.analysis` finds them here when Django starts.

What they are done with is imported when they are: NumPy and all that is for volumes is nothing for a start.
"""

from typing import Any

from apps.analysis.kinds import Choices, Inputs, Kind, Result, Run, register
from apps.archive.models import Study
from apps.saying import say
from apps.volumes.derived.parameters import PanoramicParameters, PlanesParameters, RenderingParameters


def planes_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `derived.series.planes_inputs`."""
    from apps.volumes.derived import series

    return series.planes_inputs(study, asked)


def make_planes(run: Run) -> Result:
    """As `derived.series.make_planes`."""
    from apps.volumes.derived import series

    return series.make_planes(run)


def panoramic_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `derived.series.panoramic_inputs`."""
    from apps.volumes.derived import series

    return series.panoramic_inputs(study, asked)


def make_panoramic(run: Run) -> Result:
    """As `derived.series.make_panoramic`."""
    from apps.volumes.derived import series

    return series.make_panoramic(run)


def rendering_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `derived.rendering.rendering_inputs`."""
    from apps.volumes.derived import rendering

    return rendering.rendering_inputs(study, asked)


def make_rendering(run: Run) -> Result:
    """As `derived.rendering.make_rendering`."""
    from apps.volumes.derived import rendering

    return rendering.make_rendering(run)


def volumes(study: Study) -> Choices:
    """As `derived.choosing.volumes`."""
    from apps.volumes.derived import choosing

    return choosing.volumes(study)


def jaws(study: Study) -> Choices:
    """As `derived.choosing.volumes`, of what there are jaws in."""
    from apps.volumes.derived import choosing

    return choosing.volumes(study, *choosing.OF_JAWS)


def drawable(study: Study) -> Choices:
    """As `derived.choosing.drawable`."""
    from apps.volumes.derived import choosing

    return choosing.drawable(study)


def flag_text(flag: str) -> str:
    """As `derived.choosing.text_of`."""
    from apps.volumes.derived import choosing

    return choosing.text_of(flag)


register(
    Kind(
        "planes", say("Planes through a volume"), PlanesParameters, planes_inputs, make_planes,
        choices=volumes, flag_text=flag_text,
    )
)  # fmt: skip
register(
    Kind(
        "panoramic", say("Panoramic and cross-sections of a jaw"), PanoramicParameters, panoramic_inputs,
        make_panoramic, choices=jaws, flag_text=flag_text,
    )
)  # fmt: skip
register(
    Kind(
        "rendering", say("Pictures in three dimensions"), RenderingParameters, rendering_inputs, make_rendering,
        choices=drawable, flag_text=flag_text,
    )
)  # fmt: skip
