"""Segments from names alone, and from what a site has written of them."""

import colorsys
from collections.abc import Mapping
from typing import Any, Final

from apps.dicom.sr_tree import NO_CODE, Code
from apps.segmentation.naming.anatomy import coded
from apps.segmentation.objects.segments import MOST_SEGMENTS, Algorithm, Colour, Segment

# Of a label and a code's meaning (LO, PS3.5 6.2), of a code's value and scheme (SH).
MOST_LABEL: Final = 64
MOST_SHORT: Final = 16
# The share of a circle that puts the hues of neighbours far apart: the golden section.
_TURN: Final = 0.618033988749895
_BACKGROUNDS: Final = frozenset({"background", "bg", "empty"})


class Unclear(ValueError):
    """What is written of the segments can't be understood; the text says where."""


def is_background(name: str) -> bool:
    return name.strip().lower() in _BACKGROUNDS


def named(number: int, name: str, algorithm: Algorithm) -> Segment:
    """The segment that has this number (1 to 255) in an array of labels, from its name alone."""
    of = coded(name)
    label = name.replace("_", " ").strip()[:MOST_LABEL]
    colour = colour_of(number)
    return Segment(number, label, of.category, of.type, of.anatomy, algorithm, colour, modifier=of.modifier)


def written(segments: object, algorithm: Algorithm) -> tuple[Segment, ...]:
    """Segments from a JSON object: by number (as text) a name, or an object with `label` and, where wanted, `category`,
    `type`, `modifier`, `anatomy` (each `{"value", "scheme", "meaning"}`) and `colour` (`[r, g, b]`). Raises Unclear."""
    if not isinstance(segments, Mapping) or not segments:
        raise Unclear("segments")
    return tuple(sorted((_written(key, each, algorithm) for key, each in segments.items()), key=lambda one: one.number))


def colour_of(number: int) -> Colour:
    """A colour that is far from those of the neighbouring numbers."""
    lightness = (0.62, 0.48, 0.74)[number % 3]
    red, green, blue = colorsys.hls_to_rgb(number * _TURN % 1, lightness, 0.7)
    return round(red * 255), round(green * 255), round(blue * 255)


def _written(key: str, each: object, algorithm: Algorithm) -> Segment:
    if not (key.isascii() and key.isdigit() and 1 <= int(key) <= MOST_SEGMENTS):
        raise Unclear(f"segments.{key[:8]}")
    known = each if isinstance(each, Mapping) else {"label": each}
    label = known.get("label")
    if not isinstance(label, str) or not 1 <= len(label.strip()) <= MOST_LABEL:
        raise Unclear(f"segments.{key}.label")
    plain = named(int(key), label, algorithm)
    return Segment(
        number=plain.number,
        label=plain.label,
        category=_code(known, "category", key) or plain.category,
        type=_code(known, "type", key) or plain.type,
        anatomy=_code(known, "anatomy", key) or plain.anatomy,
        algorithm=algorithm,
        colour=_colour(known, key) or plain.colour,
        modifier=_code(known, "modifier", key) or plain.modifier,
    )


def _code(known: Mapping[str, Any], name: str, key: str) -> Code:
    code = known.get(name)
    if code is None:
        return NO_CODE
    match code:
        case {"meaning": str(meaning), "value": str(value), "scheme": str(scheme)} if (
            0 < len(meaning) <= MOST_LABEL and 0 < len(value) <= MOST_SHORT and 0 < len(scheme) <= MOST_SHORT
        ):
            return Code(meaning, value, scheme)
    raise Unclear(f"segments.{key}.{name}")


def _colour(known: Mapping[str, Any], key: str) -> Colour | None:
    colour = known.get("colour")
    if colour is None:
        return None
    match colour:
        case [int(red), int(green), int(blue)] if all(0 <= part <= 255 for part in colour):
            return red, green, blue
    raise Unclear(f"segments.{key}.colour")
