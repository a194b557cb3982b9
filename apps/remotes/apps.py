from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemotesConfig(AppConfig):
    name = "apps.remotes"
    verbose_name = _("DICOM network")

    def ready(self) -> None:
        from apps.remotes import changes

        changes.connect()
