"""ImagingStudy (FHIR R4) of a study of the archive; its instances are to be had by DICOMweb."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.utils.timezone import get_default_timezone

from apps.archive.growing import modalities_of
from apps.archive.models import Series, Study
from apps.dicom.spoken import spoken_name, unturned
from apps.fhir import terms
from apps.fhir.datatypes import Json, coding, filled, identifier, named, reference, versioned

KIND: Final = "ImagingStudy"
STATUS: Final = "available"
# A series always has a modality in FHIR; DICOM's word for none of the others.
OTHER: Final = "OT"


def of_study(study: Study, series: Iterable[Series], subject: Json, steps: Iterable[int], endpoint: str) -> Json:
    """`subject` is a Reference, `steps` the keys of the steps that it came of, `endpoint` an id."""
    resource = {
        "identifier": [each for each in _identifiers(study) if each],
        "status": STATUS,
        "modality": [coding(terms.DCM, each) for each in sorted(modalities_of(study.modalities))],
        "subject": subject,
        "started": moment(study.study_date, study.study_time),
        "basedOn": [reference("ServiceRequest", pk) for pk in steps],
        "referrer": named(spoken_name(study.referring_physician_name), "Practitioner"),
        "endpoint": [reference("Endpoint", endpoint)],
        "numberOfSeries": study.series_count,
        "numberOfInstances": study.instance_count,
        "description": unturned(study.study_description),
        "series": [_series(each) for each in series],
    }
    return versioned(resource, KIND, study.pk, study.updated_at)


def moment(day: str, at: str) -> str | None:
    """DA and TM (PS3.5 6.2) as a dateTime, by the site's clock; None for what is no date."""
    digits = at.partition(".")[0].strip()
    try:
        date = datetime.strptime(day, "%Y%m%d").replace(tzinfo=get_default_timezone()) if len(day) == 8 else None
    except ValueError:
        return None
    if date is None:
        return None
    timed = _timed(date, digits)
    return timed.isoformat() if timed else date.date().isoformat()


def _timed(day: datetime, digits: str) -> datetime | None:
    """A day with a time of at least hours and minutes."""
    if not (digits.isascii() and digits.isdigit() and len(digits) in (4, 6)):
        return None
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:] or 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return day.replace(hour=hour, minute=minute, second=min(second, 59))


def _identifiers(study: Study) -> Iterator[Json]:
    yield identifier(f"{terms.OID}{study.study_instance_uid}", terms.DICOM_UID)
    yield identifier(study.accession_number, terms.ACCESSION, terms.TYPE_ACCESSION)


def _series(series: Series) -> Json:
    site = filled({"display": series.body_part_examined})
    return filled(
        {
            "uid": series.series_instance_uid,
            "number": series.series_number if (series.series_number or -1) >= 0 else None,
            "modality": coding(terms.DCM, series.modality or OTHER),
            "description": unturned(series.series_description),
            "numberOfInstances": series.instance_count,
            "bodySite": site,
            "started": moment(series.performed_start_date, series.performed_start_time),
        }
    )
