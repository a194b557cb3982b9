from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "apps.reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Go by the clock, and send word of what was signed."""
        from apps.jobs import events as jobs
        from apps.reports import distributing, events

        events.report_signed.connect(distributing.on_signed, dispatch_uid="apps.reports.distributing")
        jobs.minute_passed.connect(distributing.sweep, dispatch_uid="apps.reports.sweep")
