from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchiveConfig(AppConfig):
    name = "apps.archive"
    verbose_name = _("Archive")

    def ready(self) -> None:
        """Let the record know whose studies it tells of, and count what practices with a quota keep."""
        from apps.archive import events, quotas, whose
        from apps.audit import patients

        patients.register(whose)
        events.stored.connect(quotas.on_stored, dispatch_uid="apps.archive.quotas.stored")
        events.deleted.connect(quotas.on_deleted, dispatch_uid="apps.archive.quotas.deleted")
