from django.apps import AppConfig


class RemotesConfig(AppConfig):
    name = "apps.remotes"
    verbose_name = "DICOM network"

    def ready(self) -> None:
        from apps.remotes import changes

        changes.connect()
