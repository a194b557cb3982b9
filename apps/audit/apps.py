from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "apps.audit"
    verbose_name = _("Record")

    def ready(self) -> None:
        """Listen to who signs in, to what is refused, and to changes of people and rights."""
        from apps.audit import changes, receivers

        changes.connect()
        receivers.connect()
