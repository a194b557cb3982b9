from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorklistConfig(AppConfig):
    name = "apps.worklist"
    verbose_name = _("Worklist")

    def ready(self) -> None:
        """Listen to the archive and to the clock."""
        from apps.archive import events as archive
        from apps.jobs import events as jobs
        from apps.worklist import receivers
        from apps.worklist.workitems import retention

        archive.stored.connect(receivers.on_stored, dispatch_uid="apps.worklist.stored")
        archive.settled.connect(receivers.on_settled, dispatch_uid="apps.worklist.settled")
        archive.deleted.connect(receivers.on_deleted, dispatch_uid="apps.worklist.deleted")
        jobs.minute_passed.connect(receivers.on_minute, dispatch_uid="apps.worklist.clock")
        jobs.minute_passed.connect(retention.on_minute, dispatch_uid="apps.worklist.workitems.clock")
