from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "apps.reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Go by the clock, send word of what was signed, have the product's templates in every database, and phrases
        said; see that fonts are there."""
        from django.core import checks

        from apps.dictation.phrases import register
        from apps.jobs import events as jobs
        from apps.reports import critical, distributing, events, keeping, phrases
        from apps.reports.checks import fonts

        events.report_signed.connect(distributing.on_signed, dispatch_uid="apps.reports.distributing")
        jobs.minute_passed.connect(distributing.sweep, dispatch_uid="apps.reports.sweep")
        jobs.minute_passed.connect(keeping.on_minute, dispatch_uid="apps.reports.keeping")
        jobs.minute_passed.connect(critical.escalate, dispatch_uid="apps.reports.critical")
        register(phrases.spoken)
        checks.register(fonts)
        post_migrate.connect(_bring_templates, sender=self)


def _bring_templates(**_: Any) -> None:
    from apps.reports import templates_shipping

    templates_shipping.bring()
