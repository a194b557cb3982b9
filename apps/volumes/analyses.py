"""The kinds of analyses that store images of volumes as series; `apps.analysis` finds them here when Django starts."""

from typing import Final

from apps.analysis.kinds import Kind, later, register
from apps.saying import say
from apps.volumes.derived.parameters import PanoramicParameters, PlanesParameters, RenderingParameters

_DERIVED: Final = "apps.volumes.derived"
_FLAG_TEXT: Final = later(f"{_DERIVED}.choosing:text_of")

register(
    Kind(
        "planes", say("Planes through a volume"), PlanesParameters,
        later(f"{_DERIVED}.series:planes_inputs"), later(f"{_DERIVED}.series:make_planes"),
        choices=later(f"{_DERIVED}.choosing:volumes"), flag_text=_FLAG_TEXT,
    )
)  # fmt: skip
register(
    Kind(
        "panoramic", say("Panoramic and cross-sections of a jaw"), PanoramicParameters,
        later(f"{_DERIVED}.series:panoramic_inputs"), later(f"{_DERIVED}.series:make_panoramic"),
        choices=later(f"{_DERIVED}.choosing:jaws"), flag_text=_FLAG_TEXT,
    )
)  # fmt: skip
register(
    Kind(
        "rendering", say("Pictures in three dimensions"), RenderingParameters,
        later(f"{_DERIVED}.rendering:rendering_inputs"), later(f"{_DERIVED}.rendering:make_rendering"),
        choices=later(f"{_DERIVED}.choosing:drawable"), flag_text=_FLAG_TEXT,
    )
)  # fmt: skip
