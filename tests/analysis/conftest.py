"""A kind of analysis whose work a test chooses, and a study to ask it of."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework import serializers

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis import kinds, working
from apps.analysis.kinds import Choices, Inputs, Kind, Result, Run
from apps.analysis.models import Analysis
from apps.analysis.uids import uid
from apps.archive.models import Instance, Study
from apps.archive.store import Batch, Origin
from apps.core.errors import Invalid
from apps.core.serializers import CamelCaseSerializer
from apps.jobs import worker
from apps.jobs.handle import JobHandle
from apps.saying import say
from tests.dicoms import SERIES_UID, STUDY_UID, ct_series, ct_slice

NAME = "copies"
STEP = say("Copying")


class CopiesSerializer(CamelCaseSerializer):
    """Copies of an image, numbered."""

    series = serializers.CharField(label="Series", max_length=64, default=SERIES_UID)
    how_many = serializers.IntegerField(label="How many", min_value=0, max_value=20, default=2)
    brightness = serializers.FloatField(label="Brightness", min_value=0, max_value=2, default=1.0)
    look = serializers.ChoiceField([("plain", "Plain"), ("bold", "Bold")], label="Look", default="plain")
    is_marked = serializers.BooleanField(label="Marked", default=False)
    arch = serializers.ListField(child=serializers.FloatField(), required=False, max_length=4)


class Copies:
    """The kind's two functions; what a run does is written down, and can be made to fail."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.flags: tuple[str, ...] = ()
        self.study_uid = STUDY_UID
        self.series_uid = ""
        self.error: Exception | None = None

    def inputs_of(self, study: Study, values: dict[str, Any]) -> Inputs:
        found = Instance.objects.filter(series__study=study, series__series_instance_uid=values["series"])
        if not found:
            raise Invalid(errors=[("parameters.series", say("The study has no such series."))])
        hashes = sorted(bytes(each) for each in found.values_list("digest", flat=True))
        digest = hashlib.sha256(b"".join(hashes)).hexdigest()
        return Inputs((values["series"],), digest, self.flags, is_quantifiable=not self.flags)

    def run(self, run: Run) -> Result:
        self.runs.append(run)
        if self.error:
            raise self.error
        return Result(self._files(run), {"look": run.parameters["look"]})

    def _files(self, run: Run) -> Iterator[Path]:
        count = run.parameters["how_many"]
        for number in range(1, count + 1):
            run.tell(number, count, STEP)
            path = run.folder / f"{number}.dcm"
            path.write_bytes(self._copy(run, number))
            yield path

    def _copy(self, run: Run, number: int) -> bytes:
        return ct_slice(
            StudyInstanceUID=self.study_uid,
            SeriesInstanceUID=self.series_uid or uid(run.seed, "series"),
            SOPInstanceUID=uid(run.seed, f"image {number}"),
            SeriesDescription="Copies",
            InstanceNumber=number,
        )

    def choices(self, study: Study) -> Choices:
        own = study.series.exclude(series_description="Copies")
        return {"series": [(row.series_instance_uid, str(row)) for row in own]}


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> Copies:
    """The one kind that there is."""
    made = Copies()
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register(
        Kind(
            NAME, say("Copies"), CopiesSerializer, made.inputs_of, made.run, code_version=3, choices=made.choices,
            flag_text=lambda flag: say("Something about {flag}.", flag=flag),
        )
    )  # fmt: skip
    return made


@pytest.fixture
def study(practice: Practice) -> Study:
    """One with a series of three slices."""
    store(practice, ct_series(3))
    return Study.objects.get()


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def store(practice: Practice, objects: list[bytes]) -> None:
    with Batch(Origin("test", practice.pk, "nora")) as batch:
        for each in objects:
            batch.receive([each])
        batch.commit()


def work(row: Analysis) -> dict[str, Any]:
    """What the worker does with the analysis' job, without catching what it raises."""
    row.refresh_from_db()
    assert row.job_id is not None
    return working.run(JobHandle(row.job_id, 1), row.pk)


def worked(row: Analysis) -> Analysis:
    """The same, to the end of the job; the row as it is then."""
    row.refresh_from_db()
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    return row


def stored(row: Analysis) -> set[str]:
    """The SOP Instance UIDs of its result."""
    row.refresh_from_db()
    found = Instance.objects.filter(series__series_instance_uid__in=row.series_instance_uids)
    return set(found.values_list("sop_instance_uid", flat=True))


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """The tests do their jobs themselves."""
