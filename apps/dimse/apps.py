from django.apps import AppConfig


class DimseConfig(AppConfig):
    name = "apps.dimse"
    verbose_name = "DICOM network server"

    def ready(self) -> None:
        """Listen to the clock."""
        from apps.dimse import commitments
        from apps.jobs import events

        events.minute_passed.connect(commitments.on_minute, dispatch_uid="apps.dimse.commitments")
