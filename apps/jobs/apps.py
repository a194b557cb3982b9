from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "apps.jobs"

    def ready(self) -> None:
        """Find every app's jobs, and listen to the archive."""
        from apps.archive import events
        from apps.jobs.arrivals import on_stored

        autodiscover_modules("tasks")
        events.stored.connect(on_stored, dispatch_uid="apps.jobs.arrivals")
