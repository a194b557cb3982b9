"""What may be asked to be measured, and within which bounds. This is read when Django starts: nothing heavy here."""

from typing import Any, Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.serializers import CamelCaseSerializer
from apps.dicom.uids import is_valid_uid

# Of one report. A job's parameters have 16 KiB in all, which long outlines reach before.
MOST: Final = 200
MOST_POINTS: Final = 1000
LARGEST_FRAME: Final = 1_000_000
# Columns and rows that Rows and Columns (US) can say.
FARTHEST: Final = 65_535
# Code Value and Coding Scheme Designator are SH, Code Meaning is LO (PS3.5 6.2).
SHORT, LONG = 16, 64
MOST_SITES: Final = 4
MOST_VOLUMES: Final = 20
# As in `content.figures`, which needs NumPy.
OUTLINE: Final = "polygon"
TOOLS: Final = [
    ("length", _("Length")),
    ("angle", _("Angle")),
    ("cobb", _("Cobb angle")),
    ("bidirectional", _("Long and short axis")),
    (OUTLINE, pgettext_lazy("figure", "Polygon")),
    ("ellipse", pgettext_lazy("figure", "Ellipse")),
    ("circle", pgettext_lazy("figure", "Circle")),
    ("rectangle", pgettext_lazy("figure", "Rectangle")),
    ("point", pgettext_lazy("figure", "Point")),
]


class CodeParameter(CamelCaseSerializer):
    """A coded concept (PS3.3 8.8): 39607008, SCT, Lung."""

    value = serializers.CharField(max_length=SHORT, label=_("Code"))
    scheme = serializers.CharField(max_length=SHORT, label=_("Coding scheme"))
    meaning = serializers.CharField(max_length=LONG, label=_("Meaning"))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if any("\\" in text or not text.isprintable() for text in given.values()):
            raise serializers.ValidationError(gettext("A code has no backslash and no control characters."))
        return given


class FigureParameter(CamelCaseSerializer):
    """A figure in one frame of an image: points [column, row], where [0.5, 0.5] is the middle of the first pixel."""

    tool = serializers.ChoiceField(TOOLS, label=_("Tool"))
    instance = serializers.CharField(max_length=LONG, label=_("SOP Instance UID"))
    frame = serializers.IntegerField(min_value=1, max_value=LARGEST_FRAME, default=1, label=_("Frame"))
    points = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=0, max_value=FARTHEST), min_length=2, max_length=2
        ),
        min_length=1, max_length=MOST_POINTS, label=_("Points"),
    )  # fmt: skip
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=LONG, default="", allow_blank=True, label=pgettext_lazy("name", "Label")
    )
    finding = CodeParameter(required=False, label=_("Finding"))
    sites = serializers.ListField(child=CodeParameter(), max_length=MOST_SITES, default=list, label=_("Finding sites"))

    def validate_instance(self, instance: str) -> str:
        if not is_valid_uid(instance):
            raise serializers.ValidationError(gettext("This is no UID."))
        return instance


class VolumeParameter(CamelCaseSerializer):
    """The volume that polygons of parallel images stand for: `contours` are their places in `measurements`, from 0."""

    contours = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=MOST - 1), min_length=2, max_length=MOST,
        label=_("Contours"),
    )  # fmt: skip
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=LONG, label=pgettext_lazy("name", "Label")
    )
    finding = CodeParameter(required=False, label=_("Finding"))
    sites = serializers.ListField(child=CodeParameter(), max_length=MOST_SITES, default=list, label=_("Finding sites"))


class MeasureParameters(CamelCaseSerializer):
    """Figures that a person has drawn in images of the study, to be measured and kept as one report."""

    measurements = serializers.ListField(
        child=FigureParameter(), min_length=1, max_length=MOST, label=_("Measurements")
    )
    volumes = serializers.ListField(child=VolumeParameter(), max_length=MOST_VOLUMES, default=list, label=_("Volumes"))
    description = serializers.CharField(
        max_length=LONG, default="Measurements", label=_("Description"), help_text=_("Of the series with the report.")
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        tools = [each["tool"] for each in given["measurements"]]
        for volume in given["volumes"]:
            if any(number >= len(tools) or tools[number] != OUTLINE for number in volume["contours"]):
                raise serializers.ValidationError(
                    {"volumes": [gettext("Contours are polygons among the measurements, counted from 0.")]}
                )
        return given
