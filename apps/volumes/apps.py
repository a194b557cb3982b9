from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolumesConfig(AppConfig):
    name = "apps.volumes"
    verbose_name = _("Volumes")

    def ready(self) -> None:
        """Volumes are found once a study has settled, and what is deleted goes from their cache."""
        from django.db.models.signals import post_delete

        from apps.archive import events
        from apps.volumes import receivers
        from apps.volumes.models import Volume

        events.settled.connect(receivers.on_settled, dispatch_uid="apps.volumes.settled")
        events.deleted.connect(receivers.on_deleted, dispatch_uid="apps.volumes.deleted")
        post_delete.connect(receivers.on_volume_deleted, sender=Volume, dispatch_uid="apps.volumes.forgotten")
