from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "apps.archive"

    def ready(self) -> None:
        """Let the record know whose studies it tells of."""
        from apps.archive import whose
        from apps.audit import patients

        patients.register(whose)
