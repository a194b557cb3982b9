from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "apps.webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from apps.archive import events as archive
        from apps.jobs import events as jobs
        from apps.practice import events as practice
        from apps.reports import events as reports
        from apps.webhooks import interest, noting, receivers

        archive.within_store(noting.note)
        interest.connect()
        archive.settled.connect(receivers.on_settled, dispatch_uid="apps.webhooks.settled")
        practice.match_written.connect(receivers.on_match_written, dispatch_uid="apps.webhooks.matches")
        jobs.ending.connect(receivers.on_job_ending, dispatch_uid="apps.webhooks.jobs")
        reports.report_signed.connect(receivers.on_report_signed, dispatch_uid="apps.webhooks.reports")
        reports.critical_told.connect(receivers.on_critical, dispatch_uid="apps.webhooks.critical")
