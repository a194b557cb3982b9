"""Steps for tests: a plan with what each must have, and whoever plans it."""

from dataclasses import replace
from datetime import date, time
from typing import Any

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep
from apps.worklist.scheduling import Planned

DAY = date(2024, 5, 17)
PLAN = Planned(
    patient_id="P1",
    patient_name="Doe^Jane",
    patient_birth_date="19800102",
    patient_sex="F",
    modality="PX",
    start_date=DAY,
    start_time=time(9, 30),
    station_titles="PANO1",
    description="Panoramic X-ray",
    performing_physician="Strange^Stephen",
)


def planner(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, "planner")


def plan(practice: Practice, **changes: Any) -> ScheduledStep:
    """A step of the practice that differs so from `PLAN`."""
    return scheduling.schedule(practice.pk, replace(PLAN, **changes), planner(practice), source="test")
