from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticeConfig(AppConfig):
    name = "apps.practice"
    verbose_name = _("Practice")

    def ready(self) -> None:
        """Each part listens to what it follows."""
        from apps.archive import events as archive
        from apps.jobs import events as jobs
        from apps.practice import events
        from apps.practice.appointments import receivers as appointments
        from apps.practice.batches import receivers as batches
        from apps.practice.batches import uploading
        from apps.practice.leads.importing import staging as leads
        from apps.practice.linking import receivers as linking
        from apps.practice.orthancs import retrying as orthancs
        from apps.practice.xrays import receivers as xrays
        from apps.uploads.resumable import takers
        from apps.worklist import events as worklist

        takers.register(uploading.PURPOSE, uploading.Batches(), is_usual=True)
        worklist.step_changed.connect(appointments.on_step_changed, dispatch_uid="apps.practice.appointments.steps")
        worklist.checked_in.connect(appointments.on_checked_in, dispatch_uid="apps.practice.appointments.check-in")
        events.leads_changed.connect(appointments.on_leads_changed, dispatch_uid="apps.practice.appointments.leads")
        jobs.minute_passed.connect(batches.on_minute, dispatch_uid="apps.practice.batches")
        jobs.minute_passed.connect(leads.on_minute, dispatch_uid="apps.practice.leads.tables")
        jobs.minute_passed.connect(orthancs.on_minute, dispatch_uid="apps.practice.orthancs")
        archive.stored.connect(linking.on_stored, dispatch_uid="apps.practice.linking.stored")
        archive.settled.connect(linking.on_settled, dispatch_uid="apps.practice.linking.settled")
        archive.corrected.connect(linking.on_corrected, dispatch_uid="apps.practice.linking.corrected")
        events.leads_changed.connect(linking.on_leads_changed, dispatch_uid="apps.practice.linking.leads")
        archive.stored.connect(xrays.on_stored, dispatch_uid="apps.practice.xrays.stored")
        archive.settled.connect(xrays.on_settled, dispatch_uid="apps.practice.xrays.settled")
        events.matched.connect(xrays.on_matched, dispatch_uid="apps.practice.xrays.matched")
