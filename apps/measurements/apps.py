from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasurementsConfig(AppConfig):
    name = "apps.measurements"
    verbose_name = _("Measurements")

    def ready(self) -> None:
        """Reports are read once their study has settled."""
        from apps.archive import events
        from apps.measurements import receivers

        events.settled.connect(receivers.on_settled, dispatch_uid="apps.measurements.settled")
