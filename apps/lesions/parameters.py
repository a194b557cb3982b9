"""What may be asked when lesions are found again, or judged."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.core.serializers import CamelCaseSerializer
from apps.volumes.derived.parameters import OfVolume

LARGEST: Final = 2**31 - 1
GATES: Final = (2.0, 100.0)
GATE_MM: Final = 20.0


class TrackingParameters(OfVolume):
    """Which volumes are laid on each other, and how far (mm) a lesion may be from where it is to be expected."""

    baseline = serializers.IntegerField(
        min_value=1, max_value=LARGEST, label=_("Earlier volume"),
        help_text=_("Of an earlier study of the patient, in which lesions were measured."),
    )  # fmt: skip
    gate = serializers.FloatField(
        min_value=GATES[0], max_value=GATES[1], default=GATE_MM, label=_("Farthest (mm)"),
        help_text=_("A lesion may be so far from where it is to be expected."),
    )  # fmt: skip


class AssessmentParameters(CamelCaseSerializer):
    """Nothing: the lesions of the patient say it all."""
