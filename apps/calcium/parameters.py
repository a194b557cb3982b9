"""What may be asked of a calcium score, and within which bounds. Lengths are millimetres of the patient (LPS)."""

from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.calcium.scoring.risk import Ethnicity, Sex
from apps.calcium.scoring.vessels import Vessel
from apps.core.serializers import CamelCaseSerializer
from apps.volumes.derived.parameters import FARTHEST, LARGEST, OfVolume

MOST_LESIONS: Final = 200
MOST_REGIONS: Final = 50
RADII: Final = (0.5, 200.0)
HOUNSFIELD: Final = (50.0, 3000.0)
KVPS: Final = (40.0, 200.0)
CITATION_LENGTH: Final = 300
# Milligrams of hydroxyapatite in a millilitre for each Hounsfield unit: about 0.8 at 120 kVp.
CALIBRATIONS: Final = (0.1, 5.0)

VESSELS: Final = [
    (Vessel.LM.value, _("Left main")),
    (Vessel.LAD.value, _("Left anterior descending")),
    (Vessel.LCX.value, _("Left circumflex")),
    (Vessel.RCA.value, _("Right coronary artery")),
    (Vessel.CORONARY.value, _("Coronary artery, not said which")),
]
SEXES: Final = [(Sex.FEMALE.value, _("Female")), (Sex.MALE.value, _("Male"))]
ETHNICITIES: Final = [
    (Ethnicity.WHITE.value, _("White")),
    (Ethnicity.CHINESE.value, _("Chinese")),
    (Ethnicity.BLACK.value, _("Black")),
    (Ethnicity.HISPANIC.value, _("Hispanic")),
]
# How people say which calcium counts.
WHICH: Final = _(
    "Say which calcium is in coronary arteries, in one way: marks (arrows to the lesions, called LM, LAD, LCX or RCA,"
    " as a report that the viewer has stored), a segmentation with segments of these names, lesions (a vessel and a"
    " point each), or regions."
)
ANSWERS: Final = [("yes", _("Yes")), ("no", _("No"))]


def _point(**more: Any) -> serializers.ListField:
    coordinate = serializers.FloatField(min_value=-FARTHEST, max_value=FARTHEST)
    return serializers.ListField(child=coordinate, min_length=3, max_length=3, **more)


def _asked(label: Any) -> serializers.ChoiceField:
    """A question that may stay without an answer."""
    return serializers.ChoiceField(ANSWERS, required=False, label=label)


def _number(low: float, high: float, label: Any) -> serializers.FloatField:
    return serializers.FloatField(min_value=low, max_value=high, required=False, label=label)


class LesionParameter(CamelCaseSerializer):
    """A place at a lesion, and of which vessel it is."""

    vessel = serializers.ChoiceField(VESSELS)
    point = _point()


class RegionParameter(CamelCaseSerializer):
    """A ball (`centre`, `radius`) or a box along the patient's axes (`low`, `high`): what is bright in it is of the
    vessel."""

    vessel = serializers.ChoiceField(VESSELS)
    centre = _point(required=False)
    radius = serializers.FloatField(min_value=RADII[0], max_value=RADII[1], required=False)
    low = _point(required=False)
    high = _point(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        shape = {"centre", "radius", "low", "high"} & given.keys()
        if shape not in ({"centre", "radius"}, {"low", "high"}):
            raise serializers.ValidationError(gettext("A region has a centre and a radius, or low and high corners."))
        if "low" in given and any(low >= high for low, high in zip(given["low"], given["high"], strict=True)):
            raise serializers.ValidationError({"low": [gettext("The low corner is below the high one, on each axis.")]})
        return given


class ThresholdsParameter(CamelCaseSerializer):
    """Published thresholds for another tube voltage: from which HU on a lesion weighs 1, 2, 3 and 4."""

    kvp = serializers.FloatField(min_value=KVPS[0], max_value=KVPS[1])
    limits = serializers.ListField(
        child=serializers.FloatField(min_value=HOUNSFIELD[0], max_value=HOUNSFIELD[1]), min_length=4, max_length=4
    )
    citation = serializers.CharField(min_length=5, max_length=CITATION_LENGTH)

    def validate_limits(self, limits: list[float]) -> list[float]:
        if sorted(set(limits)) != limits:
            raise serializers.ValidationError(gettext("The limits ascend."))
        return limits


class CalciumParameters(OfVolume):
    """Which calcium counts is said by one of `segmentation`, `marks`, `lesions` and `regions`; the rest is for what it
    means."""

    segmentation = serializers.IntegerField(
        min_value=1, max_value=LARGEST, required=False, label=_("Segmentation"),
        help_text=_("With segments LM, LAD, LCX and RCA, by their names or codes. What is bright in them counts."),
    )  # fmt: skip
    marks = serializers.CharField(
        max_length=64, required=False, label=_("Marks"),
        help_text=_("A report, by its SOP Instance UID: arrows to lesions, called LM, LAD, LCX or RCA."),
    )  # fmt: skip
    lesions = serializers.ListField(
        child=LesionParameter(), required=False, max_length=MOST_LESIONS, label=_("Lesions")
    )
    regions = serializers.ListField(
        child=RegionParameter(), required=False, max_length=MOST_REGIONS, label=_("Regions")
    )
    thresholds = ThresholdsParameter(required=False, label=_("Thresholds"))
    calibration = serializers.FloatField(
        min_value=CALIBRATIONS[0], max_value=CALIBRATIONS[1], required=False, label=_("Calibration for the mass"),
        help_text=_("Milligrams of hydroxyapatite in a millilitre for each HU, of a phantom on this scanner."),
    )  # fmt: skip
    age = _number(0, 120, _("Age (years)"))
    sex = serializers.ChoiceField(SEXES, required=False, label=_("Sex"))
    ethnicity = serializers.ChoiceField(ETHNICITIES, required=False, label=_("Ethnicity"))
    total_cholesterol = _number(50, 600, _("Total cholesterol (mg/dL)"))
    hdl_cholesterol = _number(10, 200, _("HDL cholesterol (mg/dL)"))
    systolic_pressure = _number(60, 300, _("Systolic blood pressure (mmHg)"))
    diabetes = _asked(_("Diabetes"))
    smoker = _asked(_("Smokes now"))
    lipid_medication = _asked(_("Takes medication for lipids"))
    pressure_medication = _asked(_("Takes medication for blood pressure"))
    family_history = _asked(_("Heart attack of a parent, sibling or child"))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if sum(1 for name in ("segmentation", "marks", "lesions", "regions") if given.get(name)) != 1:
            raise serializers.ValidationError({"segmentation": [str(WHICH)]})
        return given
