from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DimseConfig(AppConfig):
    name = "apps.dimse"
    verbose_name = _("DICOM network server")

    def ready(self) -> None:
        """Listen to the clock."""
        from apps.dimse import commitments
        from apps.jobs import events

        events.minute_passed.connect(commitments.on_minute, dispatch_uid="apps.dimse.commitments")
