"""`manage.py worklist`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.worklist.models import ScheduledStep

ADD = (
    "add",
    "--patient-id",
    "P1",
    "--name",
    "Doe, Jane",
    "--modality",
    "px",
    "--date",
    "2024-05-17",
    "--time",
    "09:30",
)


def worklist(*arguments: str) -> str:
    out = StringIO()
    call_command("worklist", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_step_is_added_listed_and_cancelled(practice: Practice) -> None:
    said = worklist(*ADD, "--birth-date", "1980-01-02", "--station", "PANO1")
    step = ScheduledStep.objects.get()
    assert step.accession_number in said
    assert (step.patient_name, step.modality, step.patient_birth_date) == ("Doe^Jane", "PX", "19800102")
    listed = worklist("list", "--date", "2024-05-17")
    for text in ("09:30", step.step_id, "Scheduled", "PANO1", "Doe, Jane"):
        assert text in listed
    assert "cancelled" in worklist("cancel", step.step_id, "--reason", "Called off")
    assert "Nothing is planned" in worklist("list", "--date", "2024-05-17")
    assert "Cancelled" in worklist("list", "--date", "2024-05-17", "--all")
    event = Event.objects.latest("pk")
    assert (event.actor, event.reason, event.source) == ("operator", "Called off", "manage.py worklist")


def test_files_are_brought_in(practice: Practice, tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text("patient_id,patient_name,modality,start_date\nP1,Doe^Jane,PX,2024-05-17\n")
    assert "1 planned" in worklist("import", str(table))
    table.write_text("patient_id,patient_name,modality,start_date\nP1,Doe^Jane,PX,never\n")
    with pytest.raises(CommandError, match="not taken"):
        worklist("import", str(table))


@pytest.mark.parametrize(
    "arguments",
    [("cancel", "S1"), ("import", "/no/such/file"), (*ADD, "--practice", "West"), (*ADD, "--accession", "A" * 17)],
)
def test_what_is_wrong_is_said(practice: Practice, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        worklist(*arguments)
    assert not ScheduledStep.objects.exists()
