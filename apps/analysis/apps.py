from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    name = "apps.analysis"
    verbose_name = _("Analyses")

    def ready(self) -> None:
        """Find every app's kinds of analyses, note how jobs end, and sweep what broken runs have left."""
        from apps.analysis import folders, receivers
        from apps.jobs import events

        autodiscover_modules("analyses")
        events.ending.connect(receivers.on_job_ending, dispatch_uid="apps.analysis.ending")
        events.ended.connect(receivers.on_job_ended, dispatch_uid="apps.analysis.ended")
        events.minute_passed.connect(folders.on_minute, dispatch_uid="apps.analysis.folders")
