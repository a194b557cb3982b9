from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "apps.practice"
    verbose_name = "Practice"

    def ready(self) -> None:
        """Each part listens to what it follows."""
        from apps.practice import events
        from apps.practice.appointments import receivers as appointments
        from apps.worklist import events as worklist

        worklist.step_changed.connect(appointments.on_step_changed, dispatch_uid="apps.practice.appointments.steps")
        worklist.checked_in.connect(appointments.on_checked_in, dispatch_uid="apps.practice.appointments.check-in")
        events.leads_changed.connect(appointments.on_leads_changed, dispatch_uid="apps.practice.appointments.leads")
