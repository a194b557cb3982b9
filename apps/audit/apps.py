from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "apps.audit"

    def ready(self) -> None:
        """Listen to who signs in, to what is refused, and to changes of people and rights."""
        from apps.audit import changes, receivers

        changes.connect()
        receivers.connect()
