from django.apps import AppConfig


class HL7Config(AppConfig):
    name = "apps.hl7"
    verbose_name = "HL7"

    def ready(self) -> None:
        from apps.hl7 import changes, retention
        from apps.jobs import events as jobs

        changes.connect()
        jobs.minute_passed.connect(retention.on_minute, dispatch_uid="apps.hl7.retention")
