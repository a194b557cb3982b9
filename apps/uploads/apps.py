from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UploadsConfig(AppConfig):
    name = "apps.uploads"
    verbose_name = _("Uploads")

    def ready(self) -> None:
        """Uploads can be imported, and those that nobody goes on with are swept."""
        from apps.jobs.events import minute_passed
        from apps.uploads.resumable import bulk, sweeping, takers

        takers.register(bulk.PURPOSE, bulk.Importer(), is_usual=True)
        minute_passed.connect(sweeping.on_minute, dispatch_uid="apps.uploads.resumable")
