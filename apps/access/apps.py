from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "apps.access"
    verbose_name = _("Patient access")

    def ready(self) -> None:
        """Listen to the archive and to the clock."""
        from apps.access import clock, physicians
        from apps.archive import events as archive
        from apps.jobs import events as jobs

        archive.settled.connect(physicians.on_settled, dispatch_uid="apps.access.physicians")
        jobs.minute_passed.connect(clock.on_minute, dispatch_uid="apps.access.clock")
