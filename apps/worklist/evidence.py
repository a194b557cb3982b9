"""What a study that arrived says about its appointment: its numbers, its patient, its day, and each of its series."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.archive.models import RequestAttributes, Series, Study
from apps.worklist.identity import Person
from apps.worklist.wording import day_of

# Made from images, later and by others than the device: they tell neither what was planned nor that it has begun.
NOT_ACQUIRED: Final = frozenset((
    "SR", "PR", "KO", "SEG", "REG", "FID", "DOC", "PLAN", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "RWV", "AU",
    "M3D", "STAIN", "OSS", "ANN",
))  # fmt: skip
MOST_SERIES: Final = 500


@dataclass(frozen=True, slots=True)
class Part:
    """A series: its modality, the station that made it, and the steps that it names (0040,0275)."""

    modality: str
    station: str = ""
    step_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A study as it arrived; `day` is its Study Date, None where that is no date."""

    study: int
    study_instance_uid: str
    accession_numbers: frozenset[str]
    person: Person
    day: date | None
    parts: tuple[Part, ...]


def of(study: Study) -> Arrived:
    """What the study says now. Series that no device acquired are left out."""
    every = list(study.series.order_by("pk").only("pk", "modality", "station_name")[:MOST_SERIES])
    series = [each for each in every if each.modality not in NOT_ACQUIRED]
    asked = list(RequestAttributes.objects.filter(series__in=[each.pk for each in series]))
    accessions = {study.accession_number, *(each.accession_number for each in asked)}
    return Arrived(
        study=study.pk,
        study_instance_uid=study.study_instance_uid,
        accession_numbers=frozenset(filter(None, (each.strip() for each in accessions))),
        person=person_of(study),
        day=day_of(study.study_date),
        parts=tuple(_parts(series, asked)),
    )


def person_of(study: Study) -> Person:
    """Whom the images show, as they say now."""
    return Person(study.patient_identifier, study.patient_id_issuer, study.patient_name, study.patient_birth_date)


def _parts(series: Iterable[Series], asked: Iterable[RequestAttributes]) -> Iterator[Part]:
    named: dict[int, set[str]] = {}
    for each in asked:
        if each.scheduled_procedure_step_id:
            named.setdefault(each.series_id, set()).add(each.scheduled_procedure_step_id)
    for each_series in series:
        ids = frozenset(named.get(each_series.pk, ()))
        yield Part(each_series.modality, each_series.station_name, ids)
