"""Somebody who is expected, a study that nobody expected, and where priors come from: for the walk of addresses."""

import json
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis.models import Analysis
from apps.archive.models import Instance, Patient, Study
from apps.calcium.models import ReferenceTable
from apps.core.sealed import seal
from apps.dictation.models import Correction, Dictation
from apps.fhir.models import Identifier
from apps.hl7.models import Message, Sender, Stranger
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.lesions.models import FoundAs, Lesion, LesionFinding, Role
from apps.lesions.organs import Organ
from apps.measurements.models import Measurement, MeasurementReport
from apps.notifications.models import Contact, Notification, Policy, Watch
from apps.practice.matching.weights import SHIPPED
from apps.practice.models import Appointment, Batch, Lead, Match, MatchingWeights, MatchState, Orthanc, XRay
from apps.practice.xrays import rows
from apps.remotes.models import Remote
from apps.reports.models import (
    CriticalFinding,
    Distribution,
    Letterhead,
    Phrase,
    Report,
    ReportTemplate,
    Signatory,
    Signature,
    SigningCertificate,
)
from apps.reports.storing import store_outputs
from apps.reports.templates_taking import take_in
from apps.routing.models import Prefetch, PrefetchAnswer, PrefetchSource
from apps.segmentation.models import Segmentation, SegmentRow
from apps.uploads.models import Upload
from apps.video.cameras.models import Procedure
from apps.video.live.models import Recording
from apps.video.models import MaskTemplate, PracticePolicy, Video
from apps.webhooks.models import Delivery, Event, Webhook
from apps.worklist.models import Reason, ScheduledStep, UnplannedStudy
from tests.practice.appointments.booked import book, lead_of
from tests.reports.objects.signed import PDF, report_of, sign
from tests.reports.templates.sources import source as template_source
from tests.rights import give
from tests.worklist.arriving import plan

PLACES: dict[str, type[Model]] = {
    "admin/calcium/referencetable/": ReferenceTable,
    "admin/worklist/scheduledstep/": ScheduledStep,
    "admin/worklist/unplannedstudy/": UnplannedStudy,
    "admin/worklist/unplannedstudy/step/": ScheduledStep,
    "api/worklist/steps/": ScheduledStep,
    "api/worklist/unplanned/": UnplannedStudy,
    "api/dental/dicom/worklist/": ScheduledStep,
    "api/appointments/": Appointment,
    "api/fhir/Appointment/": Appointment,
    "api/fhir/ImagingStudy/": Study,
    "api/fhir/Patient/": Lead,
    "api/fhir/ServiceRequest/": ScheduledStep,
    "admin/practice/appointment/": Appointment,
    "admin/webhooks/webhook/": Webhook,
    "admin/webhooks/delivery/": Delivery,
    "api/webhooks/": Webhook,
    "api/webhook-deliveries/": Delivery,
    "api/leads/": Lead,
    "admin/practice/lead/": Lead,
    "api/orthancs/": Orthanc,
    "admin/practice/orthanc/": Orthanc,
    "api/dental/xrays/": XRay,
    "admin/practice/batch/": Batch,
    "api/uploads/": Upload,
    "admin/practice/xray/": XRay,
    "admin/practice/match/": Match,
    "admin/practice/matchingweights/": MatchingWeights,
    "api/matches/": Match,
    "admin/hl7/sender/": Sender,
    "admin/hl7/stranger/": Stranger,
    "admin/hl7/message/": Message,
    "api/hl7/senders/": Sender,
    "api/hl7/unknown-senders/": Stranger,
    "api/hl7/messages/": Message,
    "admin/routing/prefetch/": Prefetch,
    "admin/routing/prefetchsource/": PrefetchSource,
    "admin/notifications/notification/": Notification,
    "admin/notifications/policy/": Policy,
    "admin/notifications/watch/": Watch,
    "api/notifications/contacts/": Contact,
    "api/notifications/devices/": Watch,
    "notifications/contacts/": Contact,
    "api/prefetch/": Prefetch,
    "api/prefetch/sources/": PrefetchSource,
    "api/analyses/": Analysis,
    "admin/analysis/analysis/": Analysis,
    "admin/analysis/analysis/new/": Study,
    "api/measurements/": Measurement,
    "api/segmentations/": Segmentation,
    "api/lesions/": Lesion,
    "admin/lesions/lesion/": Lesion,
    "admin/lesions/lesion/of/": Patient,
    "api/fhir/Observation/": Measurement,
    "admin/measurements/measurement/": Measurement,
    "api/videos/": Video,
    "api/videos/masks/": MaskTemplate,
    "api/videos/procedures/": Procedure,
    "api/videos/recordings/": Recording,
    "admin/video/video/": Video,
    "admin/video/procedure/": Procedure,
    "admin/video/recording/": Recording,
    "admin/video/masktemplate/": MaskTemplate,
    "admin/video/practicepolicy/": PracticePolicy,
    "api/dictations/": Dictation,
    "api/dictation-corrections/": Correction,
    "admin/dictation/correction/": Correction,
    "api/report-templates/": ReportTemplate,
    "admin/reports/reporttemplate/": ReportTemplate,
    "api/critical-findings/": CriticalFinding,
    "api/reports/": Report,
    "api/phrases/": Phrase,
    "admin/reports/phrase/": Phrase,
    "admin/reports/letterhead/": Letterhead,
    "admin/reports/report/": Report,
    "admin/reports/studytoreport/": Study,
    "api/fhir/DiagnosticReport/": Report,
    "api/fhir/Binary/": Signature,
    "admin/reports/criticalfinding/": CriticalFinding,
    "admin/reports/signingcertificate/": SigningCertificate,
    "admin/reports/distribution/": Distribution,
    "admin/reports/signatory/": Signatory,
    "admin/reports/criticalfinding/new/": Study,
}


def of_practice(practice: Practice, study: Study) -> dict[type[Model], Any]:
    """One of each, all of the same patient."""
    step = plan(practice, patient_name="Doe^Xanthippe", step_id="XENOLOGY")
    remote = Remote.objects.create(practice=practice, name="secret-work of old", title="XENOLOGY", host="::1", port=1)
    source = PrefetchSource.objects.create(practice=practice, remote=remote)
    patient = {"patient_id": step.patient_id, "patient_name": step.patient_name}
    prefetch = Prefetch.objects.create(practice=practice, day=timezone.localdate(), step=step, **patient)
    PrefetchAnswer.objects.create(prefetch=prefetch, source=source, outcome="nothing", detail="secret-work")
    unplanned = UnplannedStudy.objects.create(practice=practice, study=study, reason=Reason.SEVERAL)
    appointment = book(practice, lead_of(practice, given_name="Xanthippe", external_id="P-1"))
    Identifier.objects.create(practice=practice, lead=appointment.lead, value="secret-work")
    of_worklist = {ScheduledStep: step, UnplannedStudy: unplanned, Appointment: appointment, Lead: appointment.lead}
    orthanc = Orthanc.objects.create(practice=practice, name="secret-work", url="http://127.0.0.1:1")
    rows.keep(study.pk)
    xray = XRay.objects.filter(study=study).latest("pk")
    job = Job.objects.create(practice=practice, kind="practice-batch")
    batch = Batch.objects.create(practice=practice, job=job, source="secret-work", folder="x", total=1, size=1)
    batch.files.create(key="0", name="Xanthippe.dcm", size=1, outcome="refused", detail="secret-work")
    sender = User.objects.create_user("sender of uploads", practice=practice)
    upload = Upload.objects.create(
        practice=practice, user=sender, name="Xanthippe.zip", length=9, expires_at=timezone.now() + timedelta(hours=1)
    )
    of_practice: dict[type[Model], Any] = {
        Orthanc: orthanc,
        XRay: xray,
        Batch: batch,
        Upload: upload,
        ReferenceTable: ReferenceTable.objects.create(name="secret-work", citation="-", sha256="", groups=[]),
        Analysis: Analysis.objects.create(
            study=study, kind="secret-work", reason="secret-work", last_state="failed", fingerprint="0"
        ),
        Measurement: _measurement(study),
        Segmentation: _segmentation(study),
        Lesion: _lesion(study),
        CriticalFinding: _critical(study),
        SigningCertificate: SigningCertificate.objects.create(
            practice=practice,
            chain="secret-work",
            key="",
            subject="secret-work",
            fingerprint="",
            valid_until=timezone.now(),
        ),
        Distribution: Distribution.objects.create(practice=practice, email="secret-work@example.org"),
        Signatory: _signatory(practice),
        Letterhead: Letterhead.objects.create(practice=practice, name="secret-work"),
        Phrase: Phrase.objects.create(practice=practice, language="en", name="secret-work", text="XENOLOGY"),
        **_of_reports(study),
        ReportTemplate: _template(practice),
        Dictation: Dictation.objects.create(
            practice=practice, user=sender, language="en", mode="text", text="secret-work"
        ),
        Correction: Correction.objects.create(practice=practice, language="en", heard="secret-work", meant="XENOLOGY"),
        **_of_matching(study),
        **_of_webhooks(practice),
        **_of_hl7(practice),
        **_of_videos(practice),
    }
    return {**of_worklist, PrefetchSource: source, Prefetch: prefetch, **of_practice}


def of_notifications(practice: Practice, remote: Remote, user: User) -> dict[type[Model], Any]:
    """What somebody was told and where they get messages; what the practice decides."""
    here: dict[str, Any] = {"practice": practice}
    values = {"job": "secret-work"}
    return {
        Notification: Notification.objects.create(**here, user=user, kind="job_failed", values=values),
        Contact: Contact.objects.create(user=user, name="secret-work", service="tgram", sealed=seal("tgram://1/2")),
        Policy: Policy.objects.create(**here),
        Watch: Watch.objects.create(**here, remote=remote),
    }


def _of_webhooks(practice: Practice) -> dict[type[Model], Any]:
    """A webhook to this machine, which is not called, and what it could not be told."""
    webhook = Webhook.objects.create(
        practice=practice, name="secret-work", url="http://127.0.0.1:1/", events=["job.finished"], secret=seal("whsec_")
    )
    event = Event.objects.create(practice=practice, kind="job.finished", subject="secret-work", data={})
    delivery = Delivery.objects.create(
        webhook=webhook, event=event, subject="secret-work", state="given_up", next_at=None, answer="secret-work"
    )
    return {Webhook: webhook, Delivery: delivery}


def _of_hl7(practice: Practice) -> dict[type[Model], Any]:
    """A sender, a message of its that was refused, and one that nobody knows."""
    here: dict[str, Any] = {"practice": practice}
    sender = Sender.objects.create(**here, name="secret-work", networks="127.0.0.1", application="XENOLOGY")
    stranger = Stranger.objects.create(**here, application="XENOLOGY", address="127.0.0.1", reason="secret-work")
    message = Message.objects.create(
        **here, sender=sender, control_id="XENOLOGY", digest="0", size=1, kind="ADT^A04", state="refused", answer="AE",
        detail="secret-work", content=seal("MSH|^~\\&|XENOLOGY\rPID|1||P1||Doe^Xanthippe"),
    )  # fmt: skip
    return {Sender: sender, Stranger: stranger, Message: message}


def _of_videos(practice: Practice) -> dict[type[Model], Any]:
    """A film that could not be converted, what covers names in others, and how the practice wants them."""
    procedure = Procedure.objects.create(practice=practice, alignment="times")
    procedure.cameras.create(number=1, name="secret-work", file_name="Xanthippe.mp4", size=1, sha256="")
    video = Video.objects.create(
        practice=practice, source="secret-work", name="Xanthippe.mp4", size=1, folder="secret-work", batch="x",
        last_state="failed", reason="secret-work", metadata={"patient": {"name": "Doe^Xanthippe"}}, has_file=False,
    )  # fmt: skip
    recording = Recording.objects.create(
        practice=practice, name="secret-work", place="secret-work", folder="secret-work", state="done",
        segment_seconds=60, most_seconds=600, study_instance_uid="1.2.840.999.7", series_instance_uid="1.2.840.999.8",
    )  # fmt: skip
    return {
        Video: video,
        Procedure: procedure,
        Recording: recording,
        MaskTemplate: MaskTemplate.objects.create(practice=practice, name="secret-work"),
        PracticePolicy: PracticePolicy.objects.create(practice=practice),
    }


def _measurement(study: Study) -> Measurement:
    """What is said to have been measured in the study."""
    now = timezone.now()
    report = MeasurementReport.objects.create(
        instance=Instance.objects.filter(series__study=study).latest("pk"), study=study, digest=b"", reader=1,
        title="secret-work", observer="Doe^Xanthippe", content_at=now,
    )  # fmt: skip
    return Measurement.objects.create(
        report=report, study=study, group=1, number=1, label="secret-work", concept_value="XENOLOGY", value=1.0,
        measured_at=now,
    )  # fmt: skip


def _segmentation(study: Study) -> Segmentation:
    """What is said to have been segmented in the study."""
    instance = Instance.objects.filter(series__study=study).latest("pk")
    row = Segmentation.objects.create(
        instance=instance, study=study, digest=bytes(instance.digest), reader=1, is_labelmap=True,
        is_machine_made=False, description="secret-work",
    )  # fmt: skip
    SegmentRow.objects.create(segmentation=row, number=1, label="XENOLOGY", colour="#000000")
    return row


def _lesion(study: Study) -> Lesion:
    """What is said to have been found again in the study."""
    row = Lesion.objects.create(
        study=study, tracking_uid="1.2.3", name="secret-work", organ=Organ.LIVER, role=Role.TARGET
    )
    LesionFinding.objects.create(lesion=row, study=study, state=FoundAs.ABSENT)
    return row


def _template(practice: Practice) -> ReportTemplate:
    source = template_source(title="secret-work", identifier="XENOLOGY")
    who = Principal.worker(practice.pk)
    return take_in(who, practice, source).template


def _of_reports(study: Study) -> dict[type[Model], Any]:
    """A report of the study that is signed and stored."""
    image = {"studyInstanceUid": "1.2.3", "seriesInstanceUid": "1.2.3", "sopClassUid": "1.2", "sopInstanceUid": "1.2.3"}
    report = report_of(study, content={"keyImages": [image]})
    report.revisions.create(number=1, status=report.status, content=report.content, changed_at=report.changed_at)
    signature = sign(report)
    store_outputs(signature, PDF, JobHandle(0, 1))
    signature.stored_at = signature.signed_at
    signature.save(update_fields=["stored_at"])
    return {Report: report, Signature: signature}


def _signatory(practice: Practice) -> Signatory:
    """Somebody of the practice who signs."""
    user = User.objects.create_user("xenologist who signs", practice=practice)
    give(user, practice)
    return Signatory.objects.create(user=user, credentials="secret-work")


def _critical(study: Study) -> CriticalFinding:
    """What somebody must know of the study."""
    now = timezone.now()
    row = CriticalFinding.objects.create(study=study, urgency="hours", text="secret-work", raised_at=now, due_at=now)
    row.steps.create(at=now, what="secret-work")
    return row


def _of_matching(study: Study) -> dict[type[Model], Any]:
    match = Match.objects.create(practice=study.practice, study=study, state=MatchState.REVIEW, notes=["secret-work"])
    weights = MatchingWeights.objects.create(
        practice=study.practice, version=1, weights=json.loads(SHIPPED.to_json()), learnt_by="xenologist"
    )
    return {Match: match, MatchingWeights: weights}
