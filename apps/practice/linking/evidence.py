"""What else than the images' patient tells whose a study is: its appointment, and who was expected that day."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.utils import timezone

from apps.archive.growing import modalities_of
from apps.archive.models import Study
from apps.dicom.names import fold
from apps.practice.models import Appointment, AppointmentState
from apps.worklist.wording import day_of


def appointed(study: Study) -> int | None:
    """The lead of the appointment that the study was planned as (by its worklist step); None where there is not one."""
    planned = Appointment.objects.filter(step__study=study).exclude(state=AppointmentState.CANCELLED)
    leads = set(planned.order_by().values_list("lead", flat=True)[:2])
    return leads.pop() if len(leads) == 1 else None


def expected(study: Study, lead_pks: Iterable[int]) -> set[int]:
    """Those of the leads who were expected on the study's day for one of its modalities, and at its station."""
    day = day_of(study.study_date)
    if day is None:
        return set()
    start = timezone.make_aware(datetime.combine(day, time.min))
    booked = Appointment.objects.filter(
        practice=study.practice_id, lead__in=list(lead_pks), start_at__gte=start, start_at__lt=start + timedelta(days=1)
    ).exclude(state__in=(AppointmentState.CANCELLED, AppointmentState.NO_SHOW))
    kinds, stations = modalities_of(study.modalities), _stations(study)
    return {
        each.lead_id
        for each in booked.only("lead", "modality", "station_title")
        if each.modality in kinds and (not each.station_title or not stations or fold(each.station_title) in stations)
    }


def _stations(study: Study) -> set[str]:
    names = study.series.order_by().values_list("station_name", flat=True).distinct()[:50]
    return {fold(name) for name in names if name}
