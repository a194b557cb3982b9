"""What may be asked of a segmentation, and of the numbers of one that is stored."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.segmentation.objects.facts import Encoding
from apps.volumes.derived.parameters import LARGEST, OfVolume

LONGEST_NAME: Final = 120
ENCODINGS: Final = [
    (Encoding.LABELMAP.value, _("Label map (small; viewers since 2025)")),
    (Encoding.LABELMAP_RLE.value, _("Label map, RLE")),
    (Encoding.BINARY.value, _("Binary (older viewers, too)")),
]


class SegmentationParameters(OfVolume):
    """Which segmenter is to segment the volume: `name` in GET /api/segmenters, which tells its options."""

    segmenter = serializers.CharField(max_length=LONGEST_NAME, label=_("Segmenter"))
    options = serializers.DictField(
        child=serializers.JSONField(allow_null=True), default=dict, label=_("Options"),
        help_text=_("The segmenter's own, by name; what is left out has its default."),
    )  # fmt: skip
    encoding = serializers.ChoiceField(ENCODINGS, default=Encoding.LABELMAP.value, label=_("Kept as"))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        # What is heavier to import is imported here: this is read when Django starts.
        from apps.core.languages import translated
        from apps.segmentation import choosing
        from apps.segmentation.segmenters.options import Unfit, taken

        described = choosing.find(given["segmenter"])
        if described is None:
            raise serializers.ValidationError({"segmenter": [_("There is no such segmenter: see /api/segmenters.")]})
        try:
            return given | {"options": taken(described.options, given["options"])}
        except Unfit as unfit:
            raise serializers.ValidationError({"options": {unfit.name: [translated(unfit.reason)]}}) from unfit


class StatisticsParameters(OfVolume):
    """Which segmentation is to be measured: `id` in GET /api/segmentations?study=…"""

    segmentation = serializers.IntegerField(min_value=1, max_value=LARGEST, label=_("Segmentation"))
