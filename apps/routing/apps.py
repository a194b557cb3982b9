from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "apps.routing"
    verbose_name = _("Routing")

    def ready(self) -> None:
        from apps.archive import events
        from apps.jobs import events as jobs
        from apps.routing import interest, noting, prefetch, receivers
        from apps.routing.alarms import raising
        from apps.routing.commitments import requests
        from apps.worklist.events import step_changed

        events.within_store(noting.note)
        interest.connect()
        jobs.minute_passed.connect(raising.on_minute, dispatch_uid="apps.routing.alarms")
        jobs.minute_passed.connect(requests.on_minute, dispatch_uid="apps.routing.commitments")
        prefetch.connect()
        step_changed.connect(receivers.on_step_changed, dispatch_uid="apps.routing.receivers")
