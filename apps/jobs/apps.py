from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "apps.jobs"
    verbose_name = _("Work")

    def ready(self) -> None:
        """Find every app's jobs, and listen to the archive and the clock."""
        from apps.accounts import idempotency
        from apps.archive import events, quotas
        from apps.jobs.arrivals import on_stored
        from apps.jobs.events import minute_passed

        autodiscover_modules("tasks")
        events.stored.connect(on_stored, dispatch_uid="apps.jobs.arrivals")
        minute_passed.connect(quotas.on_minute, dispatch_uid="apps.archive.quotas")
        minute_passed.connect(idempotency.prune, dispatch_uid="apps.accounts.idempotency")
