"""Steps that are planned and studies that arrive, for the tests of what brings them together."""

from datetime import date
from typing import Any

from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep
from apps.worklist.scheduling import Planned
from tests import dicoms
from tests.dicomweb.archive import keep

JANE: dict[str, Any] = {"patient_id": "P1", "patient_name": "Doe^Jane", "patient_birth_date": "19700101"}


def plan(practice: Practice, **facts: Any) -> ScheduledStep:
    """A CT of Jane Doe today, unless the facts say otherwise."""
    planned = Planned(**{**JANE, "modality": "CT", "start_date": timezone.localdate(), **facts})
    return scheduling.schedule(practice.pk, planned, Principal.worker(practice.pk, "tests"))


def arrive(practice: Practice, *, day: date | None = None, **attributes: Any) -> Study:
    """A study of one CT slice of Jane Doe, made today by a device that knows no worklist."""
    known = {"PatientID": "P1", "PatientName": "Doe^Jane", "PatientBirthDate": "19700101", "AccessionNumber": None}
    made = f"{day or timezone.localdate():%Y%m%d}"
    data = dicoms.ct_slice(**{**known, "StudyDate": made, **attributes})
    keep(practice, data)
    uid = attributes.get("StudyInstanceUID", dicoms.STUDY_UID)
    return Study.objects.get(practice=practice, study_instance_uid=uid)
