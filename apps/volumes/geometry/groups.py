"""What tells images apart that lie in the same place, or differ in kind, in the standard's terms."""

from collections.abc import Callable, Iterator
from typing import Final

from apps.dicom.attributes import Attributes, items, number, numbers, text, values

KERNEL: Final = "Convolution Kernel"
ECHO_TIME: Final = "Echo Time"
B_VALUE: Final = "b-value"
STACK: Final = "Stack ID"
TEMPORAL_POSITION: Final = "Temporal Position"
CARDIAC_PHASE: Final = "Cardiac Phase"
IMAGE_TYPE: Final = "Image Type"
GRADIENT: Final = "Diffusion Gradient Orientation"
DIMENSIONS: Final = "Dimension Index Values"
ACQUISITION: Final = "Acquisition Number"
TRIGGER_TIME: Final = "Trigger Time"
ACQUISITION_TIME: Final = "Acquisition Time"

Find = Callable[[str], Attributes]
_LONGEST: Final = 64
_FRAME_CONTENT: Final = "00209111"
_DIFFUSION: Final = "00189117"
# Of the dimensions by which an enhanced object orders its frames, those that say where they lie: Image Position and
# Plane Position, In-Stack Position Number, Stack ID (PS3.3 C.7.6.17).
_PLACES: Final = frozenset({"00200032", "00209113", "00209116", "00200037", "00209057", "00209056"})
# Vendors' own b-values: of GE the first of four numbers, with a flag added to it in steps of 10^6.
_VENDOR_B_VALUES: Final = ("0019100C", "20011003", "00431039")
_GE_FLAG: Final = 1_000_000


def group_of(header: Attributes, find: Find) -> Iterator[tuple[str, str]]:
    """(what, value) for all that `header` says of an image; `find` gives the functional group of a sequence.

    For a classic object `find` gives the header itself, whatever is asked for.
    """
    content = find(_FRAME_CONTENT)
    said = {
        KERNEL: "\\".join(map(str, values(find("00189314"), "00181210"))),
        ECHO_TIME: _first(find("00189114"), "00189082", "00180081"),
        B_VALUE: _b_value(find(_DIFFUSION), header),
        # At the top of classic objects some vendors number slices by it.
        STACK: "" if content is header else text(content, "00209056"),
        TEMPORAL_POSITION: _first(content, "00209128", "00200100"),
        CARDIAC_PHASE: _first(find("00189118"), "00209241"),
        IMAGE_TYPE: _image_type(header, find),
        GRADIENT: _gradient(find(_DIFFUSION)),
        DIMENSIONS: _dimensions(header, content),
        ACQUISITION: _first(content, "00209156", "00200012"),
        TRIGGER_TIME: _first(find("00189118"), "00209153", "00181060"),
        ACQUISITION_TIME: text(content, "00189074") or _time(header),
    }
    return ((what, value[:_LONGEST]) for what, value in said.items() if value)


def _first(group: Attributes, *tags: str) -> str:
    """The first number that one of these attributes has, as short as it can be written."""
    found = (number(group, tag) for tag in tags)
    return next((f"{value:.6g}" for value in found if value is not None), "")


def _b_value(group: Attributes, header: Attributes) -> str:
    said = _first(group, "00189087")
    if said:
        return said
    value = next((value for tag in _VENDOR_B_VALUES if (value := number(header, tag)) is not None), None)
    return "" if value is None else f"{value % _GE_FLAG:.6g}"


def _gradient(group: Attributes) -> str:
    """The direction of diffusion weighting, at the top of classic objects and an item deeper in enhanced ones."""
    nested = next(items(group, "00189076"), group)
    return "\\".join(f"{value:.4f}" for value in numbers(nested, "00189089")[:3])


def _image_type(header: Attributes, find: Find) -> str:
    """Frame Type where there is one (PS3.3 C.8.13.5.1, C.8.15.3.1), else Image Type; and the complex component."""
    frame_type = next((group for tag in ("00189226", "00189329") if "00089007" in (group := find(tag))), None)
    said = values(header, "00080008") if frame_type is None else values(frame_type, "00089007")
    component = text(header if frame_type is None else frame_type, "00089208")
    return "\\".join([*map(str, said), *([component] if component else [])])


def _dimensions(header: Attributes, content: Attributes) -> str:
    """A frame's places in the object's dimensions that aren't places in the patient."""
    indices = numbers(content, "00209157")
    pointers = [text(item, "00209165").upper() for item in items(header, "00209222")]
    named = zip(pointers, indices, strict=False)
    return "\\".join(f"{index:.0f}" for pointer, index in named if pointer not in _PLACES)


def _time(header: Attributes) -> str:
    return text(header, "0008002A") or text(header, "00080022") + text(header, "00080032")
