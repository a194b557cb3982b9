"""The data sets that a walk is in: the object's own, and those of the items that it has entered."""

from dataclasses import dataclass, field
from typing import Any, Final

from apps.dicom.charset import Charset
from apps.dicom.header import first_value
from apps.dicom.plans import Tables
from apps.dicom.syntax import Encoding
from apps.dicom.values import Element

CHARSET: Final = "00080005"
PIXEL_REPRESENTATION: Final = "00280103"


def json_charset() -> Element:
    """Return Specific Character Set as all DICOM JSON has it, whatever the object's text was in (PS3.18 8.8)."""
    return {"vr": "CS", "Value": ["ISO_IR 192"]}


@dataclass(slots=True)
class Scope:
    """A data set being walked, up to `end` or, if `delimited`, to its Item Delimitation Item.

    `last` is the highest key so far, `counted` how many elements the limits know of. `ended` says that
    a delimiter was met, `disordered` that the keys are not in order.
    """

    encoding: Encoding
    end: int
    charset: Charset
    tables: Tables
    path: str = ""
    depth: int = 0
    delimited: bool = False
    parent: "Scope | None" = None
    elements: dict[str, Element] = field(default_factory=dict)
    last: str = ""
    counted: int = 0
    ended: bool = False
    disordered: bool = False

    def pixel_representation(self) -> Any:
        """Return Pixel Representation of this data set or the nearest one around it, None if not met yet."""
        scope: Scope | None = self
        while scope is not None:
            value = first_value(scope.elements, PIXEL_REPRESENTATION)
            if value is not None:
                return value
            scope = scope.parent
        return None

    def ordered(self) -> dict[str, Element]:
        """Return the elements in order of tag."""
        return dict(sorted(self.elements.items())) if self.disordered else self.elements
