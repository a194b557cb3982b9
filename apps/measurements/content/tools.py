"""The tools that viewers of the OHIF family draw with, as a Tracking Identifier names them.

"Cornerstone3DTools@^0.1.0:Length" is the tool Length; "…:PlanarFreehandROI:SplineROI" is a SplineROI, a kind of the
other. Older releases wrote "cornerstoneTools@^4.0.0:RectangleRoi".
"""

from typing import Final

TAG: Final = "Cornerstone3DTools@^0.1.0"
LENGTH: Final = "Length"
BIDIRECTIONAL: Final = "Bidirectional"
ANGLE: Final = "Angle"
COBB_ANGLE: Final = "CobbAngle"
ELLIPSE: Final = "EllipticalROI"
CIRCLE: Final = "CircleROI"
RECTANGLE: Final = "RectangleROI"
FREEHAND: Final = "PlanarFreehandROI"
PROBE: Final = "Probe"
ARROW: Final = "ArrowAnnotate"

_TAGS: Final = ("Cornerstone3DTools@", "cornerstoneTools@")
_KNOWN: Final = (
    LENGTH, BIDIRECTIONAL, ANGLE, COBB_ANGLE, ELLIPSE, CIRCLE, RECTANGLE, FREEHAND, PROBE, ARROW, "SplineROI",
    "LivewireContour", "KeyImage",
)  # fmt: skip
_NAMES: Final = {name.casefold(): name for name in _KNOWN} | {"freehandroi": FREEHAND}


def tool_of(tracking_identifier: str) -> str:
    """The name of the tool, empty where another program or a person gave the identifier."""
    tag, *names = tracking_identifier.split(":")
    if not tag.startswith(_TAGS):
        return ""
    return next((_NAMES[name.casefold()] for name in reversed(names) if name.casefold() in _NAMES), "")


def identifier_of(tool: str) -> str:
    """The Tracking Identifier by which such a viewer knows the tool."""
    return f"{TAG}:{tool}"
