"""What a scheduled step, an appointment or a lead says of a film, in the words of a sidecar (`objects.sidecar`)."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from apps.practice.models import Appointment, Lead
from apps.video.objects.presets import preset_for
from apps.video.objects.uids import seed, uid
from apps.worklist.models import ScheduledStep

Told = dict[str, Any]
# Of one sequence of codes.
MOST_CODES: Final = 20


def of_step(step: ScheduledStep) -> Told:
    """The patient, the study and what was scheduled; films of a step make one study."""
    return {
        "preset": preset_for(step.modality),
        "patient": of_patient(step),
        "study": {
            "uid": step.study_instance_uid or uid(seed("step", str(step.practice_id), str(step.pk)), "study"),
            "id": step.requested_procedure_id,
            "accessionNumber": step.accession_number,
            "description": step.requested_description or step.description,
            "referringPhysician": step.referring_physician,
            "procedures": _codes(step.attributes, "00321064"),
            "started": timezone.localtime(step.started_at).isoformat() if step.started_at else None,
        },
        "series": {"performingPhysician": step.performing_physician},
        "requested": {
            "procedureId": step.requested_procedure_id,
            "procedureDescription": step.requested_description,
            "stepId": step.step_id,
            "stepDescription": step.description,
            "stepCodes": _codes(_inner(step.attributes), "00400008"),
            "studyUid": step.study_instance_uid,
        },
    }


def of_patient(step: ScheduledStep) -> Told:
    return {
        "id": step.patient_id,
        "issuer": step.issuer,
        "name": step.patient_name,
        "birthDate": _iso(step.patient_birth_date),
        "sex": step.patient_sex,
    }


def of_appointment(appointment: Appointment) -> Told:
    """Of its step where it has one; else the lead, and one study for the visit."""
    if appointment.step:
        return of_step(appointment.step)
    study = uid(seed("appointment", str(appointment.practice_id), str(appointment.pk)), "study")
    return {
        "preset": preset_for(appointment.modality),
        "patient": of_lead(appointment.lead),
        "study": {"uid": study, "description": appointment.description},
    }


def of_lead(lead: Lead) -> Told:
    """The lead as a patient."""
    return {
        "id": lead.dicom_patient_id,
        "name": lead.dicom_name,
        "birthDate": lead.birth_date.isoformat() if lead.birth_date else None,
        "sex": lead.sex,
    }


def _iso(day: str) -> str | None:
    """YYYYMMDD with hyphens; None for none."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else None


def _inner(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step's own sequence says (0040,0100)."""
    values = attributes.get("00400100", {}).get("Value") or [{}]
    return values[0] or {}


def _codes(attributes: Mapping[str, Any], tag: str) -> list[Told]:
    items = (attributes.get(tag, {}).get("Value") or [])[:MOST_CODES]
    told = [
        {"value": _first(item, "00080100"), "scheme": _first(item, "00080102"), "meaning": _first(item, "00080104")}
        for item in items
    ]
    return [each for each in told if all(each.values())]


def _first(item: Mapping[str, Any], tag: str) -> str:
    values = item.get(tag, {}).get("Value") or [""]
    return str(values[0])
