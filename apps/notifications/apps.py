from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Listen to what people want to know of, and to the clock."""
        from apps.archive import events as archive
        from apps.jobs import events as jobs
        from apps.notifications import receivers, watching
        from apps.practice import events as practice
        from apps.reports import events as reports

        place = "apps.notifications"
        archive.settled.connect(receivers.on_settled, dispatch_uid=f"{place}.settled")
        archive.stored.connect(receivers.on_stored, dispatch_uid=f"{place}.stored")
        archive.nearly_full.connect(receivers.on_nearly_full, dispatch_uid=f"{place}.nearly_full")
        practice.matched.connect(receivers.on_matched, dispatch_uid=f"{place}.matched")
        practice.noteworthy.connect(receivers.on_noteworthy, dispatch_uid=f"{place}.noteworthy")
        reports.report_signed.connect(receivers.on_report_signed, dispatch_uid=f"{place}.report_signed")
        reports.critical_told.connect(receivers.on_critical, dispatch_uid=f"{place}.critical")
        jobs.ended.connect(receivers.on_ended, dispatch_uid=f"{place}.ended")
        for clocked in (watching.listen_for_devices, watching.watch_disk, watching.send_what_is_due, watching.prune):
            jobs.minute_passed.connect(clocked, dispatch_uid=f"{place}.{clocked.__name__}")
