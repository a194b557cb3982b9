from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentationConfig(AppConfig):
    name = "apps.segmentation"
    verbose_name = _("Segmentations")

    def ready(self) -> None:
        """Segmentations are read once their study has settled."""
        from apps.archive import events
        from apps.segmentation import receivers

        events.settled.connect(receivers.on_settled, dispatch_uid="apps.segmentation.settled")
