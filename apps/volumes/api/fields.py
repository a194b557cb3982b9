"""Parameters of an image out of a volume, read strictly: several numbers each, separated by commas."""

from math import isfinite
from typing import Any, Final

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.languages import translated
from apps.dicom.parameters import InvalidParameter, decimals
from apps.dicom.rendering import parse_window
from apps.dicom.windowing import Window
from apps.volumes.curves.arch import FARTHEST, FEWEST_POINTS, MOST_POINTS
from apps.volumes.geometry.lattice import Vector

MOST_CHARACTERS: Final = 4000


class MillimetresField(serializers.FloatField):
    """A length or a place between two bounds, both of them allowed; never required."""

    def __init__(self, least: float, most: float, about: str) -> None:
        super().__init__(required=False, min_value=least, max_value=most, help_text=f"Millimetres. {about}")

    def to_internal_value(self, data: Any) -> float:
        number = super().to_internal_value(data)
        if not isfinite(number):
            self.fail("invalid")
        return number


@extend_schema_field(OpenApiTypes.STR)
class ParsedField(serializers.Field[Any, str, str, Any]):
    """A text of a bounded length that stands for something else."""

    def to_internal_value(self, data: str) -> Any:
        if len(data) > MOST_CHARACTERS:
            raise serializers.ValidationError(gettext("This is too long."))
        return self.parse(data)

    def parse(self, text: str) -> Any:
        """What the text stands for. Raises ValidationError."""
        raise NotImplementedError


class VectorField(ParsedField):
    """Three numbers x,y,z: patient coordinates (LPS, mm), or a direction among them."""

    def parse(self, text: str) -> Vector:
        x, y, z = _numbers(text, 3)
        return x, y, z


class WindowField(ParsedField):
    """A window as PS3.18 8.3.5.1.4 writes it: `center,width` or `center,width,function`."""

    def parse(self, text: str) -> Window:
        try:
            return parse_window(text)
        except InvalidParameter as error:
            raise serializers.ValidationError(translated(error.args[0])) from error


class PointsField(ParsedField):
    """The control points of an arch, `x,y;x,y;…` in millimetres (LPS), from the patient's right to their left."""

    def parse(self, text: str) -> tuple[tuple[float, float], ...]:
        pairs = text.split(";")
        if not FEWEST_POINTS <= len(pairs) <= MOST_POINTS:
            raise serializers.ValidationError(
                gettext("Give %(least)s to %(most)s points, separated by semicolons.")
                % {"least": FEWEST_POINTS, "most": MOST_POINTS}
            )
        return tuple((x, y) for x, y in (_numbers(pair, 2) for pair in pairs))


def _numbers(text: str, count: int) -> tuple[float, ...]:
    """Raises ValidationError."""
    try:
        read = decimals("", text, count, count)
    except InvalidParameter as error:
        raise _not_so_many(count) from error
    numbers = tuple(number for number in read if number is not None)
    if len(numbers) != count:
        raise _not_so_many(count)
    if any(abs(number) > FARTHEST for number in numbers):
        raise serializers.ValidationError(gettext("Numbers go up to %(most)g.") % {"most": FARTHEST})
    return numbers


def _not_so_many(count: int) -> serializers.ValidationError:
    return serializers.ValidationError(gettext("Give %(count)s numbers, separated by commas.") % {"count": count})
