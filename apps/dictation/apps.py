from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DictationConfig(AppConfig):
    name = "apps.dictation"
    verbose_name = _("Dictation")

    def ready(self) -> None:
        """Note how jobs end, and forget what is old."""
        from apps.dictation import receivers
        from apps.jobs import events

        events.ending.connect(receivers.on_job_ending, dispatch_uid="apps.dictation.ending")
        events.minute_passed.connect(receivers.on_minute, dispatch_uid="apps.dictation.minute")
